import Domain
import Foundation
import NIOSSL
import TestSupport
import Testing

@testable import Kubernetes

struct ClusterAccessTests {
    /// Asks a server for a namespace over a kubeconfig of the given cluster and user, and gives what the server saw.
    private func ask(
        _ tls: TLSConfiguration, cluster: (Int) -> String, user: String, in folder: TemporaryFolder,
        times: Int = 1, between: @escaping @Sendable () throws -> Void = {}
    ) async throws -> [Asked] {
        let seen = Recorder<Asked>()
        let text: @Sendable (String) -> String = { server in
            """
            apiVersion: v1
            kind: Config
            current-context: main
            contexts: [{name: main, context: {cluster: c, user: u}}]
            clusters:
            - name: c
              cluster: \(server)
            users:
            - name: u
              user: \(user)
            """
        }
        let entry = cluster(0).replacing(":0", with: ":PORT")
        try await withServer(tls: tls) { asked in
            seen.add(asked)
            return .json(["kind": "Namespace", "metadata": ["name": "n"]])
        } _: { port in
            let path = try folder.write(text(entry.replacing(":PORT", with: ":\(port)")), to: "kubeconfig")
            let client = try KubernetesClient(cluster: "c", access: try Kubeconfig(path: path).access(context: nil))
            do {
                for index in 0..<times {
                    if index > 0 { try between() }
                    _ = try await client.get(.namespaces, name: "n")
                }
            } catch {
                await client.shutdown()
                throw error
            }
            await client.shutdown()
        }
        return seen.all
    }

    @Test(arguments: [("rsa", "pkcs1"), ("rsa", "pkcs8"), ("ec", "sec1"), ("ec", "pkcs8")])
    func aClientCertificateIsShownWhateverFormItsKeyHas(algorithm: String, form: String) async throws {
        let made = try await Certificates()
        let client = try await made.client(algorithm, form)
        let files = "{client-certificate: \(client.certificate), client-key: \(client.key)}"
        let inline =
            "{client-certificate-data: \(try made.base64(client.certificate)), "
            + "client-key-data: \(try made.base64(client.key))}"
        let tls = try made.server(asksClient: true)
        for user in [files, inline] {
            let seen = try await ask(
                tls, cluster: { "{server: 'https://127.0.0.1:\($0)', certificate-authority: ca.pem}" }, user: user,
                in: made.folder)
            #expect(seen.count == 1)
        }
        await #expect(throws: KubernetesError.self) {
            try await ask(
                tls, cluster: { "{server: 'https://127.0.0.1:\($0)', certificate-authority: ca.pem}" }, user: "{}",
                in: made.folder)
        }
    }

    @Test func aServerOfAnUnknownCAIsRefusedBeforeAnythingIsSent() async throws {
        let made = try await Certificates()
        let error = await #expect(throws: KubernetesError.self) {
            try await ask(
                try made.server(), cluster: { "{server: 'https://127.0.0.1:\($0)', certificate-authority: other.pem}" },
                user: "{token: abc}", in: made.folder)
        }
        #expect(error?.mayHaveBeenSent == false)
        #expect(error?.isTransient == true)
    }

    @Test func theNameOfTheServersCertificateCanBeGiven() async throws {
        let made = try await Certificates()
        let data = try made.base64("ca.pem")
        let seen = try await ask(
            try made.server("named"),
            cluster: {
                "{server: 'https://127.0.0.1:\($0)', tls-server-name: kubernetes.test, certificate-authority-data: \(data)}"
            }, user: "{token: abc}", in: made.folder)
        #expect(seen.first?.headers["authorization"] == "Bearer abc")
        let error = await #expect(throws: KubernetesError.self) {
            try await ask(
                try made.server("named"),
                cluster: { "{server: 'https://127.0.0.1:\($0)', certificate-authority-data: \(data)}" },
                user: "{token: abc}", in: made.folder)
        }
        #expect(error?.mayHaveBeenSent == false)
        #expect(error?.message == "127.0.0.1: the server's certificate is for another name")
    }

    @Test func aTokenFileThatWasReplacedHoldsAtOnce() async throws {
        let made = try await Certificates()
        let folder = made.folder
        try folder.write("first\n", to: "token")
        let seen = try await ask(
            try made.server(), cluster: { "{server: 'https://127.0.0.1:\($0)', certificate-authority: ca.pem}" },
            user: "{tokenFile: token, token: ignored}", in: folder, times: 2,
            between: { try folder.write("second\n", to: "token") })
        #expect(seen.map { $0.headers["authorization"] } == ["Bearer first", "Bearer second"])
    }

    @Test(arguments: [
        ("{server: 'https://h', insecure-skip-tls-verify: true}", "{}", "skip the check"),
        ("{server: 'https://h', proxy-url: 'http://p'}", "{}", "'proxy-url'"),
        ("{server: 'https://h'}", "{exec: {command: aws}}", "speaks ''"),
        (
            "{server: 'https://h'}", "{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: aws}}",
            "speaks 'client.authentication.k8s.io/v1beta1'"
        ),
        (
            "{server: 'https://h'}",
            "{exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, interactiveMode: Always}}",
            "at a terminal"
        ),
        ("{server: 'https://h'}", "{exec: {apiVersion: client.authentication.k8s.io/v1}}", "no command"),
        ("{server: 'https://h'}", "{auth-provider: {name: gcp}}", "'auth-provider'"),
        ("{server: 'https://h'}", "{username: a, password: b}", "'username'"),
        ("{server: 'http://10.0.0.1'}", "{token: abc}", "unencrypted"),
        ("{server: 'ftp://h'}", "{}", "no address"), ("{}", "{}", "no server"),
        ("{server: 'https://h', certificate-authority: gone.pem}", "{}", "does not exist"),
        ("{server: 'https://h', certificate-authority-data: '???'}", "{}", "not base64"),
    ])
    func whatCannotBeHonouredIsRefused(cluster: String, user: String, words: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            "current-context: m\ncontexts: [{name: m, context: {cluster: c, user: u}}]\n"
                + "clusters: [{name: c, cluster: \(cluster)}]\nusers: [{name: u, user: \(user)}]\n", to: "kubeconfig")
        let error = #expect(throws: ClusterAccessError.self) { try Kubeconfig(path: path).access(context: nil) }
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        #expect(error?.message.contains("abc") == false)
    }

    @Test func anUnknownContextNamesThoseThatAreThere() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write("contexts: [{name: one, context: {}}, {name: two, context: {}}]", to: "kubeconfig")
        let error = #expect(throws: ClusterAccessError.self) { try Kubeconfig(path: path).access(context: "three") }
        #expect(error?.hint?.contains("one, two") == true)
    }

    @Test func thePodsServiceAccountIsFound() throws {
        let folder = try TemporaryFolder()
        try folder.write("abc\n", to: "token")
        try folder.write("pem", to: "ca.crt")
        let access = try InClusterConfiguration.access(
            environment: ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"],
            folder: folder.url.path)
        #expect(access.server == "https://[fd00::1]:443")
        #expect(access.credential == .tokenFile("\(folder.url.path)/token"))
        #expect(throws: ClusterAccessError.self) { try InClusterConfiguration.access(environment: [:]) }
    }
}

struct ClusterSettingsTests {
    private func problems(_ value: JSONValue) -> [String] {
        var reader = InputReader.reading(LocatedValue(value))
        _ = ClusterSettings(&reader)
        reader.finish()
        return reader.problems.map(\.description)
    }

    @Test func eachWayToReachAClusterIsRead() {
        #expect(
            problems([
                "a": ["kubeconfig": "k", "context": "c"], "b": ["in_cluster": true],
                "c": ["server": "https://h", "token": ["env": "T"], "ca": "ca.pem"],
            ]).isEmpty)
    }

    @Test(
        arguments: [
            ([:], "nothing says"), (["kubeconfig": "k", "in_cluster": true], "several things"),
            (["server": "s", "context": "c"], "'context' is for 'kubeconfig' only"),
            (["kubeconfig": "k", "token": ["env": "T"]], "'token' is for 'server' only"),
            (["kubeconfg": "k"], "did you mean 'kubeconfig'?"),
        ] as [(JSONValue, String)])
    func whatDoesNotFitIsAProblem(cluster: JSONValue, words: String) {
        #expect(problems(["a": cluster]).contains { $0.contains(words) })
    }

    private static let prices: [String: JSONValue] = [
        "cpu_core_month": .double(5.25), "memory_gib_month": 2, "storage_gib_month": .double(0.05), "currency": "EUR",
    ]

    @Test func whatAClusterCostsIsReadAndReckoned() {
        var reader = InputReader.reading(
            LocatedValue(["a": ["in_cluster": true, "prices": .object(ClusterSettingsTests.prices)]]))
        let prices = ClusterSettings(&reader).clusters["a"]?.prices
        #expect(reader.problems.isEmpty)
        var requests = ResourceRequests()
        (requests.cpu, requests.memory, requests.storage) = (2, Double(1 << 30), 20 * Double(1 << 30))
        #expect(prices?.month(requests) == "EUR 13.50")
    }

    @Test(
        arguments: [
            ("currency", "euros", "no currency of three letters"), ("memory_gib_month", "2", "no memory_gib_month"),
            ("cpu_core_month", -1, "no cpu_core_month"), ("cpu_core_month", 1_000_000, "no cpu_core_month"),
            ("gpu_month", 3, "unknown member 'gpu_month'"),
        ] as [(String, JSONValue, String)])
    func aPriceThatIsNoneIsAProblem(name: String, value: JSONValue, words: String) {
        let prices = ClusterSettingsTests.prices.merging([name: value]) { $1 }
        let found = problems(["a": ["in_cluster": true, "prices": .object(prices)]])
        #expect(found.count == 1)
        #expect(found.first?.contains(words) == true)
    }

    @Test func anUnknownClusterSaysWhichThereAreAndHowToSetOne() throws {
        let none = #expect(throws: ActionError.self) { try ClusterDirectory().client("analytics") }
        #expect(none?.message.contains("no cluster is set") == true)
        let some = #expect(throws: ActionError.self) { try directory(port: 1).client("tset") }
        #expect(some?.message.contains("set are: test") == true)
        #expect(some?.hint?.contains("did you mean 'test'?") == true)
        #expect(some?.hint?.contains("clusters: {tset: {kubeconfig") == true)
    }

    @Test func everyActionDescribesItselfWithoutAnyCluster() {
        let types = KubernetesActions.types(clusters: ClusterDirectory(), root: "/")
        #expect(
            types.map(\.name).sorted() == [
                "kubernetes.apply", "kubernetes.autoscale", "kubernetes.cordon", "kubernetes.cronjob-trigger",
                "kubernetes.delete", "kubernetes.drain", "kubernetes.drift", "kubernetes.events",
                "kubernetes.kubeconfig-fetch", "kubernetes.logs", "kubernetes.memory-resize",
                "kubernetes.namespace-delete", "kubernetes.namespace-ensure", "kubernetes.pod-report",
                "kubernetes.preview-ensure", "kubernetes.preview-keep", "kubernetes.preview-list",
                "kubernetes.preview-remove", "kubernetes.proven", "kubernetes.rollback", "kubernetes.rollout-restart",
                "kubernetes.rollout-wait", "kubernetes.run-job", "kubernetes.scale", "kubernetes.scale-to",
                "kubernetes.secret-ensure", "kubernetes.secret-rotate", "kubernetes.set-image", "kubernetes.uncordon",
                "kubernetes.volume-resize", "kubernetes.wait",
            ])
        for type in types {
            // One works on a host: it comes before the cluster can be reached.
            #expect(type.inputs.first?.name == (type.name == "kubernetes.kubeconfig-fetch" ? "host" : "cluster"))
            var reader = InputReader.describing()
            let made = type.make(&reader)
            #expect(
                made is any RepeatableAction || made is any AwaitingAction || made is any RemoteOperation)
            #expect((made is any Plannable) == (type.effect == .changes))
        }
    }
}
