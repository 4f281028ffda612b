import Domain
import Engine
import Foundation
import Testing

/// What a guard's question does to a job, without anything around it.
@Suite struct ApprovalPathTests {
    private static let now = Date(timeIntervalSince1970: 1_790_000_000)
    private static let otherwise = ApprovalSet(
        need: 1, from: ["lead"], withinMilliseconds: 1_800_000, deny: 1, allowsOwn: false)
    private static let plan = JobPlan(hash: String(repeating: "ab", count: 32), changes: 1, deletions: 0, parts: [])

    private static func job(_ state: JobState, _ change: (inout Job) -> Void = { _ in }) -> Job {
        var job = Job(
            id: 7, command: "restart-geth", definitionsHash: "", arguments: [:], commandLine: "restart-geth geth-0",
            requester: .rule("geth-down"), eventID: 3, isPlanOnly: false, locks: [], state: state, createdAt: now,
            startBefore: now.advanced(by: .seconds(900)), timeoutMilliseconds: 60_000, reportTo: [], answerTo: nil)
        change(&job)
        return job
    }

    private static func after(_ job: Job, _ input: JobInput) throws -> Job {
        try #require(EventPath.next(job, input, now: now)).job
    }

    private static func vote(_ person: String) -> ApprovalVote {
        ApprovalVote(
            person: person, identity: Identity(channel: "chat", userID: "U3"), roles: ["lead"], verdict: .approves,
            reason: nil, at: now)
    }

    @Test(arguments: [JobState.queued, .held])
    func `A guard's question sends a job to the people, whose answer it then has`(state: JobState) throws {
        let reason = "nobody can tell whether the alert still fires"
        let asked = try Self.after(Self.job(state), .asked(reason: reason))
        #expect(asked.state == .waitingApproval)
        #expect(asked.asks == [reason])
        let waiting = try Self.after(asked, .approval(.planned(Self.plan, sets: [], otherwise: Self.otherwise)))
        #expect(waiting.state == .waitingApproval)
        #expect(waiting.approval?.sets == [Self.otherwise])
        #expect(waiting.reason == "needs 1 more of lead (\(reason))")
        let allowed = try Self.after(waiting, .approval(.voted(Self.vote("lena"))))
        #expect(allowed.state == .queued)
        // Asked again for the same, it goes on; for something else, people are asked again.
        #expect(EventPath.next(allowed, .asked(reason: reason), now: Self.now) == nil)
        let again = try Self.after(allowed, .asked(reason: "something else"))
        #expect(again.state == .waitingApproval)
        #expect(again.approval?.votes == [])
    }

    @Test func `A job that is made with a question goes to the people at once, and a held one when its hold ends`()
        throws
    {
        let made = try Self.after(Self.job(.queued) { $0.asks = ["why"] }, .made)
        #expect(made.state == .waitingApproval)
        let held = try Self.after(Self.job(.held) { $0.asks = ["why"] }, .made)
        #expect(held.state == .held)
        #expect(try Self.after(held, .holdEnded).state == .waitingApproval)
        let plain = try Self.after(Self.job(.queued), .made)
        #expect(plain.state == .queued)
        let planOnly = try Self.after(
            Self.job(.queued) {
                $0.asks = ["why"]
                $0.isPlanOnly = true
            }, .made)
        #expect(planOnly.state == .queued)
    }

    @Test func `A job that has begun is not asked about`() {
        for state in [JobState.running, .queued, .held] {
            let begun = Self.job(state) { $0.startedAt = Self.now }
            #expect(EventPath.next(begun, .asked(reason: "why"), now: Self.now) == nil)
        }
    }

    @Test func `A job keeps no more than ten questions`() throws {
        var job = Self.job(.queued)
        for number in 1...11 { job = try Self.after(job, .asked(reason: "why \(number)")) }
        #expect(job.asks?.count == 10)
        #expect(job.asks?.last == "why 11")
    }

    @Test func `The order of two plans' lines tells what is new and what is gone`() {
        func plan(_ parts: [JobPlan.Part]) -> JobPlan { JobPlan(hash: "", changes: 0, deletions: 0, parts: parts) }
        let old = plan([
            .init(name: "a", hash: "1", lines: ["x", "y"]), .init(name: "b", hash: "2", lines: []),
            .init(name: "c", hash: "3", lines: ["same"]),
        ])
        let new = plan([
            .init(name: "a", hash: "4", lines: ["y", "z"]), .init(name: "b", hash: "2", lines: []),
            .init(name: "d", hash: "5", lines: ["w"]),
        ])
        #expect(new.difference(from: old) == ["  a", "-   x", "+   z", "+ d", "+   w", "- c"])
    }

    @Test func `A ledger of yesterday is read`() throws {
        var text = try JSONValue(encoding: Self.job(.queued))
        guard case .object(var members) = text else { return }
        members["approval"] = nil
        members["asks"] = nil
        text = .object(members)
        #expect(try text.decode(Job.self).approval == nil)
    }
}
