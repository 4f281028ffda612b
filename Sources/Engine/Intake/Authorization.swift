import Domain

/// Who may run what. Everybody who needs to know asks here: asking, leaving the queue, cancel, retry, verdicts, jobs that
/// steps start, the help.
struct Authorization {
    enum Answer {
        case allowed
        /// Why not, a sentence without a full stop; and who may.
        case refused(reason: String, askWhom: [Person])
    }

    /// How much of a command somebody may run.
    enum Extent {
        case all
        /// With these limits, each for people.
        case limited([String])
        case none(askWhom: [Person])
    }

    let definitions: DefinitionSet

    init(_ definitions: DefinitionSet) { self.definitions = definitions }

    /// Whether somebody may run the command at all, with whatever arguments.
    func mayAsk(_ person: Person, _ command: CommandDefinition) -> Bool {
        refusal(of: command, to: person) { !$0.isEmpty } == nil
    }

    /// The same, with the reason and who may.
    func answer(_ person: Person, _ command: CommandDefinition) -> Answer {
        guard let reason = refusal(of: command, to: person, { !$0.isEmpty }) else { return .allowed }
        return .refused(reason: reason, askWhom: definitions.people.filter { mayAsk($0, command) })
    }

    /// Whether somebody may run this job, or decide about it.
    func answer(_ person: Person, _ command: CommandDefinition, _ job: Job) -> Answer {
        let pools = pools(of: job, command)
        func refusal(_ person: Person) -> String? {
            self.refusal(of: command, to: person) { permissions in
                permissions.contains { $0.covers(arguments: job.arguments, pools: pools) }
            }
        }
        guard let reason = refusal(person) else { return .allowed }
        return .refused(reason: reason, askWhom: definitions.people.filter { refusal($0) == nil })
    }

    /// Whether there is anybody who may run this job, or decide about it.
    func isForAnybody(_ command: CommandDefinition, _ job: Job) -> Bool {
        if command.roles.isEmpty { return !definitions.people.isEmpty }
        lazy var pools = pools(of: job, command)
        return definitions.people.contains { person in
            refusal(of: command, to: person) { permissions in
                permissions.contains { $0.covers(arguments: job.arguments, pools: pools) }
            } == nil
        }
    }

    /// How much of the command somebody may run.
    func extent(_ person: Person, _ command: CommandDefinition) -> Extent {
        guard mayAsk(person, command) else {
            return .none(askWhom: definitions.people.filter { mayAsk($0, command) })
        }
        var limits: [String] = []
        for role in roles(person, command) {
            guard let permissions = definitions.roles[role]?.permissions(for: command.name) else { return .all }
            for permission in permissions {
                guard let words = permission.limits else { return .all }
                if !limits.contains(words) { limits.append(words) }
            }
        }
        return limits.isEmpty ? .all : .limited(limits)
    }

    // MARK: Deciding

    /// The roles by which somebody has a command. A command that names none belongs to nobody's role: everybody who is
    /// known may run it.
    private func roles(_ person: Person, _ command: CommandDefinition) -> [String] {
        command.roles.filter(person.roles.contains)
    }

    /// Why somebody may not run the command; nil when they may. `isCovered` looks at what a role's permissions say of
    /// it; a role that the settings do not describe has no limits.
    private func refusal(
        of command: CommandDefinition, to person: Person, _ isCovered: ([Permission]) -> Bool
    ) -> String? {
        if command.roles.isEmpty { return nil }
        let roles = roles(person, command)
        if roles.isEmpty { return "'\(command.name)' needs the role \(command.roles.joined(separator: " or "))" }
        var limits: [String] = []
        for role in roles {
            guard let permissions = definitions.roles[role]?.permissions(for: command.name) else { return nil }
            if isCovered(permissions) { return nil }
            let words = permissions.compactMap(\.limits)
            limits.append(
                words.isEmpty
                    ? "the role \(role) may not run '\(command.name)'"
                    : "the role \(role) may run '\(command.name)' \(words.joined(separator: "; or ")) alone")
        }
        return limits.joined(separator: ", and ")
    }

    // MARK: Pools

    /// The pools that a job is about: the one that it is asked for, and those in its command's locks, which a plan does
    /// not take but is about as well. Nil when they cannot be told, or when it is about all of them.
    private func pools(of job: Job, _ command: CommandDefinition) -> Set<String>? {
        var pools: Set<String> = []
        if let pool = job.arguments["pool"]?.stringValue { pools.insert(pool) }
        let scope = JobScope(job: job, definitions: definitions).value([])
        for lock in command.locks {
            // A lock that cannot be filled in keeps the job from being made, and here from being covered.
            guard let path = try? lock.path.render(scope).plainText else { return nil }
            let parts = path.split(separator: "/")
            guard parts.first == "pool" else { continue }
            guard parts.count >= 2 else { return nil }
            pools.insert(String(parts[1]))
        }
        return pools
    }
}
