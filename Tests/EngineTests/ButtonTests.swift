import Domain
import Foundation
import Ledger
import TestSupport
import Testing

@testable import Engine

/// What the buttons of a job's message do, who may, and what becomes of presses that come too late or twice. A button is
/// the command line that stands behind it, so a press is typed here.
@Suite struct ButtonTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    private func definitions(offers: [OfferDefinition] = [], roles: [String] = ["operator"]) throws -> DefinitionSet {
        var set = Samples.set([
            try Samples.command(
                "deploy", [Samples.step("one", attempts: 1)],
                arguments: [
                    Samples.argument("pool", .choice(["analytics", "ml"])),
                    Samples.argument("note", .text(nil), isRequired: false),
                ], roles: roles, offers: offers)
        ])
        set.people.append(Person(id: "lena", name: "Lena", roles: ["operator"], identities: ["chat": "U3"]))
        return set
    }

    private func run(_ definitions: DefinitionSet, crashes: Bool = false, _ body: (Harness) async throws -> Void)
        async throws
    {
        try await Harness.run(
            definitions, actions: actions.types, in: folder, time: time, crashes: crashes, body)
    }

    /// Runs a bot whose job 1, Olivia's, has failed.
    private func withFailed(_ line: String = "deploy analytics", _ body: (Harness) async throws -> Void) async throws {
        actions.answer("one", .failure(ActionError("the disk is full")))
        try await run(definitions()) { bot in
            try await bot.type(line)
            _ = try #require(try await bot.job(1, in: .failed))
            _ = try #require(await bot.message("Retry: /defimon retry 1"))
            try await body(bot)
        }
    }

    private func answer(_ text: String, to user: String, _ bot: Harness) async -> String? {
        await bot.message(text, in: "private-\(user)")
    }

    private static var job: Job {
        let now = Date(timeIntervalSince1970: 1_790_000_000)
        return Job(
            id: 1, command: "deploy", definitionsHash: "", arguments: ["pool": "ml"], commandLine: "deploy ml",
            requester: .rule("down"), eventID: nil, isPlanOnly: false, locks: [], state: .queued, createdAt: now,
            startBefore: now, timeoutMilliseconds: 60_000, reportTo: [], answerTo: nil)
    }

    // MARK: What is offered

    @Test func `A job can be cancelled while it may be, explained always, and tells its pool`() async throws {
        actions.close("one")
        try await run(definitions()) { bot in
            try await bot.type("deploy analytics")
            let running = try #require(await bot.message("running"))
            #expect(running.contains("Pool: analytics"))
            #expect(running.contains("Cancel: /defimon cancel 1"))
            #expect(running.contains("Explain: /defimon explain 1"))
            #expect(!running.contains("Retry:"))
            try await bot.type("cancel 1", as: "U3")
            _ = try #require(try await bot.job(1, in: .cancelled))
            let ended = try #require(await bot.message("cancelled by lena"))
            #expect(!ended.contains("Cancel:"))
            #expect(ended.contains("Retry: /defimon retry 1"))
            #expect(ended.contains("Explain: /defimon explain 1"))
        }
    }

    @Test func `A job that is being cancelled offers it no more, and one that went well is not to be retried`()
        async throws
    {
        actions.close("one")
        try await run(definitions()) { bot in
            try await bot.type("deploy analytics")
            _ = try #require(try await bot.job(1, in: .running))
            actions.open("one")
            _ = try #require(try await bot.job(1, in: .succeeded))
            let ended = try #require(await bot.message("succeeded"))
            #expect(!ended.contains("Retry:") && !ended.contains("Cancel:"))
        }
        var job = Self.job
        job.state = .running
        job.cancelledBy = "lena"
        let report = JobReport(
            job: job, steps: [], command: try definitions().commands["deploy"], definitions: try definitions(),
            now: time.now)
        #expect(report.offers.map(\.label) == ["Explain"])
    }

    @Test(arguments: JobState.allCases)
    func `Each state offers what can be done in it`(state: JobState) throws {
        let wanted: [String] =
            switch state {
            case .held, .queued, .running, .verifying, .waitingApproval, .waitingConfirmation: ["Cancel", "Explain"]
            case .succeeded, .denied, .superseded: ["Explain"]
            case .failed, .cancelled, .timedOut, .expired: ["Retry", "Explain"]
            case .unknown: ["It took effect", "It did not", "Retry", "Explain"]
            }
        var job = Self.job
        job.state = state
        func labels(_ definitions: DefinitionSet) -> [String] {
            JobReport(
                job: job, steps: [], command: definitions.commands["deploy"], definitions: definitions, now: time.now
            ).offers.map(\.label)
        }
        #expect(labels(try definitions()) == wanted)
        // Nobody is a magician.
        #expect(labels(try definitions(roles: ["magician"])) == ["Explain"])
        job.triedAgainAs = 2
        if state.isFinal { #expect(labels(try definitions()) == ["Explain"]) }
    }

    @Test func `Who asks for one job is offered what they themselves may`() async throws {
        actions.close("one")
        try await run(definitions()) { bot in
            try await bot.type("deploy analytics")
            _ = try #require(try await bot.job(1, in: .running))
            try await bot.type("job 1", as: "U2")
            let seen = try #require(await answer("job 1 · running", to: "U2", bot))
            #expect(!seen.contains("Cancel:") && seen.contains("Explain: /defimon explain 1"))
            try await bot.type("job 1", as: "U3")
            #expect(await answer("Cancel: /defimon cancel 1", to: "U3", bot) != nil)
            actions.open("one")
        }
    }

    @Test func `Approve is shown to who may, and Confirm to who asked`() throws {
        var job = Self.job
        job.requester = .person(id: "olivia", identity: Identity(channel: "chat", userID: "U1"))
        var approval = JobApproval()
        approval.plan = JobPlan(hash: "7f3a12bc7f3a12bc", changes: 1, deletions: 0, parts: [])
        approval.until = time.now.advanced(by: .seconds(60))
        approval.sets = [
            ApprovalSet(need: 1, from: ["operator"], withinMilliseconds: 60_000, deny: 1, allowsOwn: false)
        ]
        job.approval = approval
        let definitions = try definitions()
        func labels(_ state: JobState, _ id: String?) -> [String] {
            job.state = state
            let reader = definitions.people.first { $0.id == id }
            return JobReport(
                job: job, steps: [], command: definitions.commands["deploy"], definitions: definitions, now: time.now,
                reader: reader
            ).offers.map(\.label)
        }
        #expect(labels(.waitingApproval, nil) == ["Approve", "Deny", "Cancel", "Explain"])
        #expect(labels(.waitingApproval, "lena") == ["Approve", "Deny", "Cancel", "Explain"])
        #expect(labels(.waitingApproval, "olivia") == ["Cancel", "Explain"])
        #expect(labels(.waitingApproval, "victor") == ["Explain"])
        #expect(labels(.waitingConfirmation, nil) == ["Confirm", "Cancel", "Explain"])
        #expect(labels(.waitingConfirmation, "olivia") == ["Confirm", "Cancel", "Explain"])
        #expect(labels(.waitingConfirmation, "lena") == ["Cancel", "Explain"])
        // Nobody has the role.
        approval.sets[0].from = ["magician"]
        job.approval = approval
        #expect(labels(.waitingApproval, nil) == ["Cancel", "Explain"])
    }

    // MARK: Cancel

    @Test func `Whoever may not run a command may not cancel it, and is told in private whom to ask`() async throws {
        actions.close("one")
        try await run(definitions()) { bot in
            try await bot.type("deploy analytics")
            _ = try #require(try await bot.job(1, in: .running))
            try await bot.type("cancel 1", as: "U2")
            let refusal = try #require(await answer("needs the role operator", to: "U2", bot))
            #expect(refusal.contains("Who can run it: Lena, Olivia"))
            #expect(try await bot.ledger.job(id: 1)?.cancelledBy == nil)
            #expect(!bot.outlet.all(in: "#ops").contains { $0.contains("needs the role") })
            #expect(try await bot.ledger.audit(AuditFilter(kind: "authorization.denied")).count == 1)
            actions.open("one")
        }
    }

    @Test func `A press on Cancel that comes after the end does nothing and says what has become of the job`()
        async throws
    {
        try await run(definitions()) { bot in
            try await bot.type("deploy analytics")
            _ = try #require(try await bot.job(1, in: .succeeded))
            try await bot.type("cancel 1")
            #expect(await answer("Job 1 has ended already: succeeded", to: "U1", bot) != nil)
            #expect(try await bot.ledger.job(id: 1)?.state == .succeeded)
        }
    }

    @Test func `Of two who press Cancel at once one cancels, and both are told`() async throws {
        actions.close("one")
        try await run(definitions()) { bot in
            try await bot.type("deploy analytics")
            _ = try #require(try await bot.job(1, in: .running))
            async let first: Void = bot.type("cancel 1", as: "U1")
            async let second: Void = bot.type("cancel 1", as: "U3")
            _ = try await (first, second)
            for user in ["U1", "U3"] { #expect(await answer("Job 1", to: user, bot) != nil) }
            let asked = try await bot.ledger.audit(AuditFilter(kind: "job.cancel-requested"))
            #expect(asked.count == 1)
        }
    }

    // MARK: Retry

    @Test func `Retry is a new job of who pressed, with the same arguments, and the old message says so`() async throws
    {
        let line = "deploy analytics note=\"it's a 'test' --force\""
        try await withFailed(line) { bot in
            try await bot.type("retry 1", as: "U3")
            let new = try #require(try await bot.job(2, in: .succeeded))
            let old = try #require(try await bot.ledger.job(id: 1))
            #expect(new.arguments == old.arguments)
            #expect(new.arguments["note"] == "it's a 'test' --force")
            #expect(new.requester.personID == "lena")
            #expect((new.againOf, old.triedAgainAs, old.state) == (1, 2, .failed))
            #expect(await answer("once more after job 1", to: "U3", bot) != nil)
            let told = try #require(await bot.message("Tried again: as job 2"))
            #expect(told.contains("job 1 · failed") && !told.contains("Retry:"))
            #expect(await bot.message("Follows: job 1") != nil)
            let record = try #require(try await bot.ledger.audit(AuditFilter(kind: "job.tried-again")).first)
            #expect((record.actor, record.subject) == ("lena", "job/1"))
        }
    }

    @Test func `A press on Retry that was pressed before is void, and names the job that there is`() async throws {
        try await withFailed { bot in
            try await bot.type("retry 1")
            _ = try #require(try await bot.job(2, in: .succeeded))
            try await bot.type("retry 1", as: "U3")
            #expect(await answer("Void: job 1 was tried again already, as job 2 (succeeded).", to: "U3", bot) != nil)
            #expect(try await bot.ledger.job(id: 3) == nil)
        }
    }

    @Test func `Of many who press Retry at once, one gets a job`() async throws {
        try await withFailed { bot in
            actions.close("one")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<8 {
                    group.addTask { try await bot.type("retry 1", as: index % 2 == 0 ? "U1" : "U3") }
                    group.addTask {
                        _ = try await bot.engine.retry(1, by: Identity(channel: "cli", userID: "root"))
                    }
                }
                try await group.waitForAll()
            }
            _ = try #require(try await bot.job(2, in: .running))
            // Whoever types is answered after those who pressed.
            try await bot.type("job 1")
            _ = try #require(await answer("Tried again: as job 2", to: "U1", bot))
            #expect(try await bot.ledger.jobs(JobFilter(limit: 10)).map(\.id).sorted() == [1, 2])
            actions.open("one")
        }
    }

    @Test func `Retry is checked as if it were typed, and a refusal leaves it to others`() async throws {
        try await withFailed { bot in
            try await bot.type("retry 1", as: "U2")
            let refusal = try #require(await answer("needs the role operator", to: "U2", bot))
            #expect(refusal.contains("Who can run it: Lena, Olivia"))
            try await bot.type("retry 1", as: "U9")
            #expect(await answer("I do not know you", to: "U9", bot) != nil)
            #expect(try await bot.ledger.job(id: 1)?.triedAgainAs == nil)
            try await bot.type("retry 1", as: "U3")
            _ = try #require(try await bot.job(2, in: .succeeded))
        }
    }

    @Test func `A crash after the press makes no second job`() async throws {
        actions.answer("one", .failure(ActionError("the disk is full")))
        try await run(definitions(), crashes: true) { bot in
            try await bot.type("deploy analytics")
            _ = try #require(try await bot.job(1, in: .failed))
            actions.close("one")
            try await bot.type("retry 1", id: "press")
            _ = try #require(try await bot.job(2, in: .running))
        }
        actions.open("one")
        try await run(definitions()) { bot in
            _ = try #require(try await bot.job(2, in: .succeeded))
            try await bot.type("retry 1")
            #expect(await answer("Void: job 1 was tried again already", to: "U1", bot) != nil)
            #expect(try await bot.ledger.job(id: 3) == nil)
        }
    }

    @Test func `A rule's job that failed can be tried again by a person`() async throws {
        actions.answer("one", .failure(ActionError("the disk is full")))
        var set = try definitions()
        set.rules = [try Samples.rule("down", run: "deploy", with: ["pool": "ml"])]
        try await run(set) { bot in
            try await bot.alert("node")
            _ = try #require(try await bot.job(1, in: .failed))
            _ = try #require(await bot.message("Retry: /defimon retry 1"))
            try await bot.type("retry 1")
            let new = try #require(try await bot.job(2, in: .succeeded))
            #expect(new.requester.personID == "olivia")
        }
    }

    @Test func `An escalation goes on when its job is tried again, until somebody has it`() async throws {
        actions.answer("one", .failure(ActionError("the disk is full")))
        var set = try definitions()
        set.rules = [
            try Samples.rule(
                "down", run: "deploy", with: ["pool": "ml"],
                escalate: [Place(channel: OnCallList.channel, address: "team")])
        ]
        set.onCall = ["team": Samples.onCall("team", afterMinutes: [0, 10])]
        try await run(set) { bot in
            try await bot.alert("node")
            let call = try #require(await bot.message("Needs a person", in: "#team-1"))
            #expect(call.contains("Ack: /defimon ack 1") && call.contains("Retry: /defimon retry 1"))
            try await bot.type("retry 1")
            _ = try #require(try await bot.job(2, in: .succeeded))
            try await bot.type("ack")
            #expect(await answer("Open escalations: 1", to: "U1", bot) != nil)
            try await bot.type("ack 1", as: "U3")
            #expect(await bot.message("Acknowledged by Lena", in: "#team-1") != nil)
            try await bot.type("ack 1")
            #expect(await answer("Lena has 1 already", to: "U1", bot) != nil)
        }
    }

    // MARK: Do it, Explain

    @Test func `A plan is carried out once, by its own arguments`() async throws {
        try await run(definitions()) { bot in
            try await bot.type("deploy analytics note=\"keep --plan here\" --plan")
            _ = try #require(try await bot.job(1, in: .succeeded))
            _ = try #require(await bot.message("Do it: /defimon job 1 do"))
            try await bot.type("job 1 do", as: "U2")
            #expect(await answer("needs the role operator", to: "U2", bot) != nil)
            try await bot.type("job 1 do", as: "U3")
            let new = try #require(try await bot.job(2, in: .succeeded))
            #expect(!new.isPlanOnly)
            #expect(new.arguments["note"] == "keep --plan here")
            try await bot.type("job 1 do")
            #expect(await answer("Void: job 1 was carried out already, as job 2", to: "U1", bot) != nil)
            try await bot.type("job 2 do")
            #expect(await answer("Job 2 is no plan that succeeded", to: "U1", bot) != nil)
            #expect(try await bot.ledger.job(id: 3) == nil)
        }
    }

    @Test func `Explain answers who pressed, and nobody else`() async throws {
        try await run(definitions()) { bot in
            try await bot.type("deploy analytics")
            _ = try #require(await bot.message("succeeded"))
            let before = bot.outlet.all(in: "#ops").count
            try await bot.type("explain 1", as: "U2")
            #expect(await answer("deploy analytics", to: "U2", bot) != nil)
            #expect(bot.outlet.all(in: "#ops").count == before)
        }
    }
}
