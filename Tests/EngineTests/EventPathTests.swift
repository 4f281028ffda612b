import Domain
import Engine
import Foundation
import Testing

/// What each input does in each state, without anything around it.
@Suite struct EventPathTests {
    private static let now = Date(timeIntervalSince1970: 1_790_000_000)

    private static func job(_ state: JobState, _ change: (inout Job) -> Void = { _ in }) -> Job {
        var job = Job(
            id: 7, command: "restart-geth", definitionsHash: "", arguments: [:], commandLine: "restart-geth geth-0",
            requester: .rule("geth-down"), eventID: 3, isPlanOnly: false,
            locks: [LockRequest(path: "pool/infrastructure/ethereum")], state: state, createdAt: now,
            startBefore: now.advanced(by: .seconds(900)), timeoutMilliseconds: 60_000, reportTo: [], answerTo: nil)
        change(&job)
        return job
    }

    private static let inputs: [JobInput] = [
        .made, .waits(reason: "x"), .holdEnded, .alertResolved, .started(fencing: 1),
        .outdated(.expired, reason: "x"), .stepsChanged([]), .stepsEnded(.succeeded(reason: nil)), .interrupted,
        .cancelRequested(by: "olivia"), .looked(JobProof(alertBy: now), at: now), .superseded(by: 8),
        .parked(JobWait(topic: nil, line: nil, since: nil), reason: "x", until: now), .frozen(reason: "x"),
        .restored(reason: "x", []),
    ]

    private static func releases(_ transition: EventPath.Transition?) -> Bool {
        transition?.writes.contains { if case .releaseLocks(jobID: 7) = $0 { true } else { false } } ?? false
    }

    @Test(arguments: JobState.allCases.filter(\.isFinal))
    func `A job that has ended does nothing more, whatever comes`(state: JobState) {
        for input in Self.inputs { #expect(EventPath.next(Self.job(state), input, now: Self.now) == nil) }
    }

    @Test func `A queued job that starts takes its locks under its lease`() throws {
        let transition = try #require(EventPath.next(Self.job(.queued), .started(fencing: 5), now: Self.now))
        #expect(transition.job.state == .running)
        #expect(transition.job.fencing == 5)
        #expect(transition.job.startedAt == Self.now)
        let takes = transition.writes.contains {
            if case .takeLocks(jobID: 7, fencing: 5, let locks) = $0 { locks.count == 1 } else { false }
        }
        #expect(takes)
    }

    @Test func `A resolve ends a held job, and a queued one only when the rule says so`() {
        #expect(EventPath.next(Self.job(.held), .alertResolved, now: Self.now)?.job.state == .cancelled)
        #expect(EventPath.next(Self.job(.queued), .alertResolved, now: Self.now) == nil)
        let cancelling = Self.job(.queued) { $0.guards.cancelOnResolve = true }
        #expect(EventPath.next(cancelling, .alertResolved, now: Self.now)?.job.state == .cancelled)
    }

    @Test(arguments: [
        (StepsOutcome.succeeded(reason: nil), JobState.succeeded), (.failed(reason: "x"), .failed),
        (.cancelled(by: "olivia"), .cancelled), (.timedOut(reason: "x"), .timedOut),
    ])
    func `A job whose steps have ended gives its locks back`(outcome: StepsOutcome, state: JobState) {
        let transition = EventPath.next(Self.job(.running), .stepsEnded(outcome), now: Self.now)
        #expect(transition?.job.state == state)
        #expect(transition?.job.endedAt == Self.now)
        #expect(Self.releases(transition))
    }

    @Test func `A job of which nobody can tell keeps its locks`() {
        let transition = EventPath.next(Self.job(.running), .stepsEnded(.unknown(reason: "x")), now: Self.now)
        #expect(transition?.job.state == .unknown)
        #expect(!Self.releases(transition))
    }

    @Test func `A verification waits from the end of the last step, and not at all for a resolved alert`() {
        let job = Self.job(.running) { $0.verify = VerifyDefinition(alertResolvedWithinMilliseconds: 60_000) }
        let waiting = EventPath.next(job, .stepsEnded(.succeeded(reason: nil)), now: Self.now)
        #expect(waiting?.job.state == .verifying)
        #expect(waiting?.job.verifyBy == Self.now.advanced(by: .seconds(60)))
        let done = EventPath.next(job, .stepsEnded(.succeeded(reason: nil)), now: Self.now, alertIsResolved: true)
        #expect(done?.job.state == .succeeded)
    }

    @Test func `A job that waits at a step gives its locks back, and its time stands still`() throws {
        let wait = JobWait(topic: "t", line: nil, since: nil)
        let running = Self.job(.running) { $0.startedAt = Self.now }
        let until = Self.now.advanced(by: .seconds(30))
        let held = try #require(
            EventPath.next(running, .parked(wait, reason: "waits for the image", until: until), now: Self.now))
        #expect(held.job.state == .held)
        #expect(held.job.heldUntil == until)
        #expect(Self.releases(held))
        let later = Self.now.advanced(by: .seconds(90))
        let back = try #require(EventPath.next(held.job, .holdEnded, now: later))
        #expect(back.job.state == .queued)
        #expect(back.job.waitedMilliseconds == 90_000)
        #expect(!back.isTold)
        let again = try #require(EventPath.next(back.job, .started(fencing: 9), now: later))
        #expect(again.job.startedAt == Self.now)
    }

    @Test(arguments: [JobState.held, .queued, .running])
    func `A newer job ends one that has not begun, and stops one that has`(state: JobState) throws {
        let fresh = EventPath.next(Self.job(state), .superseded(by: 8), now: Self.now)
        #expect(state == .running || fresh?.job.state == .superseded)
        let begun = Self.job(state) { $0.startedAt = Self.now }
        let stopped = try #require(EventPath.next(begun, .superseded(by: 8), now: Self.now))
        #expect(!stopped.job.state.isFinal)
        #expect(stopped.stopsRun)
        #expect(stopped.job.supersededBy == 8)
        #expect(EventPath.next(stopped.job, .superseded(by: 9), now: Self.now) == nil)
    }

    @Test func `A job that is to stop is not held any more`() {
        let stopping = Self.job(.running) { $0.cancelledBy = "olivia" }
        let parked = JobInput.parked(JobWait(topic: nil, line: nil, since: nil), reason: "x", until: Self.now)
        #expect(EventPath.next(stopping, parked, now: Self.now) == nil)
    }

    @Test func `A stop of the bot leaves a job running, for the next start`() {
        let transition = EventPath.next(Self.job(.running), .interrupted, now: Self.now)
        #expect(transition?.job.state == .running)
        #expect(!Self.releases(transition))
    }

    @Test func `A second wish to cancel means nothing`() throws {
        let first = try #require(EventPath.next(Self.job(.running), .cancelRequested(by: "olivia"), now: Self.now))
        #expect(first.stopsRun)
        #expect(EventPath.next(first.job, .cancelRequested(by: "victor"), now: Self.now) == nil)
    }
}
