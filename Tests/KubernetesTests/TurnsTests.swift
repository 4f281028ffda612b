import Synchronization
import TestSupport
import Testing

@testable import Kubernetes

struct TurnsTests {
    /// Waits inside of its turn until the test opens it.
    private final class Gate: Sendable {
        private let stream: AsyncStream<Void>
        private let open: AsyncStream<Void>.Continuation

        init() { (stream, open) = AsyncStream.makeStream() }
        func wait() async { for await _ in stream { return } }
        func pass() { open.finish() }
    }

    @Test func oneAtATimeAndInTheOrderInWhichTheyCame() async throws {
        let turns = Turns()
        let told = Recorder<String>()
        let gate = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await turns.take("a") {
                    told.add("first")
                    await gate.wait()
                    told.add("first ends")
                }
            }
            _ = await eventually { told.all.isEmpty ? nil : true }
            for number in 1...5 {
                group.addTask { try await turns.take("a") { _ = told.add("waiter \(number)") } }
                _ = await eventually { turns.waiting("a") == number ? true : nil }
            }
            // Another cluster's do not wait.
            try await turns.take("b") { _ = told.add("other") }
            gate.pass()
            try await group.waitForAll()
        }
        #expect(told.all == ["first", "other", "first ends"] + (1...5).map { "waiter \($0)" })
    }

    @Test func whoIsCancelledLeavesTheLineAndWhoThrowsLeavesTheTurn() async throws {
        struct Broken: Error {}
        let turns = Turns()
        let gate = Gate()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await turns.take("a") { await gate.wait() } }
            _ = await eventually { turns.isTaken("a") ? true : nil }
            let waiter = Task { try await turns.take("a") {} }
            _ = await eventually { turns.waiting("a") == 1 ? true : nil }
            waiter.cancel()
            await #expect(throws: CancellationError.self) { try await waiter.value }
            #expect(turns.waiting("a") == 0)
            gate.pass()
            try await group.waitForAll()
        }
        await #expect(throws: Broken.self) { try await turns.take("a") { throw Broken() } }
        #expect(!turns.isTaken("a"))
        #expect(try await turns.take("a") { 1 } == 1)
    }
}
