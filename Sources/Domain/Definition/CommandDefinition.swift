/// A validated `commands/<name>.yaml`.
package struct CommandDefinition: Sendable, Hashable {
    /// The words that call it: `deploy`, `preview create`.
    package var name: String
    package var summary: String
    package var arguments: [ArgumentDefinition]
    /// Any one of these is enough; empty means everybody who is known.
    package var roles: [String]
    /// Where people may ask for it; empty: everywhere. The command line on the machine is never refused.
    package var channels: [Place]
    package var locks: [LockTemplate]
    /// How long a job of it may run.
    package var timeout: Duration
    /// How long one may wait in the queue; nil takes the default of its source.
    package var startWithin: Duration?
    package var steps: [StepDefinition]
    package var onFailure: OnFailure
    /// Commands offered as buttons when it has ended.
    package var offers: [OfferDefinition]
    /// Templates of lines said when it has succeeded: where to look.
    package var onSuccess: String?
    /// Command lines that are checked, and shown in the help.
    package var examples: [String]
    /// Further places that are told, beside where it was asked.
    package var report: [PlaceTemplate]
    /// A template: of unfinished jobs with the same text, the newest supersedes the others. Nil: none does.
    package var supersedes: Template?
    /// A template of what the job is about (`preview/acme/api/42`): jobs about the same share one message in a place.
    package var about: Template?
    /// When the bot asks for it by itself.
    package var schedule: ScheduleDefinition?
    /// Whether a job of it that nobody asked for, and that found nothing to do, is not told.
    package var isQuiet: Bool
    /// What keeps it from making things worse, whoever asks; a rule's own guards come first.
    package var guards: Guards
    /// Whether its scheduled jobs go on during a freeze, unless that says otherwise.
    package var isUpkeep: Bool
    /// Who must approve it before it starts; of several sets that apply, any one is enough. Empty: nobody.
    package var approvals: [ApprovalDefinition] = []
    /// Whether who asks must say so once more, with the plan before them.
    package var asksForConfirmation = false
    /// SHA-256 of the file that defines it, in hexadecimal: an approval holds for this version alone.
    package var version = ""
    /// What proves that a job of it had its effect, whoever asked for it.
    package var verify: VerifyDefinition?
    package var location: SourceLocation

    package init(
        name: String, summary: String, arguments: [ArgumentDefinition], roles: [String], locks: [LockTemplate],
        timeout: Duration, startWithin: Duration?, steps: [StepDefinition], onFailure: OnFailure,
        offers: [OfferDefinition], onSuccess: String?, examples: [String], report: [PlaceTemplate],
        supersedes: Template? = nil, about: Template? = nil, schedule: ScheduleDefinition? = nil,
        isQuiet: Bool = false, guards: Guards = Guards(), isUpkeep: Bool = false, channels: [Place] = [],
        location: SourceLocation
    ) {
        self.name = name
        self.summary = summary
        self.arguments = arguments
        self.roles = roles
        self.locks = locks
        self.timeout = timeout
        self.startWithin = startWithin
        self.steps = steps
        self.onFailure = onFailure
        self.offers = offers
        self.onSuccess = onSuccess
        self.examples = examples
        self.report = report
        self.supersedes = supersedes
        self.about = about
        self.schedule = schedule
        self.isQuiet = isQuiet
        self.guards = guards
        self.isUpkeep = isUpkeep
        self.channels = channels
        self.location = location
    }
}

/// A lock's path with templates, and its mode.
package struct LockTemplate: Sendable, Hashable {
    package var path: Template
    package var mode: LockRequest.Mode

    package init(path: Template, mode: LockRequest.Mode) {
        self.path = path
        self.mode = mode
    }
}

/// One argument of a command. Those that are no flags may be given by position, in their order, or as `name=value` or
/// `--name value`.
package struct ArgumentDefinition: Sendable, Hashable {
    package var name: String
    package var type: ValueType
    package var help: String
    package var isRequired: Bool
    package var defaultValue: JSONValue?
    /// The name in `CommandRequest.context` that gives its value where it is not typed: `pull_request`.
    package var context: String?
    package var location: SourceLocation

    package init(
        name: String, type: ValueType, help: String, isRequired: Bool, defaultValue: JSONValue?,
        context: String? = nil, location: SourceLocation
    ) {
        self.name = name
        self.type = type
        self.help = help
        self.isRequired = isRequired
        self.defaultValue = defaultValue
        self.context = context
        self.location = location
    }

    /// Of a text whose default names settings, such as `{{pool.namespace}}`: what it comes to is known with the job.
    package var defaultTemplate: Template? {
        guard let text = defaultValue?.stringValue, text.contains("{{") else { return nil }
        return try? Template(parsing: text)  // its syntax has been checked where it was read
    }
}

/// One step of a command.
package struct StepDefinition: Sendable, Hashable {
    /// For people; the action's name when the file gives none.
    package var name: String
    /// The id under which later steps read its outputs: `steps.<id>.<output>`.
    package var id: String
    package var action: String
    /// Its inputs, templates not filled in.
    package var input: LocatedValue
    package var timeout: Duration?
    package var retry: RetryPolicy
    /// All must hold on the job's scope (`arguments`, `event`, `steps`, …), else it is skipped.
    package var `if`: [Matcher]
    /// It is skipped when all of these hold (and there is at least one).
    package var unless: [Matcher]
    package var location: SourceLocation

    package init(
        name: String, id: String, action: String, input: LocatedValue, timeout: Duration?, retry: RetryPolicy,
        if: [Matcher], unless: [Matcher], location: SourceLocation
    ) {
        self.name = name
        self.id = id
        self.action = action
        self.input = input
        self.timeout = timeout
        self.retry = retry
        self.if = `if`
        self.unless = unless
        self.location = location
    }
}

/// How a step is tried again.
package struct RetryPolicy: Sendable, Hashable {
    /// Tries in all, from 1.
    package var attempts: Int
    /// The wait before the second try; it doubles each time.
    package var backoff: Duration
    /// The longest wait.
    package var maxBackoff: Duration

    package init(attempts: Int = 5, backoff: Duration = .seconds(2), maxBackoff: Duration = .seconds(60)) {
        self.attempts = attempts
        self.backoff = backoff
        self.maxBackoff = maxBackoff
    }

    /// The wait after try number `attempt` (from 1), with full jitter in the upper half: `random` is from 0 to 1.
    package func wait(afterAttempt attempt: Int, random: Double) -> Duration {
        let doubled = backoff.secondsValue * Double(1 << min(attempt - 1, 20))
        let bounded = min(doubled, maxBackoff.secondsValue)
        return .seconds(bounded / 2 + bounded / 2 * min(max(random, 0), 1))
    }
}

/// What happens when a command does not succeed.
package struct OnFailure: Sendable, Hashable {
    /// Steps that bring the world into a named state; they run once each.
    package var steps: [StepDefinition]
    /// The state in which things are left, for people; a template.
    package var says: String?
    /// What people could try; a template.
    package var hint: String?

    package init(steps: [StepDefinition] = [], says: String? = nil, hint: String? = nil) {
        self.steps = steps
        self.says = says
        self.hint = hint
    }
}

/// A command offered as a button.
package struct OfferDefinition: Sendable, Hashable {
    package var label: String
    /// A template of the words after `/defimon`.
    package var run: String

    package init(label: String, run: String) {
        self.label = label
        self.run = run
    }
}
