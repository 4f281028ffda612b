import Domain
import Foundation

/// Makes jobs out of what people and rules ask for.
struct JobFactory {
    /// How long a person's job may wait in the queue, and an alert's.
    static let personStartWithin = Duration.seconds(86_400)
    static let ruleStartWithin = Duration.seconds(900)

    var definitions: DefinitionSet
    var newKey: @Sendable () -> String

    /// A job and its steps, not written yet.
    struct Made {
        var job: Job
        var steps: [Step]

        /// Gives it its number, once it is certain that there will be such a job.
        mutating func number(_ id: JobID) {
            job.id = id
            for index in steps.indices { steps[index].jobID = id }
        }
    }

    /// What cannot be made, for people.
    struct Unmakeable: Error {
        var message: String
    }

    /// A job without a number yet.
    func make(
        _ command: CommandDefinition, _ parsed: CommandLine.Parsed, requester: Requester, eventID: Int64?,
        variables: [String: JSONValue] = [:], rule: RuleDefinition? = nil, ruleScope: JSONValue? = nil,
        guards own: Guards? = nil, now: Date,
        reportTo: [Place],
        answerTo: Place?, escalateTo: [Place] = [], verify: VerifyDefinition? = nil
    ) throws(Unmakeable) -> Made {
        let asked = (rule?.guards ?? own ?? Guards()).over(command.guards)
        let guards = requester.personID == nil ? asked : command.guards.forPeople
        let startWithin =
            guards.startWithinMilliseconds.map { Duration.milliseconds($0) } ?? command.startWithin
            ?? (requester.personID == nil ? JobFactory.ruleStartWithin : JobFactory.personStartWithin)
        var job = Job(
            id: 0, command: command.name, definitionsHash: definitions.hash, arguments: parsed.arguments,
            commandLine: CommandLine.text(of: command, parsed), requester: requester, eventID: eventID,
            isPlanOnly: parsed.isPlanOnly, locks: [], state: .queued, createdAt: now,
            startBefore: now.advanced(by: startWithin), timeoutMilliseconds: command.timeout.milliseconds,
            reportTo: reportTo, answerTo: answerTo)
        job.variables = variables
        job.guards = guards
        job.startWithinMilliseconds = startWithin.milliseconds
        job.verify = VerifyDefinition.both(verify, command.verify)
        job.escalateTo = unique(escalateTo)
        try needCluster(command, job)
        job.reportTo = unique(reportTo + (try places(command, job)))
        if !parsed.isPlanOnly { job.locks = try locks(command, job) }
        job.guardKey = try guardKey(job, ruleScope)
        if !parsed.isPlanOnly { job.group = try group(job, ruleScope) }
        if !parsed.isPlanOnly { job.supersedesKey = try filled(command.supersedes, "'supersedes'", job) }
        job.about = try filled(command.about, "'about'", job)
        job.approval = ApprovalSets(definitions: definitions).beginning(command, job)
        return Made(job: job, steps: steps(command, job))
    }

    private func locks(_ command: CommandDefinition, _ job: Job) throws(Unmakeable) -> [LockRequest] {
        let scope = JobScope(job: job, definitions: definitions).value([])
        var locks: Set<LockRequest> = []
        for lock in command.locks {
            do {
                locks.insert(LockRequest(path: try lock.path.render(scope).plainText, mode: lock.mode))
            } catch {
                throw Unmakeable(
                    message: "the lock of '\(command.name)' names {{\(error.path)}}, which nothing provides")
            }
        }
        return locks.sorted()
    }

    private func filled(_ template: Template?, _ what: String, _ job: Job) throws(Unmakeable) -> String? {
        guard let template else { return nil }
        do { return try template.render(JobScope(job: job, definitions: definitions).value([])).plainText } catch {
            throw Unmakeable(message: "\(what) of '\(job.command)' names {{\(error.path)}}, which nothing provides")
        }
    }

    private func places(_ command: CommandDefinition, _ job: Job) throws(Unmakeable) -> [Place] {
        let scope = JobScope(job: job, definitions: definitions).value([])
        var places: [Place] = []
        for template in command.report {
            do { places.append(try template.place(scope)) } catch { throw Unmakeable(message: error.reason) }
        }
        return places
    }

    private func guardKey(_ job: Job, _ ruleScope: JSONValue?) throws(Unmakeable) -> String {
        guard let per = job.guards.per else { return job.commandLine }
        return try filled(per, "the guard key", job, ruleScope)
    }

    private func group(_ job: Job, _ ruleScope: JSONValue?) throws(Unmakeable) -> JobGroup? {
        guard let bound = job.guards.atMost else { return nil }
        let name = try filled(bound.of, "the group of 'at_most'", job, ruleScope)
        if let count = bound.count { return JobGroup(name: name, atMost: count) }
        let among = try filled(bound.among ?? "", "'among' of 'at_most'", job, ruleScope)
        guard let share = bound.sharePercent, let size = Int(among), (1...1_000_000).contains(size) else {
            throw Unmakeable(
                message: "'among' of 'at_most' must be how many there are, and it is '\(among.prefix(40))'")
        }
        return JobGroup(name: name, atMost: max(size * share / 100, 1))
    }

    /// A text of the guards sees what the rule's templates see, and the job's scope.
    private func filled(_ template: String, _ what: String, _ job: Job, _ ruleScope: JSONValue?)
        throws(Unmakeable) -> String
    {
        var scope = ruleScope?.objectValue ?? [:]
        let own = JobScope(job: job, definitions: definitions).value([]).objectValue ?? [:]
        scope.merge(own) { _, own in own }
        do { return try Template(parsing: template).render(.object(scope)).plainText } catch {
            throw Unmakeable(message: "\(what), '\(template)', cannot be filled in")
        }
    }

    private func steps(_ command: CommandDefinition, _ job: Job) -> [Step] {
        let all = command.steps.map { ($0, false) } + command.onFailure.steps.map { ($0, true) }
        return all.enumerated().map { index, entry in
            Step(
                jobID: job.id, index: index, name: entry.0.name, stepID: entry.0.id, action: entry.0.action,
                isOnFailure: entry.1, state: .pending, idempotencyKey: newKey())
        }
    }

    private func unique(_ places: [Place]) -> [Place] {
        var seen: Set<Place> = []
        return places.filter { seen.insert($0).inserted }
    }
}
