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
        variables: [String: JSONValue] = [:], rule: RuleDefinition? = nil, now: Date, reportTo: [Place],
        answerTo: Place?, escalateTo: [Place] = [], guards given: Guards? = nil, verify: VerifyDefinition? = nil
    ) throws(Unmakeable) -> Made {
        let guards = given ?? rule?.guards ?? Guards()
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
        job.verify = VerifyDefinition.both(verify, command.verify)
        job.escalateTo = unique(escalateTo)
        job.reportTo = unique(reportTo + (try places(command, job)))
        if !parsed.isPlanOnly { job.locks = try locks(command, job) }
        job.guardKey = try guardKey(job)
        if !parsed.isPlanOnly { job.supersedesKey = try filled(command.supersedes, "'supersedes'", job) }
        job.about = try filled(command.about, "'about'", job)
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

    private func guardKey(_ job: Job) throws(Unmakeable) -> String {
        guard let per = job.guards.per else { return job.commandLine }
        let scope = JobScope(job: job, definitions: definitions).value([])
        do { return try Template(parsing: per).render(scope).plainText } catch {
            throw Unmakeable(message: "the guard key '\(per)' cannot be filled in")
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
