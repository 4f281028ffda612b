import Domain

/// A command as its file writes it; names and templates are not checked against anything yet.
struct CommandFile: Sendable {
    var name: Located<String>?
    var summary: Located<String>?
    var arguments: [ArgumentFile]
    var roles: [Located<String>]?
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
