import Domain
import Foundation
import Sandbox

/// The files of a sandbox: settings, secrets and kubeconfigs like those of a real bot, pointing at the stand-ins.
struct SandboxSettings {
    let folder: String
    let root: String
    /// Where the bot listens; port 0 takes a free one.
    var listen = "127.0.0.1:0"
    /// Machines that the bot reaches by SSH; nil: none.
    var hosts: SandboxHosts?
    /// Whether the Ethereum nodes run on machines of their own, and not in the cluster.
    var nodesOnHosts = false
    /// Whether the analytics pool's machines are still to be ordered at Hetzner.
    var withoutServers = false
    /// Another certificate authority than the stand-in: its directory, and a file with the certificates by which its
    /// server is trusted (nil: the machine's).
    var authority: (directory: String, trusted: String?)?

    var path: String { "\(folder)/defimon.yaml" }

    /// The project of the stand-in for Google Cloud.
    static let googleProject = "defimon-sandbox"

    /// What the stand-ins and the bot share.
    struct Secrets {
        let signing = Secret(SandboxSettings.random())
        let botToken = Secret("xoxb-sandbox-\(SandboxSettings.random())")
        let alertmanager = Secret(SandboxSettings.random())
        let githubToken = Secret("ghp_sandbox\(SandboxSettings.random())")
        let githubWebhook = Secret(SandboxSettings.random())
        let registryPassword = Secret(SandboxSettings.random())
        /// Of the one project at Hetzner.
        let hetznerToken = Secret(SandboxSettings.random())

        /// All of them, for the redactor.
        var all: [Secret] {
            [signing, botToken, alertmanager, githubToken, githubWebhook, registryPassword, hetznerToken]
        }
    }

    /// Where the stand-ins answer.
    struct Addresses {
        var slack: String
        var alertmanager: String
        /// GitHub's API.
        var github: String
        var registry: String
        var kubeconfig: String
        /// The API server of the cluster.
        var cluster: String
        /// Where the ingress controller answers: this, a slash and a namespace.
        var ingress: String
        /// Where it speaks TLS, with the certificates of the Ingresses' Secrets.
        var secureIngress: ListenAddress
        /// All of Google Cloud's services, and the metadata server.
        var google: String
        /// Hetzner's Cloud API.
        var hetzner: String
        /// The directory of the certificate authority.
        var authority: String
        var nodes: [String: Node]

        /// One Ethereum node.
        struct Node {
            var execution: String
            var engine: String
            var beacon: String
            var jwt: Secret
            /// Names of its StatefulSets.
            var geth: String
            var lighthouse: String
        }
    }

    private static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<32).map { _ in String(UInt8.random(in: 0...15, using: &generator), radix: 16) }.joined()
    }

    /// Writes everything; an earlier sandbox' ledger and the secrets that it made go, since its world is gone too.
    func write(_ secrets: Secrets, _ addresses: Addresses) throws {
        let manager = FileManager.default
        try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for name in try manager.contentsOfDirectory(atPath: folder)
        where name.hasPrefix("defimon.sqlite") || ["secret-store", "tls"].contains(name) {
            try manager.removeItem(atPath: "\(folder)/\(name)")
        }
        try manager.createDirectory(atPath: "\(folder)/tls", withIntermediateDirectories: true)
        try put(secrets.signing.reveal(), "slack-signing-secret")
        try put(secrets.botToken.reveal(), "slack-bot-token")
        try put(secrets.alertmanager.reveal(), "alertmanager-token")
        try put(secrets.githubToken.reveal(), "github-token")
        try put(secrets.githubWebhook.reveal(), "github-webhook-secret")
        try put(secrets.registryPassword.reveal(), "registry-password")
        for (name, node) in addresses.nodes { try put(node.jwt.reveal(), "\(name)-jwt") }
        try put(addresses.kubeconfig, "kubeconfig")
        // What `defimon send` signs with, and what the cluster at Hetzner gets too.
        try put(
            """
            SLACK_SIGNING_SECRET=\(secrets.signing.reveal())
            ALERTMANAGER_WEBHOOK_TOKEN=\(secrets.alertmanager.reveal())
            GITHUB_WEBHOOK_SECRET=\(secrets.githubWebhook.reveal())
            HETZNER_API_TOKEN=\(secrets.hetznerToken.reveal())

            """, ".env")
        try put(text(addresses), "defimon.yaml")
    }

    private func put(_ text: String, _ name: String) throws {
        let path = "\(folder)/\(name)"
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else { throw Complaint("\(path) cannot be written", .unreachable) }
    }

    private func text(_ addresses: Addresses) -> String {
        let nodes = addresses.nodes.sorted { $0.key < $1.key }.map { name, node in
            """
                \(name):
                  execution: "\(node.execution)"
                  beacon: "\(node.beacon)"
                  engine: "\(node.engine)"
                  jwt: {file: \(name)-jwt}
            \(nodesOnHosts ? onHost(name, node) : inCluster(node))
            """
        }.joined(separator: "\n")
        return """
            # The sandbox' settings, written anew at each of its starts.
            listen: \(listen)
            ledger: defimon.sqlite
            variables:
              ANALYTICS_DOMAIN: analytics.example.com
              ML_DOMAIN: ml.example.com
            people:
              olivia: {name: Olivia Operator, roles: [operator, lead], slack: \(SandboxPeople.operatorID), github: "\(SandboxPeople.operatorGitHubID)", cli: "\(NSUserName())"}
              lena: {name: Lena Lead, roles: [lead], slack: \(SandboxPeople.leadID)}
              victor: {name: Victor Viewer, roles: [viewer], slack: \(SandboxPeople.viewerID), github: "\(SandboxPeople.viewerGitHubID)"}
            report: ["slack:#ops"]
            on_call:
              infrastructure:
                levels:
                  - {people: [olivia], places: ["slack:#oncall"]}
                  - {people: [lena], after: 1m}
                repeat_every: 10m
            pools:
              infrastructure:
                cluster: infrastructure
                namespace: ethereum
                shows: ethereum
                folder: deploy/infrastructure-pool
                nodes_on: \(nodesOnHosts ? "instances" : "cluster")
                grafana_url: ""
                prometheus_url: ""
                network: defimon
                subnetwork: defimon-nodes
                range: 10.10.0.0/20
                pod_range: 10.20.0.0/14
                service_range: 10.30.0.0/20
                google_cluster: infrastructure
                google_location: europe-west3
                machine_type: n2-highmem-8
                disk_size: 2TiB
                data_mount: /srv/ethereum
                snapshot_keep: 14d
              analytics:
                cluster: analytics
                namespace: analytics
                folder: deploy/analytics-pool
                domain: "{{env.ANALYTICS_DOMAIN}}"
                docs_url: ""
                grafana_url: ""
                prometheus_url: ""
                provider: "\(withoutServers ? "hetzner" : "")"
                cluster_name: analytics
                cluster_region: fsn1
                range: 10.40.0.0/16
                node_range: 10.40.0.0/24
                allowed_sources: 203.0.113.0/24
                api_server: "\(withoutServers ? addresses.cluster : "")"
                control_type: cpx22
                worker_type: cpx42
                workers: 2
                dns_zone: example.com
                image: \(SandboxPullRequests.registryName)/\(SandboxPullRequests.repository)
                workflow: CI
                manifests: bot
                preview_domain: preview.example.com
                preview_url_start: "\(addresses.ingress)/"
                preview_url_end: /docs
              ml:
                cluster: ml
                namespace: ml
                folder: deploy/ml-pool
                domain: "{{env.ML_DOMAIN}}"
                docs_url: "\(addresses.ingress)/ml/docs"
            slack:
              signing_secrets: [{file: slack-signing-secret}]
              bot_token: {file: slack-bot-token}
              api_url: "\(addresses.slack)/api"
              default_channel: "#ops"
            alertmanager:
              bearer_tokens: [{file: alertmanager-token}]
              api_url: "\(addresses.alertmanager)"
            github:
              api_url: "\(addresses.github)"
              token: {file: github-token}
              webhook_secrets: [{file: github-webhook-secret}]
              missed_deliveries: {every: 30s, hooks: [\(SandboxPullRequests.repository)/\(SandboxPullRequests.hookID)]}
            registries:
              \(SandboxPullRequests.registryName):
                url: "\(addresses.registry)"
                username: \(SandboxPullRequests.registryUser)
                password: {file: registry-password}
            clusters:
              infrastructure: {kubeconfig: kubeconfig}
              analytics: {kubeconfig: \(withoutServers ? "{stored: analytics-kubeconfig}" : "kubeconfig")}
              ml: {kubeconfig: kubeconfig}
            hetzner:
              token: {env: HETZNER_API_TOKEN}
              endpoint: "\(addresses.hetzner)"
              location: fsn1
              prices: {currency: EUR, servers: {cpx22: 5.99, cpx42: 19.49}, load_balancers: {lb11: 5.39}, volume_gb: 0.044, primary_ipv4: 0.50}
            google_cloud:
              project: \(SandboxSettings.googleProject)
              region: europe-west3
              zone: europe-west3-a
              credentials: {metadata: true}
              disk_prices: {currency: EUR, pd-ssd: 0.204}
              endpoints:
                compute: "\(addresses.google)"
                container: "\(addresses.google)"
                dns: "\(addresses.google)"
                oauth: "\(addresses.google)"
                sts: "\(addresses.google)"
                iamcredentials: "\(addresses.google)"
                metadata: "\(addresses.google)"
            ethereum:
              nodes:
            \(nodes)
            \(certificates(addresses))
            \(hosts?.settings ?? "")
            """
    }

    private func inCluster(_ node: Addresses.Node) -> String {
        """
              runs_on:
                cluster: infrastructure
                namespace: ethereum
                execution: StatefulSet/\(node.geth)
                consensus: StatefulSet/\(node.lighthouse)
        """
    }

    private func onHost(_ name: String, _ node: Addresses.Node) -> String {
        let machine = SandboxHosts.machines.first { SandboxHosts.node(of: $0) == name } ?? name
        return """
                  also_called: [\(node.lighthouse)]
                  runs_on:
                    host: \(machine)
                    execution_unit: \(SandboxHosts.executionUnit)
                    consensus_unit: \(SandboxHosts.consensusUnit)
            """
    }
}

/// Who uses the sandbox.
enum SandboxPeople {
    static let operatorID = "U0OLIVIA1"
    static let leadID = "U0LENA001"
    static let viewerID = "U0VICTOR1"
    static let operatorGitHubID = 1001
    static let viewerGitHubID = 1002

    /// The same people on GitHub, by the name that they have in the chat; Uma is in nobody's settings there either.
    static let onGitHub = [
        GitHubStandIn.User(id: operatorGitHubID, login: "olivia", name: "Olivia Operator", note: "maintainer"),
        GitHubStandIn.User(id: viewerGitHubID, login: "victor", name: "Victor Viewer", note: "reader"),
        GitHubStandIn.User(id: 1003, login: "uma", name: "Uma Unknown", note: "in nobody's settings"),
    ]

    /// Who is called by the settings' list.
    static var onCall: [SlackUser] { all.filter { [operatorID, leadID].contains($0.id) } }

    static let all = [
        SlackUser(id: operatorID, name: "olivia", realName: "Olivia Operator", note: "operator, lead"),
        SlackUser(id: leadID, name: "lena", realName: "Lena Lead", note: "lead"),
        SlackUser(id: viewerID, name: "victor", realName: "Victor Viewer", note: "viewer"),
        SlackUser(id: "U0UNKNOWN", name: "uma", realName: "Uma Unknown", note: "in nobody's settings"),
    ]
}
