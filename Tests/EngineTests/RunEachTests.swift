import Domain
import Engine
import Foundation
import Ledger
import Synchronization
import TestSupport
import Testing

/// Jobs that a step of a job starts.
@Suite struct RunEachTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let starter = RunEachLateStarter()

    init() throws { folder = try TemporaryFolder() }

    private func each(atMost: Int? = nil, command: String = "remove") throws -> StepDefinition {
        var input: [String: JSONValue] = [
            "command": .string(command), "each": "{{steps.list.things}}", "arguments": ["number", "note"],
        ]
        if let atMost { input["at_most"] = .int(Int64(atMost)) }
        return StepDefinition(
            name: "Start", id: "start", action: JobStart.action,
            input: LocatedValue(.object(input) as JSONValue, at: Samples.place), timeout: nil,
            retry: RetryPolicy(attempts: 3, backoff: .seconds(2)), if: [], unless: [], location: Samples.place)
    }

    private func definitions(atMost: Int? = nil, roles: [String] = ["operator"], command: String = "remove") throws
        -> DefinitionSet
    {
        let arguments = [
            Samples.argument("number", .integer(1...99)), Samples.argument("note", .text(nil), isRequired: false),
        ]
        return Samples.set([
            try Samples.command("sweep", [Samples.step("list", "test.look"), each(atMost: atMost, command: command)]),
            try Samples.command(
                "remove", [Samples.step("one", what: "{{arguments.number}}-{{arguments.note}}")], arguments: arguments,
                roles: roles),
        ])
    }

    private func things(_ numbers: JSONValue...) -> Result<JSONValue, ActionError> {
        .success(["things": .array(numbers.map { ["number": $0, "note": "n", "other": ["x"]] })])
    }

    private func run(
        _ definitions: DefinitionSet, jobs: (any JobStarter)? = nil, time: VirtualTime = VirtualTime(),
        limits: Limits = Limits(), crashes: Bool = false, _ body: (Harness) async throws -> Void
    ) async throws {
        try await Harness.run(
            definitions, actions: actions.types + BotActions.types(jobs: jobs ?? starter), in: folder, time: time,
            limits: limits, crashes: crashes
        ) { bot in
            starter.bind(to: bot.engine.jobStarter)
            try await body(bot)
        }
    }

    @Test func `Each thing's job is the asking person's, at most so many at once, and the rest is counted`()
        async throws
    {
        actions.answer("list", things(7, 8, 9))
        try await run(definitions(atMost: 2)) { bot in
            try await bot.type("sweep")
            _ = try #require(try await bot.job(3, in: .succeeded))
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(Set(actions.calls(of: "change").map(\.what)) == ["7-n", "8-n"])
            let output = try #require(try await bot.ledger.steps(jobID: 1).last?.output)
            #expect(output["started"] == [2, 3] && output["left"] == 1 && output["changes"] == 2)
            #expect(output["summary"] == "2 jobs started: 2, 3; 1 left")
            #expect(output["room"] == 0)
            #expect(output["details"] == "job 2: remove 7 note=n\njob 3: remove 8 note=n")
            let job = try #require(try await bot.ledger.job(id: 2))
            #expect(job.requester.personID == "olivia")
            #expect(job.reportTo == [Place(channel: "chat", address: "#ops")])
            let event = try #require(try await bot.ledger.event(id: job.eventID ?? 0))
            #expect(event.event.subject == "job 1 (sweep)")
        }
    }

    @Test func `An empty list starts nothing, and the same thing twice starts one job`() async throws {
        actions.answer("list", things(), things(7, 7))
        try await run(definitions()) { bot in
            try await bot.type("sweep")
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(try await bot.ledger.steps(jobID: 1).last?.output?["summary"] == "nothing to start")
            try await bot.type("sweep")
            _ = try #require(try await bot.job(2, in: .succeeded))
            #expect(try await bot.ledger.steps(jobID: 2).last?.output?["started"] == [3])
        }
    }

    @Test func `A step that is repeated after a crash starts nothing twice`() async throws {
        actions.answer("list", things(7, 8, 9))
        let time = VirtualTime()
        let stuck = StuckStarter(starter, after: 2)
        try await run(definitions(), jobs: stuck, time: time, crashes: true) { bot in
            try await bot.type("sweep")
            _ = await eventually { stuck.count == 2 ? true : nil }
        }
        try await run(definitions(), time: time) { bot in
            _ = try #require(try await bot.jobInTime(1, in: .succeeded))
            #expect(try await bot.ledger.steps(jobID: 1).last?.output?["started"]?.arrayValue?.count == 3)
            _ = try await eventually {
                try await bot.ledger.jobs(JobFilter()).allSatisfy { $0.state == .succeeded } ? true : nil
            }
            let removed = try await bot.ledger.jobs(JobFilter(command: "remove"))
            #expect(removed.map(\.commandLine).sorted() == [7, 8, 9].map { "remove \($0) note=n" })
        }
    }

    @Test func `A try that failed in the middle goes on where it was`() async throws {
        actions.answer("list", things(7, 8))
        let time = VirtualTime()
        try await run(definitions(), jobs: FlakyStarter(starter), time: time) { bot in
            try await bot.type("sweep")
            _ = try #require(try await bot.jobInTime(1, in: .succeeded))
            #expect(try await bot.ledger.jobs(JobFilter(command: "remove")).count == 2)
        }
    }

    @Test(
        arguments: [
            ("remove", ["lead"], [7, 8], "item 1: olivia may not run 'remove'"),
            ("remove", ["operator"], [7, 100], "item 2: '100' is not a value for 'number'"),
            ("remove", ["operator"], [7, .null], "item 2: 'number' is missing"),
            ("remove", ["operator"], [7, ["a"]], "item 2: its 'number' is no single value"),
            ("remov", ["operator"], [7], "item 1: there is no command 'remov'"),
        ] as [(String, [String], [JSONValue], String)])
    func `What may not be started stops all of it before the first`(
        command: String, roles: [String], numbers: [JSONValue], message: String
    ) async throws {
        actions.answer("list", .success(["things": .array(numbers.map { ["number": $0] })]))
        try await run(definitions(roles: roles, command: command)) { bot in
            try await bot.type("sweep")
            let job = try #require(try await bot.job(1, in: .failed))
            #expect(job.reason?.contains("nothing was started: \(message)") == true, "\(job.reason ?? "")")
            #expect(try await bot.ledger.jobs(JobFilter()).count == 1)
        }
    }

    @Test func `A job that was started so starts no others`() async throws {
        var step = try each()
        step.input = LocatedValue(
            ["command": "chain", "each": [["number": 1]], "arguments": ["number"]] as JSONValue, at: Samples.place)
        let chain = try Samples.command("chain", [step], arguments: [Samples.argument("number", .integer(nil))])
        try await run(Samples.set([chain])) { bot in
            try await bot.type("chain 1")
            let job = try #require(try await bot.job(2, in: .failed))
            #expect(job.reason?.contains("was itself started by a job") == true)
            #expect(try await bot.ledger.jobs(JobFilter()).count == 2)
        }
    }

    @Test func `A full queue makes it wait, as a typed command is refused`() async throws {
        actions.answer("list", things(7, 8))
        actions.close("7-n")
        var limits = Limits()
        limits.waitingJobs = 2
        let time = VirtualTime()
        try await run(definitions(), time: time, limits: limits) { bot in
            try await bot.type("sweep")
            #expect(await bot.message("2 jobs wait already") != nil)
            actions.open("7-n")
            _ = try #require(try await bot.job(2, in: .succeeded))
            _ = try #require(try await bot.jobInTime(1, in: .succeeded))
            #expect(try await bot.ledger.jobs(JobFilter(command: "remove")).count == 2)
        }
    }

    @Test func `A plan says what would be started, and starts nothing`() async throws {
        var step = try each()
        step.input = LocatedValue(
            ["command": "remove", "each": [["number": 7], ["number": 8]], "arguments": ["number"], "at_most": 1]
                as JSONValue, at: Samples.place)
        var set = try definitions()
        set.commands["sweep"] = try Samples.command("sweep", [step])
        try await run(set) { bot in
            try await bot.type("sweep --plan")
            let job = try #require(try await bot.job(1, in: .succeeded))
            #expect(job.reason?.contains("This is what it would change (1)") == true)
            #expect(await bot.message("starts 'remove 7'") != nil)
            #expect(try await bot.ledger.jobs(JobFilter()).count == 1)
        }
    }
}

/// Starts some jobs, then hangs until its task is cancelled.
private final class StuckStarter: JobStarter {
    private let jobs: any JobStarter
    private let limit: Int
    private let started = Mutex(0)

    init(_ jobs: any JobStarter, after limit: Int) {
        self.jobs = jobs
        self.limit = limit
    }

    var count: Int { started.withLock { $0 } }

    func commandLine(of start: JobStart, for jobID: JobID) async throws(ActionError) -> String {
        try await jobs.commandLine(of: start, for: jobID)
    }

    func start(_ start: JobStart, for jobID: JobID, key: String) async throws(ActionError) -> JobID {
        while count >= limit {
            // Not a started job after the crash, but the end of the task.
            do { try await Task.sleep(for: .milliseconds(5)) } catch {
                throw ActionError("cancelled", retry: .later(afterMilliseconds: nil))
            }
        }
        let id = try await jobs.start(start, for: jobID, key: key)
        started.withLock { $0 += 1 }
        return id
    }
}

/// Its second start takes effect, and is said to have failed.
private final class FlakyStarter: JobStarter {
    private let jobs: any JobStarter
    private let started = Mutex(0)

    init(_ jobs: any JobStarter) { self.jobs = jobs }

    func commandLine(of start: JobStart, for jobID: JobID) async throws(ActionError) -> String {
        try await jobs.commandLine(of: start, for: jobID)
    }

    func start(_ start: JobStart, for jobID: JobID, key: String) async throws(ActionError) -> JobID {
        let id = try await jobs.start(start, for: jobID, key: key)
        let number = started.withLock { count in
            count += 1
            return count
        }
        if number == 2 { throw ActionError("cut off", retry: .later(afterMilliseconds: nil)) }
        return id
    }
}
