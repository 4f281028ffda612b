import Domain

/// A rule as its file writes it.
struct RuleFile: Sendable {
    var name: Located<String>?
    var isEnabled: Bool
    var onlyObserves: Bool
    var forEach: Located<String>?
    var match: [Located<Matcher>]
    var extract: [(path: Located<String>, pattern: Located<Pattern>)]
    /// True when a pattern could not be read: then nobody knows which variables there are.
    var isExtractBroken: Bool
    var run: Located<String>?
    var with: [LocatedValue.Member]
    var guards: GuardsFile?
    var verify: VerifyFile?
    var otherwise: [RemedyFile]
    var escalate: [Located<PlaceTemplate>]
    var report: [Located<PlaceTemplate>]
    var examples: [RuleExampleFile]
    var location: SourceLocation

    /// Reads a whole file.
    init(_ reader: inout KeyReader) {
        name = reader.one(
            "rule", .text(.command), "Its name, which is the file's name too", isRequired: true,
            Convert.text(.command, "'rule'"))
        isEnabled =
            reader.one(
                "enabled", .flag, "False: it is checked and matches nothing", default: "true", Convert.flag("'enabled'")
            )?
            .value ?? true
        let modes = ["act", "observe"]
        onlyObserves =
            reader.one(
                "mode", .choice(modes), "With observe it records and reports what it would run, and runs nothing",
                default: "act", Convert.choice("'mode'", of: modes))?.value == "observe"
        let scopes = RuleDefinition.ForEach.allCases.map(\.rawValue)
        forEach = reader.one(
            "for_each", .choice(scopes),
            "With group, all alerts that Alertmanager sends in one group make one job, which ends with the whole group",
            default: "alert", Convert.choice("'for_each'", of: scopes))
        match =
            reader.many(
                "match", .matcher, "Conditions on the event's fields that must all hold", isRequired: true,
                Convert.matcher) ?? []
        extract = reader.map(
            "extract", .pattern,
            "Paths, each with a regular expression whose named groups become variables; all must match",
            Convert.pattern
        )
        .map { (path: $0.name, pattern: $0.value) }
        isExtractBroken = extract.count < reader.value["extract"]?.members?.count ?? 0
        run = reader.one("run", .text(nil), "The command it runs", isRequired: true, Convert.text(nil, "'run'"))
        with =
            reader.map("with", .anything, "The command's arguments") { value throws(Problem) in value }
            .map { LocatedValue.Member(name: $0.name.value, location: $0.name.location, value: $0.value.value) }
        guards = reader.section("guards", "guards", "What keeps it from making things worse", GuardsFile.init)
        verify = reader.section("verify", "verify", "What proves that the job had its effect", VerifyFile.init)
        otherwise =
            reader.sections(
                "otherwise", "remedy",
                "Remedies that follow one after the other when the one before failed, timed out or its effect is missing",
                atMost: RemedyDefinition.most, RemedyFile.init) ?? []
        escalate =
            reader.many(
                "escalate", .calledPlace,
                "Places that are told, and lists of people on call who are called, when it fails and no remedy is left",
                atMost: 10, Convert.calledPlace)
            ?? []
        report =
            reader.many(
                "report", .placeTemplate, "Where its jobs are reported; the settings' places when there are none",
                atMost: 10, Convert.placeTemplate) ?? []
        examples = reader.oneOrMore(
            "example", "example", "A recorded payload, and what the rule must make of it", RuleExampleFile.init)
        location = reader.value.location
    }
}

/// One example of a rule.
struct RuleExampleFile: Sendable {
    var file: Located<String>?
    var runs: Located<String>?
    var event: Located<String>?

    /// What stands under `runs` when the rule must run nothing.
    static let nothing = "nothing"

    /// Reads the map.
    init(_ reader: inout KeyReader) {
        file = reader.one(
            "file", .text(nil), "A payload beside the rule's file", isRequired: true, Convert.text(nil, "'file'"))
        runs = reader.one(
            "runs", .text(nil), "The command line that it must run, or 'nothing'", isRequired: true,
            Convert.text(nil, "'runs'"))
        event = reader.one(
            "event", .text(.eventKind), "The kind of event, which GitHub says in a header",
            Convert.text(.eventKind, "'event'"))
    }
}
