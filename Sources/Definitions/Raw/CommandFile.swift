import Domain

/// A command as its file writes it; names and templates are not checked against anything yet.
struct CommandFile: Sendable {
    var name: Located<String>?
    var summary: Located<String>?
    var arguments: [ArgumentFile]
    var roles: [Located<String>]?
    var channels: [Located<Place>]?
    var locks: [LockFile]
    var timeout: Located<Duration>?
    var startWithin: Located<Duration>?
    /// Nil when the file has no such key.
    var steps: [StepFile]?
    var onFailure: OnFailureFile?
    var onSuccess: Located<String>?
    var offers: [OfferFile]
    var examples: [Located<String>]
    var report: [Located<PlaceTemplate>]?
    var supersedes: Located<String>?
    var about: Located<String>?
    var schedule: ScheduleFile?
    var isQuiet: Bool
    var guards: GuardsFile?
    var isUpkeep: Bool
    var approvals: [ApprovalFile]
    var confirm: Located<Bool>?
    var verify: VerifyFile?
    var defaultSubcommand: Located<String>?
    var subcommands: [CommandFile]
    /// The keys that were written, with their places.
    var keys: [Located<String>]
    var location: SourceLocation

    /// How long a job may run unless the file says otherwise.
    static let usualTimeout = Duration.seconds(30 * 60)

    /// Reads a whole file.
    static func file(_ reader: inout KeyReader) -> CommandFile {
        let name = reader.one(
            "command", .text(.command), "Its name, which is the file's name too", isRequired: true,
            Convert.text(.command, "'command'"))
        return CommandFile(&reader, name: name)
    }

    private init(_ reader: inout KeyReader, name: Located<String>?) {
        self.name = name
        summary = reader.one(
            "summary", .text(nil), "One line for the help", isRequired: true, Convert.text(nil, "'summary'"))
        arguments = reader.named("arguments", "argument", "Its arguments, in the order of their positions", atMost: 32)
        {
            ArgumentFile(&$1, name: $0)
        }
        roles = reader.many(
            "roles", .text(.name),
            "Who may run it: people with any one of these roles; everybody known when it is empty",
            Convert.text(.name, "a role"))
        channels = reader.many(
            "channels", .place,
            "Where people may ask for it: slack:C0123456789, slack:#public or github:owner/name; everywhere when it is empty, and always on the bot's machine",
            atMost: 20, Convert.place)
        locks =
            reader.textsOrSections(
                "locks", .template, "lock", "What it holds while it runs", LockFile.init, LockFile.init) ?? []
        timeout = reader.one(
            "timeout", .duration, "How long a job of it may run",
            default: DurationText.canonical(CommandFile.usualTimeout), Convert.duration("'timeout'"))
        startWithin = reader.one(
            "start_within", .duration, "How long a job may wait before it starts; an older one is dropped",
            default: "15m for alerts, 24h for people", Convert.duration("'start_within'"))
        steps = reader.sections("steps", "step", "What it does, one after the other", StepFile.init)
        onFailure = reader.section(
            "on_failure", "on_failure", "What happens when it does not succeed", OnFailureFile.init)
        onSuccess = reader.one(
            "on_success", .template, "What is said when it has succeeded: where to look",
            Convert.template("'on_success'"))
        offers =
            reader.sections(
                "offers", "offer", "Commands offered as buttons when it has ended", atMost: 5, OfferFile.init)
            ?? []
        examples =
            reader.many(
                "examples", .text(nil), "Command lines that are checked and shown in the help",
                Convert.text(nil, "an example")) ?? []
        report = reader.many(
            "report", .placeTemplate, "Places that are told, beside where it was asked", atMost: 10,
            Convert.placeTemplate)
        supersedes = reader.one(
            "supersedes", .template, "Of unfinished jobs with the same text here, the newest takes the others' place",
            Convert.template("'supersedes'"))
        about = reader.one(
            "about", .template, "What it is about: jobs about the same share one message in a place",
            default: "the job itself", Convert.template("'about'"))
        schedule = reader.section("schedule", "schedule", "When the bot asks for it by itself", ScheduleFile.init)
        isQuiet =
            reader.one(
                "quiet", .flag,
                "Whether a job that no person asked for is told only when it did not succeed, or a step gave out changes above 0 or tell: true",
                default: "false", Convert.flag("'quiet'"))?.value ?? false
        guards = reader.section(
            "guards", "guards",
            "What keeps it from making things worse when rules or schedules ask for it; their own guards come first",
            GuardsFile.init)
        isUpkeep =
            reader.one(
                "upkeep", .flag,
                "Whether its scheduled jobs go on during a freeze, unless that is one with --all: renewals, teardown of what has had its time",
                default: "false", Convert.flag("'upkeep'"))?.value ?? false
        approvals = reader.sectionOrSections(
            "approvals", "approval",
            "Who must approve its plan before it starts; of several sets that apply, any one is enough", atMost: 10,
            ApprovalFile.init)
        confirm = reader.one(
            "confirm", .flag,
            "Whether a person who asks for it must say so once more within 5 minutes, seeing the plan",
            default: "false", Convert.flag("'confirm'"))
        verify = reader.section(
            "verify", "verify", "What proves that a job of it had its effect, whoever asked for it", VerifyFile.init)
        defaultSubcommand = reader.one(
            "default_subcommand", .text(.command),
            "For a command without steps: the subcommand that is meant when none is named",
            Convert.text(.command, "'default_subcommand'"))
        subcommands = reader.named("subcommands", "subcommand", "Further commands, whose names begin with this one's") {
            CommandFile(&$1, name: $0)
        }
        keys = (reader.value.members ?? []).map { Located(value: $0.name, location: $0.location) }
        location = reader.value.location
    }
}
