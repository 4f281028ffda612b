import Testing

@testable import Sandbox

@Suite struct ClusterStoreTests {
    /// Waking a task and cancelling it take the same locks in opposite orders, unless the store lets go of its own first.
    @Test func `Watchers that go away while the cluster changes stop nobody`() async throws {
        let store = ClusterStore(ClusterState(historyLimit: 10, makeUID: { "uid" }))
        let ringing = Task.detached {
            while !Task.isCancelled {
                store.ring()
                await Task.yield()
            }
        }
        for round in 0..<20_000 {
            let watcher = Task.detached { for await _ in store.bell() {} }
            if round % 3 == 0 { await Task.yield() }
            watcher.cancel()
            await watcher.value
        }
        ringing.cancel()
        await ringing.value
        // Whoever comes afterwards is woken as ever.
        var bell = store.bell().makeAsyncIterator()
        store.ring()
        #expect(await bell.next() != nil)
    }
}
