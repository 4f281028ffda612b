import Domain
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Kubernetes

/// A kubeconfig that is kept as a secret, and comes later than the bot.
struct LateKubeconfigTests {
    /// Secrets, and a store of them, as a running bot has both.
    private final class Secrets: SecretSource, SecretStore {
        let values = Mutex<[String: String]>([:])
        let saves = Mutex(0)

        func secret(_ reference: SecretReference) throws(MissingSecret) -> Secret {
            guard case .stored(let name) = reference, let value = values.withLock({ $0[name] }) else {
                throw MissingSecret("there is no secret '\(reference)'")
            }
            return Secret(value)
        }

        var place: String { "the test" }
        func all() -> [String: Secret] { values.withLock { $0.mapValues { Secret($0) } } }
        func save(_ name: String, _ secret: Secret) {
            saves.withLock { $0 += 1 }
            values.withLock { $0[name] = secret.reveal() }
        }
        func add(_ name: String, _ secret: Secret) -> Bool { false }
    }

    private let secrets = Secrets()
    private let told = Recorder<String>()

    private func clusters() -> ClusterDirectory {
        var reader = InputReader.reading(LocatedValue(["test": ["kubeconfig": ["stored": "kubeconfig"]]]))
        return ClusterDirectory(
            ClusterSettings(&reader), base: "/", secrets: secrets, environment: [:], onSecret: { told.add($0.reveal()) }
        )
    }

    private func kubeconfig(_ server: String, user: String = "{token: planted-token}") -> String {
        """
        current-context: default
        contexts: [{name: default, context: {cluster: default, user: default}}]
        clusters: [{name: default, cluster: {server: '\(server)'}}]
        users: [{name: default, user: \(user)}]

        """
    }

    // MARK: Reading it

    @Test func `A cluster whose kubeconfig is not there yet says so, and what a plan may go past`() throws {
        let error = #expect(throws: ActionError.self) { try clusters().client("test") }
        #expect(error?.message.contains("its kubeconfig is not there") == true)
        #expect(error?.hint?.contains("deploy test") == true)
        #expect(error?.missing == "the kubeconfig of cluster test is there")
    }

    @Test func `A cluster that is still to be made has no previews`() async throws {
        let output = try await action("kubernetes.preview-list", [:], clusters: clusters()).perform(
            ActionContext(jobID: 1, idempotencyKey: "k", attempt: 1, time: SystemTime(), progress: { _ in }))
        #expect(output["count"] == 0)
        #expect(output["previews"] == [])
    }

    @Test func `A cluster is reached as soon as its kubeconfig is there, and anew when it has changed`() async throws {
        let seen = Recorder<String>()
        let answer: @Sendable (String) -> @Sendable (Asked) -> Reply = { name in
            { asked in
                seen.add("\(name) \(asked.headers["authorization"] ?? "")")
                return .json(["kind": "Namespace", "metadata": ["name": "n"]])
            }
        }
        let clusters = clusters()
        #expect(throws: ActionError.self) { try clusters.client("test") }
        try await withServer(answer("first")) { first in
            try await withServer(answer("second")) { second in
                secrets.save("kubeconfig", Secret(kubeconfig("http://127.0.0.1:\(first)")))
                for _ in 0..<2 { _ = try await clusters.client("test").get(.namespaces, name: "n") }
                secrets.save(
                    "kubeconfig", Secret(kubeconfig("http://127.0.0.1:\(second)", user: "{token: other-token}")))
                _ = try await clusters.client("test").get(.namespaces, name: "n")
                #expect(clusters.readAgain() == SecretRereading())
            }
        }
        await clusters.shutdown()
        #expect(
            seen.all == ["first Bearer planted-token", "first Bearer planted-token", "second Bearer other-token"])
        #expect(Set(told.all).isSuperset(of: ["planted-token", "other-token"]))
    }

    @Test func `A text that is no kubeconfig is told without a word of it`() throws {
        secrets.save("kubeconfig", Secret("users: [planted-token\nx: 'planted-token"))
        let error = #expect(throws: ActionError.self) { try clusters().client("test") }
        #expect(error?.message.contains("the kubeconfig stored:kubeconfig is not the text") == true)
        #expect("\(String(describing: error))".contains("planted") == false)
    }

    // MARK: Fetching it

    private let context = ActionContext(
        jobID: 1, idempotencyKey: "step", attempt: 1, time: SystemTime(), timeLimit: .seconds(60)
    ) { _ in }

    private func fetch(
        _ hosts: any HostAccess, _ more: [String: JSONValue] = [:]
    ) throws -> any RepeatableAction & Plannable {
        var reader = InputReader.reading(
            LocatedValue(
                .object(
                    ["host": "control", "server": "https://10.0.0.2:6443", "secret": "kubeconfig"]
                        .merging(more) { $1 })))
        let made = KubeconfigFetchAction(&reader, hosts, secrets, { told.add($0.reveal()) })
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        return made
    }

    private func hosts(_ text: String) -> ScriptedHosts {
        ScriptedHosts(["control"]) { _ in HostCommandResult(.exited(0), output: .init(text), errors: .init("")) }
    }

    private static let k3s = """
        apiVersion: v1
        clusters:
        - cluster:
            certificate-authority-data: cGxhbnRlZC1jYQ==
            server: https://127.0.0.1:6443
          name: default
        contexts:
        - context:
            cluster: default
            user: default
          name: default
        current-context: default
        kind: Config
        preferences: {}
        users:
        - name: default
          user:
            client-certificate-data: cGxhbnRlZC1jZXJ0aWZpY2F0ZQ==
            client-key-data: cGxhbnRlZC1rZXk=

        """

    @Test func `A kubeconfig is kept with the address that the bot uses, once, and told nowhere`() async throws {
        let hosts = hosts(LateKubeconfigTests.k3s)
        let action = try fetch(hosts)
        #expect(
            try await action.plan(context).changes == ["secret kubeconfig: new, the kubeconfig of host control"])
        #expect(secrets.all().isEmpty)
        let output = try await action.perform(context)
        #expect(output["changed"] == true)
        let access = try Kubeconfig(try secrets.secret(.stored("kubeconfig")), source: "it", folder: "/")
            .access(context: nil)
        #expect(access.server == "https://10.0.0.2:6443")
        #expect(access.clientKey == Array("planted-key".utf8))
        #expect(access.trustedCertificates == Array("planted-ca".utf8))
        #expect(!output.canonicalText.contains("planted") && !output.canonicalText.contains("cGxhbnRlZ"))
        #expect(Set(told.all).isSuperset(of: ["cGxhbnRlZC1rZXk=", "planted-key"]))
        #expect(try await action.perform(context)["changed"] == false)
        #expect(try await action.plan(context).changes.isEmpty)
        #expect(secrets.saves.withLock { $0 } == 1)
        #expect(hosts.calls.allSatisfy { $0.command.arguments.last == "/etc/rancher/k3s/k3s.yaml" })
    }

    @Test func `Without an address the file's own stays`() async throws {
        _ = try await fetch(hosts(LateKubeconfigTests.k3s), ["server": ""]).perform(context)
        let kept = try secrets.secret(.stored("kubeconfig"))
        #expect(try Kubeconfig(kept, source: "it", folder: "/").access(context: nil).server == "https://127.0.0.1:6443")
    }

    @Test func `It is waited for, from before the host answers until the file is whole`() async throws {
        let time = VirtualTime()
        let looks = Mutex(0)
        let hosts = ScriptedHosts(["control"]) { call throws(HostError) in
            let look = looks.withLock { looks in
                looks += 1
                return looks
            }
            switch look {
            case 1: throw HostError(call.host, .notConnected(passes: true), "Connection refused")
            case 2:
                return HostCommandResult(
                    .exited(1), output: .init(""), errors: .init("cat: /x: No such file or directory\n"))
            case 3:
                return HostCommandResult(
                    .exited(0), output: .init(String(LateKubeconfigTests.k3s.prefix(200))), errors: .init(""))
            default: return HostCommandResult(.exited(0), output: .init(LateKubeconfigTests.k3s), errors: .init(""))
            }
        }
        let said = Recorder<String>()
        let context = ActionContext(
            jobID: 1, idempotencyKey: "step", attempt: 1, time: time, timeLimit: .seconds(60)
        ) { said.add($0) }
        let action = try fetch(hosts, ["wait": true])
        async let done = action.perform(context)
        for _ in 0..<3 {
            await time.untilSleeping(1)
            time.advance(by: .seconds(5))
        }
        #expect(try await done["changed"] == true)
        #expect(said.all.count == 3 && said.all.allSatisfy { !$0.contains("cGxhbnRlZ") })
    }

    @Test func `Without waiting, and when the time is over, it is said what is missing`() async throws {
        let empty = hosts("")
        var error = await refusal { _ = try await fetch(empty).perform(context) }
        #expect(error?.message == "host control: /etc/rancher/k3s/k3s.yaml is empty")
        let over = ActionContext(
            jobID: 1, idempotencyKey: "step", attempt: 1, time: SystemTime(), timeLimit: .zero
        ) { _ in }
        error = await refusal { _ = try await fetch(empty, ["wait": true]).perform(over) }
        #expect(error?.message.contains("k3s.yaml is empty") == true)
    }

    @Test(arguments: [
        "{exec: {apiVersion: client.authentication.k8s.io/v1, command: planted-program}}", "{tokenFile: /planted-file}",
        "{client-certificate: /planted, client-key: /planted}", "{}", "{client-key-data: cGxhbnRlZC1rZXk=}",
    ])
    func `What would make the bot run a program or read a file of its own is not taken`(user: String) async throws {
        let hosts = hosts(kubeconfig("https://127.0.0.1:6443", user: user))
        let error = await refusal { _ = try await fetch(hosts).perform(context) }
        #expect(error?.message.contains("no token and no certificate") == true)
        #expect("\(String(describing: error))".contains("planted") == false)
        #expect(secrets.all().isEmpty)
    }

    @Test func `An error of the host is told without what the host had written`() async throws {
        let hosts = ScriptedHosts(["control"]) { call throws(HostError) in
            throw HostError(call.host, .tookTooLong, "the command took too long", output: LateKubeconfigTests.k3s)
        }
        let error = await refusal { _ = try await fetch(hosts).perform(context) }
        #expect(error?.message.contains("took too long") == true && error?.details == nil)
        let failing = ScriptedHosts(["control"]) { _ in
            HostCommandResult(.exited(1), output: .init(LateKubeconfigTests.k3s), errors: .init(""))
        }
        let other = await refusal { _ = try await fetch(failing).perform(context) }
        #expect(other?.message == "host control: /etc/rancher/k3s/k3s.yaml cannot be read: exit code 1")
        #expect("\(String(describing: other))".contains("cGxhbnRlZ") == false)
    }

    @Test func `A plan before the host is there knows it later; a host that no setting names fails`() async throws {
        let gone = ScriptedHosts(["control"]) { call throws(HostError) in
            throw HostError(call.host, .notConnected(passes: false), "there is no server of that name")
        }
        let plan = try await fetch(gone).plan(context)
        #expect(plan.changes.isEmpty && plan.knownLater.count == 1)
        #expect(
            await refusal { _ = try await fetch(NoHosts()).plan(context) }?.message.contains("no such host") == true)
    }

    @Test(arguments: [("server", "http://a b"), ("path", "relative"), ("path", "/"), ("secret", "../x")])
    func `Inputs that lead elsewhere are problems`(name: String, text: String) {
        #expect(throws: Problem.self) { try fetch(NoHosts(), [name: .string(text)]) }
    }
}
