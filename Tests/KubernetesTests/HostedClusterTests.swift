import Domain
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Kubernetes

/// A provider of clusters whose answers a test sets.
private final class Provider: HostedClusters {
    struct State {
        var server = ""
        var token = "first"
        var failure: ActionError?
        var asked: [HostedCluster] = []
        var forgotten: [String] = []
    }

    let state = Mutex(State())

    func address(of cluster: HostedCluster) async throws -> HostedClusterAddress {
        try state.withLock { state in
            state.asked.append(cluster)
            if let failure = state.failure { throw failure }
            return HostedClusterAddress(server: state.server)
        }
    }

    func token() async throws -> Secret { state.withLock { Secret($0.token) } }

    func forget(_ token: Secret) async {
        state.withLock { state in
            state.forgotten.append(token.reveal())
            state.token = "second"
        }
    }

    var asked: [HostedCluster] { state.withLock { $0.asked } }
}

@Suite struct HostedClusterTests {
    private func settings(_ cluster: JSONValue) -> (ClusterSettings, [String]) {
        var reader = InputReader.reading(LocatedValue(["test": cluster]))
        let settings = ClusterSettings(&reader)
        reader.finish()
        return (settings, reader.problems.map(\.message))
    }

    private func directory(_ provider: Provider?) -> ClusterDirectory {
        let (settings, problems) = settings(["gke": ["cluster": "infrastructure", "location": "europe-west3"]])
        #expect(problems == [])
        return ClusterDirectory(settings, base: "/", secrets: TableOfSecrets(values: [:]), provider: provider)
    }

    private func namespace(_ clusters: ClusterDirectory) async throws {
        _ = try await clusters.client("test").get(.namespaces, name: "n")
    }

    @Test func `the provider says where the cluster is, once, and which token it takes`() async throws {
        let provider = Provider()
        let clusters = directory(provider)
        let tokens = Mutex<[String]>([])
        try await withServer({ asked in
            tokens.withLock { $0.append(asked.headers["authorization"] ?? "") }
            return .json(["kind": "Namespace", "metadata": ["name": "n"]])
        }) { port in
            provider.state.withLock { $0.server = "http://127.0.0.1:\(port)" }
            for _ in 0..<3 { try await namespace(clusters) }
            await clusters.shutdown()
        }
        #expect(provider.asked == [HostedCluster(name: "infrastructure", location: "europe-west3")])
        #expect(tokens.withLock { $0 } == ["Bearer first", "Bearer first", "Bearer first"])
    }

    @Test func `a token that is refused is forgotten, and the request is sent again with the next one`() async throws {
        let provider = Provider()
        let clusters = directory(provider)
        try await withServer({ asked in
            asked.headers["authorization"] == "Bearer second"
                ? .json(["kind": "Namespace", "metadata": ["name": "n"]]) : .failure(401, "Unauthorized")
        }) { port in
            provider.state.withLock { $0.server = "http://127.0.0.1:\(port)" }
            try await namespace(clusters)
            await clusters.shutdown()
        }
        #expect(provider.state.withLock { $0.forgotten } == ["first"])
    }

    @Test func `a cluster that is not to be reached is asked for anew, and found where it is now`() async throws {
        let provider = Provider()
        let clusters = directory(provider)
        let nobody = try FreePort.take()
        provider.state.withLock { $0.server = "http://127.0.0.1:\(nobody)" }
        await #expect(throws: KubernetesError.self) { try await namespace(clusters) }
        try await withServer({ _ in .json(["kind": "Namespace", "metadata": ["name": "n"]]) }) { port in
            provider.state.withLock { $0.server = "http://127.0.0.1:\(port)" }
            try await namespace(clusters)
            await clusters.shutdown()
        }
        #expect(provider.asked.count == 2)
    }

    @Test func `what the provider says is told, and asked again the next time`() async throws {
        let provider = Provider()
        let clusters = directory(provider)
        provider.state.withLock { $0.failure = ActionError("there is no such cluster", hint: "make it first") }
        for _ in 0..<2 {
            let error = await #expect(throws: KubernetesError.self) { try await namespace(clusters) }
            let told = error?.actionError("it cannot be read", cluster: "test", changes: true)
            #expect(told?.message.contains("there is no such cluster (make it first)") == true)
            #expect(told?.mayHaveTakenEffect == false)
        }
        #expect(provider.asked.count == 2)
        await clusters.shutdown()
    }

    @Test func `a token never goes in clear to another machine`() async throws {
        let provider = Provider()
        let clusters = directory(provider)
        provider.state.withLock { $0.server = "http://192.0.2.1" }
        let error = await #expect(throws: KubernetesError.self) { try await namespace(clusters) }
        #expect(error?.message.contains("unencrypted") == true)
        await clusters.shutdown()
    }

    @Test func `the files of hosted clusters are not read again, for there are none`() async throws {
        let clusters = directory(Provider())
        _ = try clusters.client("test")
        let found = clusters.readAgain()
        #expect(found.failures.isEmpty && found.rotated.isEmpty)
        await clusters.shutdown()
    }

    @Test(
        arguments: [
            (["gke": ["cluster": "a"], "kubeconfig": "k"], "several things"),
            (["gke": ["cluster": "A"]], "cluster"), (["gke": ["location": "europe-west3"]], "cluster"),
            (["gke": ["cluster": "a", "location": "Europe"]], "location"),
        ] as [(JSONValue, String)])
    func `settings that cannot be are told`(_ cluster: JSONValue, _ words: String) {
        let problems = settings(cluster).1
        #expect(problems.contains { $0.contains(words) }, "\(problems)")
    }
}
