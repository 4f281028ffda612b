import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Kubernetes

/// A Lease of 15 s: renewed every 5 s, no more jobs 10 s after the last renewal began, no more writing after 12 s.
struct LeaseKeeperTests {
    private let time = VirtualTime()
    private let board = FakeLeaseBoard()
    private let news = Recorder<LeaseKeeper.News>()

    /// Nobody gives a call up unless `hangs` is said: who sleeps then sleeps between two calls.
    private func keeper(_ identity: String = "a", hangs: Bool = false) -> LeaseKeeper {
        let start = time.now
        return LeaseKeeper(
            .of(seconds: 15), board: board, identity: identity, time: time,
            callTime: hangs ? nil : VirtualTime(), monotonic: { [time] in time.now.since(start) },
            onNews: { [news] in news.add($0) })
    }

    /// Runs `body` while the Lease is kept.
    private func keeping(_ keeper: LeaseKeeper, _ body: () async throws -> Void) async rethrows {
        let keeping = Task { await keeper.keep() }
        defer { keeping.cancel() }
        await time.untilSleeping(1)
        try await body()
    }

    private func wait(_ what: Comment, _ condition: () -> Bool) async {
        let isSo: Bool? = await eventually(within: .seconds(20)) { condition() ? true : nil }
        #expect(isSo == true, what)
    }

    @Test func `before it is taken nothing may be written, then for 12 s and not a moment longer`() async throws {
        let keeper = keeper()
        #expect(!keeper.mayWrite)
        #expect(try await keeper.take())
        #expect(board.record?.holder == "a")
        #expect(board.record?.seconds == 15)
        time.advance(by: .milliseconds(11_999))
        #expect(keeper.mayWrite)
        time.advance(by: .milliseconds(1))
        #expect(!keeper.mayWrite)
    }

    @Test func `a renewal after 5 s holds for 12 s from where it began`() async throws {
        let keeper = keeper()
        #expect(try await keeper.take())
        let start = time.now
        await keeping(keeper) {
            time.advance(by: .milliseconds(4_999))
            #expect(board.writes == 1)
            time.advance(by: .milliseconds(1))
            await wait("renewed") { board.writes == 2 }
            time.jump(to: start.addingTimeInterval(16.999))
            await wait("known to be renewed") { keeper.mayWrite }
            time.jump(to: start.addingTimeInterval(17))
            #expect(!keeper.mayWrite)
        }
    }

    @Test func `an API that hangs ends the work after 10 s and all writing after 12 s`() async throws {
        let keeper = keeper(hangs: true)
        #expect(try await keeper.take())
        await keeping(keeper) {
            board.set(.hangs)
            let before = board.calls
            time.advance(by: .seconds(5))
            await wait("a renewal hangs") { board.calls == before + 1 }
            await time.untilSleeping(1)
            time.advance(by: .seconds(5))
            #expect(keeper.mayWrite)
            let reason = await keeper.lost()
            #expect(
                reason == "the lease n/defimon of cluster test could not be renewed for 10 s: no answer within 5 s")
            #expect(keeper.mayWrite)
            time.advance(by: .seconds(2))
            #expect(!keeper.mayWrite)
            #expect(keeper.loss == reason)
        }
    }

    @Test func `failures that pass are survived`() async throws {
        let keeper = keeper()
        #expect(try await keeper.take())
        await keeping(keeper) {
            board.set(.fails)
            time.advance(by: .seconds(5))
            await wait("said") { news.all.contains(.renewalFails("HTTP 500")) }
            #expect(keeper.complaint == "HTTP 500")
            for _ in 0..<3 {
                let before = board.calls
                await time.untilSleeping(1)
                time.advance(by: .seconds(1))
                await wait("tried again") { board.calls > before }
            }
            board.set(.none)
            await time.untilSleeping(1)
            time.advance(by: .seconds(1))
            await wait("renewed") { board.writes == 2 }
            await wait("said") { news.all.last == .renewedAgain }
            // Once for all of them.
            #expect(news.all.filter { if case .renewalFails = $0 { true } else { false } }.count == 1)
            time.advance(by: .milliseconds(4_900))
            #expect(keeper.mayWrite)
        }
    }

    @Test func `one that slept through its Lease may not write when it wakes, before it has looked at anything`()
        async throws
    {
        let keeper = keeper()
        #expect(try await keeper.take())
        await keeping(keeper) {
            time.jump(to: time.now.addingTimeInterval(20))
            #expect(!keeper.mayWrite)
            // Its timers go off now; another one has taken the Lease meanwhile.
            board.put(holder: "b")
            time.advance(by: .seconds(1))
            let reason = await keeper.lost()
            #expect(reason?.contains("could not be renewed") == true)
            #expect(board.record?.holder == "b")
            #expect(!keeper.mayWrite)
        }
    }

    @Test func `a Lease that another one has taken ends writing at once`() async throws {
        let keeper = keeper()
        #expect(try await keeper.take())
        await keeping(keeper) {
            board.put(holder: "b")
            time.advance(by: .seconds(5))
            #expect(await keeper.lost() == "the lease n/defimon of cluster test was taken by b")
            #expect(!keeper.mayWrite)
            #expect(keeper.loss.hasSuffix("was taken by b"))
            #expect(board.record?.holder == "b")
        }
    }

    @Test func `a Lease that was deleted is made again, and one that others touched is kept`() async throws {
        let keeper = keeper()
        #expect(try await keeper.take())
        await keeping(keeper) {
            board.put(holder: nil, isThere: false)
            time.advance(by: .seconds(5))
            await wait("made again") { board.writes == 2 }
            board.put(holder: "a")
            await time.untilSleeping(1)
            time.advance(by: .seconds(5))
            await wait("kept") { board.writes == 3 }
            #expect(board.record?.holder == "a")
            #expect(keeper.mayWrite)
        }
    }

    @Test func `a renewal whose answer was lost is found, and counts from the one that was answered`() async throws {
        let keeper = keeper()
        #expect(try await keeper.take())
        let start = time.now
        await keeping(keeper) {
            board.set(.losesAnswers)
            time.advance(by: .seconds(5))
            await wait("written") { board.writes == 2 }
            await wait("said") { news.all.contains(.renewalFails("the connection broke")) }
            await time.untilSleeping(1)
            time.jump(to: start.addingTimeInterval(12))
            #expect(!keeper.mayWrite)
            time.jump(to: start.addingTimeInterval(5))
            board.set(.none)
            time.advance(by: .seconds(1))
            await wait("renewed") { board.writes == 3 }
            await wait("said") { news.all.last == .renewedAgain }
            #expect(board.record?.holder == "a")
        }
    }

    @Test func `the second one waits and says for whom, and begins as soon as the first gives it back`() async throws {
        let first = keeper("a")
        let second = keeper("b")
        #expect(try await first.take())
        #expect(try await !second.take(looks: 1))
        #expect(second.waitsFor == "waits for the lease n/defimon of cluster test, held by a")
        #expect(!second.mayWrite)
        await first.release()
        #expect(!first.mayWrite)
        #expect(board.record?.holder == nil)
        #expect(try await second.take(looks: 1))
        #expect(second.waitsFor == nil)
        #expect(board.record?.holder == "b")
        #expect(board.record?.transitions == 1)
        // What is no longer ours is not given back.
        await first.release()
        #expect(board.record?.holder == "b")
        #expect(
            news.all == [
                .taken, .waits("waits for the lease n/defimon of cluster test, held by a"), .released, .taken,
            ])
    }

    @Test func `the second one takes over 15 s after it saw the last renewal, when the first writes no more`()
        async throws
    {
        let first = keeper("a")
        #expect(try await first.take())
        let second = keeper("b")
        let taking = Task { try await second.take() }
        while time.now < Date(timeIntervalSince1970: 1_790_000_015) {
            await time.untilSleeping(1)
            #expect(!second.mayWrite)
            let before = board.calls
            time.advance(by: .seconds(1))
            await wait("looked again") { board.calls > before }
            #expect(!(first.mayWrite && second.mayWrite))
        }
        await wait("taken") { second.mayWrite }
        taking.cancel()
        #expect(!first.mayWrite)
        #expect(second.mayWrite)
    }

    @Test func `in a cluster two cannot both win, and a refusal is named`() async throws {
        try await withStandIn { standIn, clusters in
            let client = try clusters.client("test")
            func keeper(_ identity: String) -> LeaseKeeper {
                LeaseKeeper(
                    .of(seconds: 5), clusters: clusters, identity: identity, time: SystemTime(), onNews: { _ in })
            }
            let early = keeper("early")
            #expect(try await !early.take(looks: 1))
            #expect(early.waitsFor?.contains("namespaces \"n\" not found") == true, "\(early.waitsFor ?? "")")
            _ = try await client.create(
                .namespaces, ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "n"]])
            let all = (0..<8).map { keeper("k\($0)") }
            let won = try await withThrowingTaskGroup(of: String?.self) { group in
                for keeper in all {
                    group.addTask { try await keeper.take(looks: 1) ? keeper.identity : nil }
                }
                return try await group.reduce(into: [String]()) { if let one = $1 { $0.append(one) } }
            }
            #expect(won.count == 1)
            let lease = try await client.get(.leases, namespace: "n", name: "defimon")
            #expect(lease.text("spec", "holderIdentity") == won.first)
            #expect(lease.number("spec", "leaseDurationSeconds") == 5)
            let holder = try #require(all.first { $0.identity == won.first })
            await holder.release()
            let free = try await client.get(.leases, namespace: "n", name: "defimon")
            #expect(free.text("spec", "holderIdentity") == nil)
            #expect(try await all[0].take(looks: 1))
        }
    }
}
