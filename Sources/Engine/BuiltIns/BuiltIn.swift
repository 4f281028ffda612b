import Domain

/// The commands that are code. Their names are reserved.
enum BuiltIn: String, CaseIterable, Sendable {
    case help, jobs, job, cancel, retry, unlock, approve, deny, confirm, status, whoami, explain, freeze, thaw
    case maintenance, breaker, schedules, rules, overrides, ack

    var usage: String {
        switch self {
        case .help: "help [command]"
        case .jobs: "jobs"
        case .job: "job <number> [succeeded|failed|retry|do]"
        case .cancel: "cancel <number>"
        case .retry: "retry <number>"
        case .unlock: "unlock <job number or lock path>"
        case .approve: "approve <job number> [reason]"
        case .deny: "deny <job number> [reason]"
        case .confirm: "confirm <job number>"
        case .ack: "ack [number]"
        case .status: "status [pool]"
        case .whoami: "whoami"
        case .explain: "explain <job number, event/number, delivery/number or delivery id>"
        case .freeze: "freeze [pool] [--now] [--all] <reason>"
        case .thaw: "thaw [pool]"
        case .maintenance: "maintenance [<pool> <how long> <reason>, or <pool> end]"
        case .breaker: "breaker [close <command> <key>]"
        case .schedules: "schedules [name]"
        case .rules: "rules [name]"
        case .overrides: "overrides [text]"
        }
    }

    var summary: String {
        switch self {
        case .help: "What you can ask for; with a command, its arguments and examples"
        case .jobs: "What runs, what waits and why, and the latest that ended"
        case .job: "One job with its steps; with a verdict, what became of an unknown one; do carries a plan out"
        case .cancel: "Stop a job"
        case .retry: "Ask once more for the command of a job that has ended"
        case .unlock: "Take the locks of an unknown job away before it is decided"
        case .approve: "Allow a job to do what its plan says"
        case .deny: "Forbid it"
        case .confirm: "Say once more that you mean your own job"
        case .ack: "Say that you have an escalation; without a number, those that are open"
        case .status: "How a pool is: workloads, endpoints, certificates"
        case .whoami: "Who you are to me, and what you may do"
        case .explain: "Why something happened, or did not"
        case .schedules: "What the bot asks for by itself: next times, last run, and why one does not run"
        case .rules: "What events start by themselves: mode, last match, runs, breaker"
        case .overrides: "What people have set and deploys keep, who and when; with a text, those that hold it"
        case .freeze: "Start nothing that changes anything, until the thaw"
        case .thaw: "End a freeze"
        case .maintenance: "Keep off a pool what would start by itself, while people work there"
        case .breaker: "Which circuit breakers are open; closing one lets its command start by itself again"
        }
    }

    /// The built-in that the first word names, and the words after it. No words at all ask for help.
    static func named(_ words: [String]) -> (BuiltIn, [String])? {
        guard let first = words.first else { return (.help, []) }
        return BuiltIn(rawValue: first).map { ($0, Array(words.dropFirst())) }
    }
}
