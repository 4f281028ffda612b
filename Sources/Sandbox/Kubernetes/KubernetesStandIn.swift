package import Domain
import Foundation
import HTTPTypes
import Hummingbird
package import Logging
import NIOCore
import ServiceLifecycle

/// A Kubernetes API server in memory, with the controllers that make workloads live; over HTTP on this machine.
package final class KubernetesStandIn: Service {
    /// How the stand-in is set up.
    package struct Configuration: Sendable {
        package var host = "127.0.0.1"
        /// 0: a free one.
        package var port = 0
        /// When set, every request must carry it.
        package var bearerToken: Secret?
        package var timing = KubernetesTiming()
        /// How many changes are kept for watches; older versions answer 410.
        package var historyLimit = 4000
        package var bookmarkInterval = Duration.seconds(10)
        /// Told after a pod's containers started: namespace, workload, pod.
        package var onPodStart: @Sendable (_ namespace: String, _ workload: String, _ pod: String) -> Void = {
            _, _, _ in
        }
        /// Where uids come from.
        package var makeUID: @Sendable () -> String = { UUID().uuidString.lowercased() }

        package init() {}
    }

    private let configuration: Configuration
    let time: any TimeSource
    private let logger: Logger
    let store: ClusterStore
    private let failureSwitch = FailureSwitch()
    private let counter = RequestCounter()
    private let access: AccessControl
    private let port = ListeningPortPromise()

    /// Without a logger it is silent.
    package init(
        _ configuration: Configuration = Configuration(), time: any TimeSource = SystemTime(),
        logger: Logger = Logger(label: "defimon.sandbox.kubernetes", factory: { _ in SwiftLogNoOpLogHandler() })
    ) {
        self.configuration = configuration
        self.time = time
        self.logger = logger
        var state = ClusterState(historyLimit: configuration.historyLimit, makeUID: configuration.makeUID)
        state.addSystemNamespaces(now: time.now)
        state.addMachinery(now: time.now)
        store = ClusterStore(state)
        access = AccessControl(store: store)
    }

    /// Serves until it is cancelled or asked to stop. Throws when the port cannot be had.
    package func run() async throws {
        let server = KubernetesServer(
            api: KubernetesAPI(store: store, time: time), store: store, time: time, failures: failureSwitch,
            counter: counter,
            control: ControlRoutes(
                store: store, time: time, failures: failureSwitch, counter: counter, access: access),
            bearerToken: configuration.bearerToken, access: access, bookmarkInterval: configuration.bookmarkInterval)
        let application = Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in await server.respond(to: request) },
            configuration: .init(
                address: .hostname(configuration.host, port: configuration.port), serverName: nil),
            onServerRunning: { [port] in port.fulfill($0.localAddress?.port) }, logger: logger)
        let loop = ControlLoop(
            store: store, time: time, failures: failureSwitch, timing: configuration.timing,
            onPodStart: configuration.onPodStart)
        defer {
            port.fulfill(nil)
            store.close()
        }
        try await withGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                defer { group.cancelAll() }
                group.addTask { try await application.run() }
                group.addTask { await loop.run() }
                try await group.next()
            }
        } onGracefulShutdown: { [store] in
            store.close()  // watches would hold the server for as long as their clients stay
        }
    }

    /// `http://127.0.0.1:PORT`, as soon as the server listens. Throws `CancellationError` when it ended.
    package func url() async throws -> String { "http://\(configuration.host):\(try await port.value())" }

    /// A kubeconfig for kubectl and for the bot, in YAML; `namespace` is the one of its context, `token` a service
    /// account's instead of the administrator's.
    package func kubeconfig(namespace: String = "default", token: Secret? = nil) async throws -> String {
        let user =
            (token ?? configuration.bearerToken).map { "{token: \(JSONValue.string($0.reveal()).canonicalText)}" }
            ?? "{}"
        return """
            apiVersion: v1
            kind: Config
            current-context: sandbox
            clusters:
            - name: sandbox
              cluster: {server: "\(try await url())"}
            contexts:
            - name: sandbox
              context: {cluster: sandbox, user: sandbox, namespace: \(namespace)}
            users:
            - name: sandbox
              user: \(user)

            """
    }

    /// The failures in force.
    package var failures: KubernetesFailures { failureSwitch.current }

    /// Switches failures; pods and controllers look at them again at once.
    package func setFailures(_ body: @Sendable (inout KubernetesFailures) -> Void) {
        failureSwitch.set(body)
        store.ring()
    }

    /// How often each kind of request came, by method and path pattern (`PATCH /apis/…/deployments/{name}?dryRun=All`).
    package var requestCounts: [String: Int] { counter.all }

    /// Begins counting anew.
    package func resetRequestCounts() { counter.reset() }

    /// From now on the token is a service account's: its requests are checked against the Roles and bindings.
    package func register(_ token: Secret, serviceAccount name: String, namespace: String) {
        access.register(token.reveal(), ServiceAccountUser(namespace: namespace, name: name))
    }

    /// The permissions that service accounts' requests needed and had.
    package var accessUses: Set<AccessUse> { access.uses }

    /// What service accounts were refused, in the server's words; the first thousand.
    package var accessRefusals: [String] { access.refusals }

    /// Sets what the pods of a workload have logged.
    package func setLogLines(_ lines: [String], namespace: String, workload: String) {
        store.change { $0.setLog(lines, of: "\(namespace)/\(workload)", now: time.now) }
        store.ring()
    }

    /// Forgets past changes, so that watches from before answer 410.
    package func forgetHistory() { store.change { $0.forgetHistory() } }

    /// One object as it is now, nil when there is none or the kind is not served. `namespace` is empty for kinds
    /// without one.
    package func object(apiVersion: String, kind: String, namespace: String, name: String) -> JSONValue? {
        store.read { state in
            state.kinds.find(apiVersion: apiVersion, kind: kind).flatMap { state.object($0, namespace, name)?.json }
        }
    }

    /// All objects of a kind; nil as namespace: of all.
    package func objects(apiVersion: String, kind: String, namespace: String? = nil) -> [JSONValue] {
        store.read { state in
            guard let kind = state.kinds.find(apiVersion: apiVersion, kind: kind) else { return [] }
            return state.list(kind, namespace: namespace).map(\.json)
        }
    }
}
