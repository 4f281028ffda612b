import Domain
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Ethereum

/// Nodes that begin: whether they follow the chain, and when they are in sync at last.
@Suite struct FollowingTests {
    private static func behind(_ state: inout FakeNode.State, blocks: Int64) {
        state.headAge = Double(blocks * 12)
        state.block = 10_000 - blocks
        state.syncing = [
            "currentBlock": .string("0x" + String(10_000 - blocks, radix: 16)), "highestBlock": "0x2710",
        ]
    }

    @Test func `nodes that get nearer follow the chain, and the one that is not in sync is named`() async throws {
        let time = VirtualTime()
        let left = Mutex<Int64>(5000)
        let quick = QuickTime { _ in left.withLock { $0 -= 100 } }
        let syncing = FakeNode(time: quick) { Self.behind(&$0, blocks: 5000) }
        let healthy = FakeNode(time: quick)
        let stepping = QuickTime { duration in
            try? await quick.sleep(for: duration)
            syncing.set { Self.behind(&$0, blocks: left.withLock { $0 }) }
        }
        try await withNodes([healthy, syncing], time: time) { nodes in
            let wait = try action("ethereum.wait-following", [:], nodes)
            let output = try await wait.perform(context(stepping))
            #expect(output["in_sync"] == false)
            #expect(output["behind"] == ["geth-1"])
            #expect(output["summary"] == "2 nodes follow the chain; not in sync yet: geth-1")
        }
    }

    @Test func `a node that stands still or has no peers is waited for, and said`() async throws {
        let time = VirtualTime()
        let looks = Mutex(0)
        let node = FakeNode(time: SystemTime()) { Self.behind(&$0, blocks: 5000) }
        // It stands still for three looks, then moves without peers for three, then has peers too.
        let quick = QuickTime { _ in
            let count = looks.withLock {
                $0 += 1
                return $0
            }
            if count >= 3 { node.set { Self.behind(&$0, blocks: 5000 - Int64(count) * 10) } }
            node.set { $0.peers = count >= 6 ? 12 : 0 }
        }
        node.set { $0.peers = 0 }
        let told = Mutex<[String]>([])
        try await withNodes([node], time: time) { nodes in
            let wait = try action("ethereum.wait-following", [:], nodes)
            _ = try await wait.perform(context(quick) { text in told.withLock { $0.append(text) } })
        }
        #expect(looks.withLock { $0 } == 6)
        let last = told.withLock { $0.last } ?? ""
        #expect(last.contains("0 peers, fewer than 3"), "\(last)")
    }

    @Test func `what takes days is looked at now and then until the node is in sync`() async throws {
        let time = VirtualTime()
        let node = FakeNode(time: SystemTime()) { Self.behind(&$0, blocks: 5000) }
        try await withNodes([node], time: time) { nodes in
            let type = try #require(ActionCatalogue(EthereumActions.types(nodes: nodes))["ethereum.await-in-sync"])
            var reader = InputReader.reading(LocatedValue(["node": "geth-0"]))
            let wait = try #require(type.make(&reader) as? any AwaitingAction)
            let first = try await wait.look(context(SystemTime()))
            guard case .notYet(let words, let pause, _) = first else {
                Issue.record("\(first)")
                return
            }
            #expect(words.hasPrefix("geth-0: ") && words.contains("syncing, block"))
            #expect(pause == .seconds(60))
            node.set { $0 = FakeNode.State() }
            let second = try await wait.look(context(SystemTime()))
            guard case .ready(let output) = second else {
                Issue.record("\(second)")
                return
            }
            #expect(output["summary"]?.stringValue?.hasPrefix("geth-0: in sync") == true)
        }
    }
}
