import Domain
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Kubernetes

@Suite("The way to an API server")
struct ConnectionTests {
    @Test("A burst goes at once, the rest at an even pace, and a pause makes room for a burst again")
    func pace() {
        let pace = RequestPace(perSecond: 50, burst: 300)
        let start = ContinuousClock.now
        for _ in 0..<300 { #expect(pace.reserve(now: start) == .zero) }
        #expect(pace.reserve(now: start) == .milliseconds(20))
        #expect(pace.reserve(now: start) == .milliseconds(40))
        let later = start.advanced(by: .seconds(60))
        for _ in 0..<300 { #expect(pace.reserve(now: later) == .zero) }
        #expect(pace.reserve(now: later) == .milliseconds(20))
    }

    @Test("Who does not wait for the turn any more is let go at once")
    func cancelledTurn() async throws {
        let pace = RequestPace(perSecond: 1, burst: 1)
        try await pace.turn()
        let waiting = Task { try await pace.turn() }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
    }

    @Test("Where HTTP/2 is offered, more requests are under way than there are connections")
    func http2() async throws {
        let certificates = try await Certificates()
        let underWay = Mutex(0)
        let count = 20
        try await withServer(
            tls: try certificates.server(), http2: true,
            { _ in
                underWay.withLock { $0 += 1 }
                // Answered only when all are there, which eight connections of HTTP/1.1 never let through.
                let all = await eventually(within: .seconds(20)) { underWay.withLock { $0 == count } ? true : nil }
                return all == nil ? .text("not all came", status: 500) : .json(["kind": "Pod"])
            }
        ) { port in
            let client = try KubernetesClient(
                cluster: "test",
                access: ClusterAccess(
                    server: "https://127.0.0.1:\(port)", trustedCertificates: try certificates.bytes("ca.pem")))
            let kinds = try await withThrowingTaskGroup(of: String.self) { group in
                for index in 0..<count {
                    group.addTask { try await client.get(.pods, namespace: "n", name: "p-\(index)").kind }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(kinds.count == count)
            await client.shutdown()
        }
    }

    @Test("A feed goes on when the server was away and has come back, without telling anything twice")
    func restartedServer() async throws {
        @Sendable func pod(_ name: String, _ version: Int) -> JSONValue {
            [
                "kind": "Pod", "apiVersion": "v1",
                "metadata": ["name": .string(name), "resourceVersion": .string(String(version))],
            ]
        }
        @Sendable func line(_ type: String, _ object: JSONValue) -> String {
            JSONValue.object(["type": .string(type), "object": object]).canonicalText + "\n"
        }
        let port = try FreePort.take()
        let said = Recorder<String>()
        let watched = Recorder<String>()
        let clusters = try directory(port: port)
        let feed = ObjectFeed(client: try clusters.client("test"), type: .pods, namespace: "n", time: ImpatientTime())
        let first = AsyncStream<Void>.makeStream()
        let following = Task {
            for await _ in first.stream { break }
            return try await feed.until { change -> Bool? in
                switch change {
                case .all(let all): said.add("all " + all.map(\.name).joined(separator: ","))
                case .changed(let pod): said.add("changed \(pod.name)")
                case .removed(let pod): said.add("removed \(pod.name)")
                }
                return said.all.last == "changed last" ? true : nil
            }
        }
        try await withServer(
            port: port,
            { asked in
                guard asked.query["watch"] == "true" else {
                    return .json(["metadata": ["resourceVersion": "10"], "items": [pod("a", 5)]])
                }
                let version = asked.query["resourceVersion"] ?? ""
                watched.add(version)
                guard version == "10" else { return .stream([], end: .open) }
                return .stream([line("MODIFIED", pod("a", 11))], end: .cut)
            }
        ) { _ in
            first.continuation.finish()
            _ = await eventually { said.all.contains("changed a") ? true : nil }
        }
        // Between the two nobody listens: connections are refused.
        try await withServer(
            port: port,
            { asked in
                watched.add(asked.query["resourceVersion"] ?? "list")
                return .stream([line("ADDED", pod("last", 12))], end: .open)
            }
        ) { _ in
            let hasEnded = try await following.value
            #expect(hasEnded)
        }
        await clusters.shutdown()
        #expect(said.all == ["all a", "changed a", "changed last"])
        #expect(watched.all.first == "10")
        #expect(watched.all.last == "11")
    }
}
