import Domain
import Foundation
import TestSupport
import Testing

@testable import Kubernetes

/// A kubeconfig whose user's token comes from a program.
struct ExecPluginTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Answers with the contents of `answer`, notes each run in `runs` and what it was told in `told`.
    private func writePlugin(_ more: String = "") throws {
        let script = """
            #!/bin/sh
            cd "$(dirname "$0")"
            echo run >> runs
            env > told
            \(more)
            cat answer
            """
        try folder.write(script, to: "plugin")
        chmod(folder.path("plugin"), 0o700)
    }

    private func answer(_ status: String) throws {
        try folder.write(
            #"{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": \#(status)}"#,
            to: "answer")
    }

    private var runs: Int {
        // No file is no run.
        (try? String(contentsOfFile: folder.path("runs"), encoding: .utf8))?.split(separator: "\n").count ?? 0
    }

    private func clusters(
        port: Int, exec: String = "command: ./plugin", environment: [String: String] = ["PATH": "/usr/bin:/bin"],
        _ told: Recorder<String> = Recorder()
    ) throws -> ClusterDirectory {
        try folder.write(
            """
            current-context: m
            contexts: [{name: m, context: {cluster: c, user: u}}]
            clusters: [{name: c, cluster: {server: 'http://127.0.0.1:\(port)'}}]
            users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, \(exec)}}}]

            """, to: "kubeconfig")
        var reader = InputReader.reading(LocatedValue(["test": ["kubeconfig": "kubeconfig"]]))
        return ClusterDirectory(
            ClusterSettings(&reader), base: folder.url.path, secrets: TableOfSecrets(), environment: environment,
            onSecret: { told.add($0.reveal()) })
    }

    private func namespace(_ clusters: ClusterDirectory) async throws {
        _ = try await clusters.client("test").get(.namespaces, name: "n")
    }

    @Test func `the program is asked once for many requests, and its token is known to the redactor`() async throws {
        try writePlugin()
        try answer(#"{"token": "from-the-plugin", "expirationTimestamp": "2999-01-01T00:00:00Z"}"#)
        let seen = Recorder<Asked>()
        let told = Recorder<String>()
        try await withServer { asked in
            seen.add(asked)
            return .json(["kind": "Namespace", "metadata": ["name": "n"]])
        } _: { port in
            let clusters = try clusters(port: port, told)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<10 { group.addTask { try await namespace(clusters) } }
                try await group.waitForAll()
            }
            await clusters.shutdown()
        }
        #expect(seen.all.count == 10)
        #expect(Set(seen.all.map { $0.headers["authorization"] }) == ["Bearer from-the-plugin"])
        #expect(runs == 1)
        #expect(told.all == ["from-the-plugin"])
    }

    @Test func `a token that the server does not take is asked for anew, once`() async throws {
        try writePlugin()
        try answer(#"{"token": "first-token"}"#)
        let seen = Recorder<String>()
        try await withServer { asked in
            let token = asked.headers["authorization"] ?? ""
            seen.add(token)
            return token == "Bearer second-token"
                ? .json(["kind": "Namespace", "metadata": ["name": "n"]]) : .failure(401, "Unauthorized")
        } _: { port in
            let clusters = try clusters(port: port)
            await #expect(throws: KubernetesError.self) { try await namespace(clusters) }
            #expect(runs == 2)
            try answer(#"{"token": "second-token"}"#)
            try await namespace(clusters)
            try await namespace(clusters)
            await clusters.shutdown()
        }
        #expect(runs == 3)
        #expect(
            seen.all == ["first", "first", "first", "second", "second"].map { "Bearer \($0)-token" })
    }

    @Test func `a token is not used in its last minute`() async throws {
        try writePlugin()
        let time = VirtualTime()
        let end = time.now.addingTimeInterval(3600)
        let text = end.formatted(.iso8601)
        try answer(#"{"token": "first-token", "expirationTimestamp": "\#(text)"}"#)
        let section: JSONValue = ["apiVersion": .string(ExecPlugin.apiVersion), "command": "./plugin"]
        let plugin = try ExecPlugin(section, folder: folder.url.path, cluster: .null)
        let source = CredentialSource(
            .plugin(plugin), environment: ["PATH": "/usr/bin:/bin"], time: time, onSecret: { _ in })
        #expect(try await source.token()?.reveal() == "first-token")
        try answer(#"{"token": "second-token"}"#)
        time.advance(by: .seconds(3600 - 62))
        #expect(try await source.token()?.reveal() == "first-token")
        time.advance(by: .seconds(3))
        #expect(try await source.token()?.reveal() == "second-token")
        #expect(runs == 2)
    }

    @Test func `the program sees the cluster where it wants to, the provider's variables, and no token of the bot`()
        async throws
    {
        try writePlugin()
        try answer(#"{"token": "from-the-plugin"}"#)
        try await withServer { _ in
            .json(["kind": "Namespace"])
        } _: { port in
            let clusters = try clusters(
                port: port,
                exec: "command: plugin, provideClusterInfo: true, args: [a], env: [{name: REGION, value: fsn1}]",
                environment: [
                    "PATH": "\(folder.url.path):/usr/bin:/bin", "SLACK_TOKEN": "xoxb-1", "GOOGLE_CLOUD_PROJECT": "p",
                ])
            try await namespace(clusters)
            await clusters.shutdown()
            let told = try String(contentsOfFile: folder.path("told"), encoding: .utf8)
            #expect(told.contains("REGION=fsn1"))
            #expect(told.contains("GOOGLE_CLOUD_PROJECT=p"))
            #expect(!told.contains("xoxb-1"))
            #expect(
                told.contains(
                    #"KUBERNETES_EXEC_INFO={"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","#
                        + #""spec":{"cluster":{"server":"http://127.0.0.1:\#(port)"},"interactive":false}}"#))
        }
    }

    @Test(arguments: [
        ("echo no login >&2; exit 3", "{}", "failed: no login"), ("exit 1", "{}", "did not say why"),
        ("", "{}", "gave no token"), ("", #"{"clientCertificateData": "x"}"#, "takes tokens alone"),
        ("", #"{"token": "t-o-k-e-n", "expirationTimestamp": "soon"}"#, "no time"),
        ("echo t-o-k-e-n; exit 0", "{}", "did not answer with an ExecCredential"),
    ])
    func `what goes wrong is told without what the program wrote`(more: String, status: String, words: String)
        async throws
    {
        try writePlugin(more)
        try answer(status)
        let clusters = try clusters(port: 1)
        let error = await #expect(throws: KubernetesError.self) { try await namespace(clusters) }
        await clusters.shutdown()
        #expect(error?.message.contains("the credential plugin './plugin'") == true)
        #expect(error?.message.contains(words) == true, "\(String(describing: error))")
        #expect(error?.message.contains("t-o-k-e-n") == false)
        #expect(error?.mayHaveBeenSent == false)
    }

    @Test func `a program that is not there is told`() async throws {
        let clusters = try clusters(port: 1, exec: "command: no-such-plugin")
        let error = await #expect(throws: KubernetesError.self) { try await namespace(clusters) }
        await clusters.shutdown()
        #expect(error?.message.contains("there is no program 'no-such-plugin'") == true)
    }
}
