import Domain
import Foundation
import Logging
import Outbound
import Sandbox
import ServiceLifecycle
import Synchronization

/// The stand-ins of a sandbox, and the world that they make up together.
struct SandboxStandIns: Sendable {
    let slack: SlackStandIn
    let ethereum: EthereumStandIn
    let alerts: AlertSender
    let kubernetes: KubernetesStandIn
    let pullRequests: SandboxPullRequests
    let ingress: IngressStandIn
    let google: GoogleCloudStandIn
    let hetzner: HetznerStandIn
    let authority: ACMEStandIn
    let bot = BotAddress()
    private let isWithoutNodes: Bool

    /// Where the bot listens, once it does.
    final class BotAddress: Sendable {
        private let url = Mutex<String?>(nil)
        func set(_ value: String) { url.withLock { $0 = value } }
        var value: String? { url.withLock { $0 } }
    }

    /// `root` is the folder whose `deploy/` is what the repository on GitHub holds.
    /// Without nodes it begins before the first deploy of them: nothing answers where they will be.
    /// Without `servers` the project at Hetzner is empty; things take `pace` times as long there as they usually do.
    /// Throws when certificates of the stand-ins cannot be made.
    init(
        _ secrets: SandboxSettings.Secrets, root: String? = nil, withoutNodes isWithoutNodes: Bool = false,
        servers: HetznerStandIn.Seed? = nil, pace: Double = 1,
        session: HTTPSession, logger: Logger
    ) throws {
        self.isWithoutNodes = isWithoutNodes
        let bot = bot
        let send: BotConnection = { path, headers, body in
            guard let base = bot.value else { throw HTTPError(.notSent, "the bot does not listen yet") }
            let answer = try await session.send(
                HTTPRequest(method: "POST", url: base + path, headers: headers, body: body), timeout: .seconds(10))
            return (answer.status, answer.text)
        }
        slack = SlackStandIn(
            .init(
                botToken: secrets.botToken, signingSecret: secrets.signing,
                channels: [
                    SlackChannel(id: "C0OPS", name: "ops", topic: "What the bot does"),
                    SlackChannel(id: "C0ONCALL", name: "oncall", topic: "What needs a person"),
                ] + SandboxPeople.onCall.map(SlackChannel.direct), users: SandboxPeople.all), send: send)
        pullRequests = SandboxPullRequests(secrets, root: root, send: send)
        let ethereum = EthereumStandIn()
        if isWithoutNodes {
            for node in ethereum.nodeNames {
                ethereum.set(node, .down)
                ethereum.set(node, .lighthouseDown, true)
            }
        }
        self.ethereum = ethereum
        // No token: kubectl does not show one over plain HTTP, and everything here is on the loopback address.
        var cluster = KubernetesStandIn.Configuration()
        let seeded = Seeded()
        cluster.onPodStart = { namespace, workload, _ in
            // The first start of a node is the beginning of the world, not a restart.
            let isFirst = seeded.isFirst(workload)
            guard namespace == "ethereum", isWithoutNodes || !isFirst else { return }
            if let number = workload.hasPrefix("lighthouse-") ? workload.dropFirst("lighthouse-".count) : nil {
                ethereum.lighthouseRestarted("geth-\(number)")
            } else {
                ethereum.restarted(workload)
            }
        }
        let kubernetes = KubernetesStandIn(cluster, logger: logger)
        self.kubernetes = kubernetes
        ingress = try IngressStandIn(kubernetes)
        var cloud = GoogleCloudStandIn.Configuration()
        cloud.project = SandboxSettings.googleProject
        cloud.metadataAccount = "defimon@\(SandboxSettings.googleProject).iam.gserviceaccount.com"
        // Every cluster of Kubernetes Engine is the one cluster that there is.
        cloud.cluster = { _ in
            // Without an address it has one where nobody is.
            (try? await kubernetes.url()).map { .init(endpoint: $0, caCertificate: "") }
        }
        google = GoogleCloudStandIn(cloud)
        var project = HetznerStandIn.Configuration(tokens: [secrets.hetznerToken])
        project.seed = servers
        project.running = project.running.mapValues { $0 * pace }
        project.runningOtherwise = project.runningOtherwise * pace
        let hetzner = HetznerStandIn(project)
        self.hetzner = hetzner
        // All names lead to the bot, which answers for proofs of control over them.
        authority = try ACMEStandIn(
            .init(web: { _ in bot.value.flatMap { ListenAddress(String($0.trimmingPrefix("http://"))) } }))
        SandboxServers(hetzner: hetzner, kubernetes: kubernetes).connect()
        var crashLoop = SandboxAlert.podCrashLooping(namespace: "analytics", pod: "redis-0", container: "redis")
        crashLoop.onFire = {
            kubernetes.setFailures {
                $0.crashLoop["analytics/redis"] = .init(lines: [
                    "# Fatal error loading the DB: Bad file format. Exiting."
                ])
            }
        }
        crashLoop.isOver = { kubernetes.failures.crashLoop["analytics/redis"] == nil }
        let outOfMemory = SandboxAlert.outOfMemory(
            namespace: "analytics", pod: "postgresql-0", container: "postgresql")
        var alerting = AlertSender.Configuration(
            token: secrets.alertmanager,
            alerts: ethereum.nodeNames.map { .gethDown($0, on: ethereum) }
                + ethereum.nodeNames.map { .gethStuck($0, on: ethereum) }
                + ethereum.nodeNames.map { .lighthouseDown($0, on: ethereum) } + [crashLoop, outOfMemory])
        alerting.firingFor = .seconds(180)
        alerts = AlertSender(alerting, send: send)
    }

    var services: [any Service] {
        [slack, ethereum, alerts, kubernetes, ingress, google, hetzner, authority]
            + [pullRequests.github, pullRequests.registry]
    }

    func addresses() async throws -> SandboxSettings.Addresses {
        var nodes: [String: SandboxSettings.Addresses.Node] = [:]
        for (index, node) in ethereum.nodeNames.enumerated() {
            nodes[node] = SandboxSettings.Addresses.Node(
                execution: try await ethereum.executionURL(of: node), engine: try await ethereum.engineURL(of: node),
                beacon: try await ethereum.beaconURL(of: node), jwt: ethereum.jwtSecret(of: node), geth: node,
                lighthouse: "lighthouse-\(index)")
        }
        return SandboxSettings.Addresses(
            slack: try await slack.url(), alertmanager: try await alerts.url(),
            github: try await pullRequests.github.url(), registry: try await pullRequests.registry.url(),
            kubeconfig: try await kubernetes.kubeconfig(), cluster: try await kubernetes.url(),
            ingress: try await ingress.url(),
            secureIngress: ListenAddress(host: "127.0.0.1", port: try await ingress.securePort()),
            google: try await google.url(), hetzner: try await hetzner.url(),
            authority: try await authority.url(), nodes: nodes)
    }

    /// Puts what a cluster has from the start into the cluster and, unless it begins without them, the Ethereum nodes, as
    /// a platform that runs already has them.
    func seed(_ session: HTTPSession) async throws {
        // Hetzner's class of volumes, which the pools name, as deploy/hetzner-cluster has it in what cannot be changed.
        try await apply(
            [
                "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
                "metadata": ["name": "hcloud-volumes", "labels": ["app.kubernetes.io/managed-by": "defimon"]],
                "provisioner": "csi.hetzner.cloud", "allowVolumeExpansion": true, "reclaimPolicy": "Retain",
                "volumeBindingMode": "WaitForFirstConsumer", "parameters": ["csi.storage.k8s.io/fstype": "ext4"],
            ], at: "/apis/storage.k8s.io/v1/storageclasses/hcloud-volumes", session)
        try await apply(
            [
                "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": ["name": "standard-rwo"],
                "provisioner": "pd.csi.storage.gke.io", "allowVolumeExpansion": true,
            ], at: "/apis/storage.k8s.io/v1/storageclasses/standard-rwo", session)
        guard !isWithoutNodes else { return }
        let managed: JSONValue = ["app.kubernetes.io/managed-by": "defimon"]
        try await apply(
            ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "ethereum", "labels": managed]],
            at: "/api/v1/namespaces/ethereum", session)
        try await apply(
            [
                "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
                "metadata": ["name": "chain-data", "labels": managed],
                "provisioner": "pd.csi.storage.gke.io", "allowVolumeExpansion": true, "reclaimPolicy": "Retain",
                "volumeBindingMode": "WaitForFirstConsumer",
                "parameters": ["type": "pd-ssd", "csi.storage.k8s.io/fstype": "ext4"],
            ], at: "/apis/storage.k8s.io/v1/storageclasses/chain-data", session)
        for (index, node) in ethereum.nodeNames.enumerated() {
            try await seed(node, "geth", "execution", "ethereum/client-go:stable", "2Ti", session)
            try await seed(
                "lighthouse-\(index)", "lighthouse", "consensus", "sigp/lighthouse:latest", "500Gi", session)
        }
        try await untilNodesRun()
    }

    /// Whoever restarts a node in the first second must not meet its first start.
    private func untilNodesRun() async throws {
        for _ in 0..<500 {
            let sets = kubernetes.objects(apiVersion: "apps/v1", kind: "StatefulSet", namespace: "ethereum")
            if sets.allSatisfy({ $0.at(path: "status.readyReplicas") == 1 }) { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw Complaint("the sandbox' Ethereum nodes do not start", .unreachable)
    }

    /// As deploy/infrastructure-pool has it in what cannot be changed later.
    private func seed(
        _ name: String, _ container: String, _ component: String, _ image: String, _ size: String,
        _ session: HTTPSession
    ) async throws {
        let labels: JSONValue = [
            "app.kubernetes.io/name": .string(name), "app.kubernetes.io/component": .string(component),
            "app.kubernetes.io/part-of": "infrastructure-pool", "app.kubernetes.io/managed-by": "defimon",
        ]
        try await apply(
            [
                "apiVersion": "apps/v1", "kind": "StatefulSet",
                "metadata": ["name": .string(name), "namespace": "ethereum", "labels": labels],
                "spec": [
                    "serviceName": .string(name), "replicas": 1,
                    "selector": ["matchLabels": ["app.kubernetes.io/name": .string(name)]],
                    // In order, a pod that is not ready would not be replaced.
                    "podManagementPolicy": "Parallel",
                    "volumeClaimTemplates": [
                        [
                            "apiVersion": "v1", "kind": "PersistentVolumeClaim",
                            "metadata": ["name": "data", "labels": labels],
                            "spec": [
                                "accessModes": ["ReadWriteOnce"], "storageClassName": "chain-data",
                                "resources": ["requests": ["storage": .string(size)]],
                            ],
                        ]
                    ],
                    "template": [
                        "metadata": ["labels": labels],
                        "spec": [
                            "terminationGracePeriodSeconds": 660,
                            "containers": [["name": .string(container), "image": .string(image)]],
                        ],
                    ],
                ],
            ], at: "/apis/apps/v1/namespaces/ethereum/statefulsets/\(name)", session)
    }

    /// As an earlier deploy of the bot has done it.
    private func apply(
        _ object: JSONValue, at path: String, _ session: HTTPSession
    ) async throws {
        let answer = try await session.send(
            HTTPRequest(
                method: "PATCH", url: try await kubernetes.url() + path + "?fieldManager=defimon",
                headers: [("Content-Type", "application/apply-patch+yaml")], body: object.canonicalBytes))
        guard (200..<300).contains(answer.status) else {
            throw Complaint("the sandbox' cluster refused \(path): \(answer.text.prefix(300))", .unreachable)
        }
    }

    /// The switches that the page shows.
    var switches: [SandboxFailureSwitch] {
        slack.failureSwitches + ethereum.failureSwitches + pullRequests.switches + clouds + [
            cluster("stalled", "Rollouts stall", "New pods run and never become ready", \.stalledRollout, ["*"]),
            cluster(
                "image", "Images cannot be pulled", "Every new pod waits with ImagePullBackOff", \.imagePull,
                ["/", ":"]),
            cluster("unschedulable", "No node takes a pod", "New pods stay Pending", \.unschedulable, ["*"]),
            cluster("quota", "Quota is used up", "No pod more in analytics", \.quota, ["analytics"]),
            counted("429", "Too many requests", "The next 20 requests answer 429", \.tooManyRequests),
            counted("500", "Internal errors", "The next 20 requests answer 500", \.internalErrors),
            counted("reset", "Connections are cut", "The next 20 answers break off in their middle", \.reset),
            SandboxFailureSwitch(
                id: "kubernetes-slow", system: "Kubernetes", label: "Slow", help: "Each request waits 2 s",
                isOn: { kubernetes.failures.slow > 0 },
                set: { isOn in kubernetes.setFailures { $0.slow = isOn ? 2000 : 0 } }),
            SandboxFailureSwitch(
                id: "kubernetes-crash", system: "Kubernetes", label: "Redis crashes",
                help: "The pod redis-0 of analytics is in a crash loop",
                isOn: { kubernetes.failures.crashLoop["analytics/redis"] != nil },
                set: { isOn in
                    kubernetes.setFailures {
                        $0.crashLoop["analytics/redis"] = isOn ? .init(lines: ["# Out of memory"]) : nil
                    }
                }),
        ]
    }

    private var clouds: [SandboxFailureSwitch] {
        google.failureSwitches + hetzner.failureSwitches + authority.failureSwitches
    }

    private func cluster(
        _ id: String, _ label: String, _ help: String,
        _ member: any WritableKeyPath<KubernetesFailures, Set<String>> & Sendable, _ what: Set<String>
    ) -> SandboxFailureSwitch {
        SandboxFailureSwitch(
            id: "kubernetes-\(id)", system: "Kubernetes", label: label, help: help,
            isOn: { !kubernetes.failures[keyPath: member].isEmpty },
            set: { isOn in kubernetes.setFailures { $0[keyPath: member] = isOn ? what : [] } })
    }

    private func counted(
        _ id: String, _ label: String, _ help: String, _ member: any WritableKeyPath<KubernetesFailures, Int> & Sendable
    ) -> SandboxFailureSwitch {
        SandboxFailureSwitch(
            id: "kubernetes-\(id)", system: "Kubernetes", label: label, help: help,
            isOn: { kubernetes.failures[keyPath: member] > 0 },
            set: { isOn in kubernetes.setFailures { $0[keyPath: member] = isOn ? 20 : 0 } })
    }
}

/// Tells the first start of a node from later ones.
private final class Seeded: Sendable {
    private let names = Mutex<Set<String>>([])
    func isFirst(_ name: String) -> Bool { names.withLock { $0.insert(name).inserted } }
}
