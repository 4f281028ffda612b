import Domain
import Foundation
import Sandbox

/// The files of a sandbox: settings, secrets and kubeconfigs like those of a real bot, pointing at the stand-ins.
struct SandboxSettings {
    let folder: String
    let root: String
    /// Where the bot listens; port 0 takes a free one.
    var listen = "127.0.0.1:0"

    var path: String { "\(folder)/defimon.yaml" }

    /// What the stand-ins and the bot share.
    struct Secrets {
        let signing = Secret(SandboxSettings.random())
        let botToken = Secret("xoxb-sandbox-\(SandboxSettings.random())")
        let alertmanager = Secret(SandboxSettings.random())
        let gitHubToken = Secret("ghp_sandbox\(SandboxSettings.random())")
        let gitHubWebhook = Secret(SandboxSettings.random())
        let registry = Secret(SandboxSettings.random())

        var all: [Secret] { [signing, botToken, alertmanager, gitHubToken, gitHubWebhook, registry] }
    }

    /// Where the stand-ins answer.
    struct Addresses {
        var slack: String
        var alertmanager: String
        var kubeconfig: String
        var gitHub: String
        var registry: String
        /// Where previews answer: this, a slash and their namespace.
        var ingress: String
        var nodes: [String: (execution: String, beacon: String)]
    }

    private static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<32).map { _ in String(UInt8.random(in: 0...15, using: &generator), radix: 16) }.joined()
    }

    /// Writes everything; an earlier sandbox' ledger goes, since its world is gone too.
    func write(_ secrets: Secrets, _ addresses: Addresses) throws {
        let manager = FileManager.default
        try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for name in try manager.contentsOfDirectory(atPath: folder) where name.hasPrefix("defimon.sqlite") {
            try manager.removeItem(atPath: "\(folder)/\(name)")
        }
        try put(secrets.signing.reveal(), "slack-signing-secret")
        try put(secrets.botToken.reveal(), "slack-bot-token")
        try put(secrets.alertmanager.reveal(), "alertmanager-token")
        try put(secrets.gitHubToken.reveal(), "github-token")
        try put(secrets.gitHubWebhook.reveal(), "github-webhook-secret")
        try put(secrets.registry.reveal(), "registry-password")
        try put(addresses.kubeconfig, "kubeconfig")
        // What `defimon send` signs with.
        try put(
            "SLACK_SIGNING_SECRET=\(secrets.signing.reveal())\nALERTMANAGER_WEBHOOK_TOKEN=\(secrets.alertmanager.reveal())\n"
                + "GITHUB_WEBHOOK_SECRET=\(secrets.gitHubWebhook.reveal())\n",
            ".env")
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
        let nodes = addresses.nodes.sorted { $0.key < $1.key }.map {
            "    \($0.key): {execution: \"\($0.value.execution)\", beacon: \"\($0.value.beacon)\"}"
        }.joined(separator: "\n")
        return """
            # The sandbox' settings, written anew at each of its starts.
            listen: \(listen)
            ledger: defimon.sqlite
            variables:
              ANALYTICS_DOMAIN: analytics.example.com
            people:
              olivia: {name: Olivia Operator, roles: [operator, lead], slack: \(SandboxPeople.operatorID), github: "\(SandboxPeople.operatorNumber)", cli: "\(NSUserName())"}
              victor: {name: Victor Viewer, roles: [viewer], slack: \(SandboxPeople.viewerID), github: "\(SandboxPeople.viewerNumber)"}
            report: ["slack:#ops"]
            pools:
              infrastructure: {cluster: infrastructure, namespace: ethereum, shows: ethereum}
              analytics:
                cluster: analytics
                namespace: analytics
                folder: deploy/analytics-pool
                domain: "{{env.ANALYTICS_DOMAIN}}"
                docs_url: ""
                image: registry.example.com/\(SandboxRepositories.image)
                workflow: CI
                manifests: bot
                preview_domain: preview.example.com
                preview_url_start: "\(addresses.ingress)/"
                preview_url_end: /docs
            github:
              token: {file: github-token}
              webhook_secrets: [{file: github-webhook-secret}]
              api_url: "\(addresses.gitHub)"
            registries:
              registry.example.com: {url: "\(addresses.registry)", username: bot, password: {file: registry-password}}
            slack:
              signing_secrets: [{file: slack-signing-secret}]
              bot_token: {file: slack-bot-token}
              api_url: "\(addresses.slack)/api"
              default_channel: "#ops"
            alertmanager:
              bearer_tokens: [{file: alertmanager-token}]
              api_url: "\(addresses.alertmanager)"
            clusters:
              infrastructure: {kubeconfig: kubeconfig}
              analytics: {kubeconfig: kubeconfig}
            ethereum:
              nodes:
            \(nodes)

            """
    }
}

/// Who uses the sandbox.
enum SandboxPeople {
    static let operatorID = "U0OLIVIA1"
    static let viewerID = "U0VICTOR1"
    /// Their numbers on GitHub.
    static let operatorNumber = 7001
    static let viewerNumber = 7002

    static let onGitHub = [
        GitHubStandIn.User(id: operatorNumber, login: "olivia", name: "Olivia Operator", note: "operator, lead"),
        GitHubStandIn.User(id: viewerNumber, login: "victor", name: "Victor Viewer", note: "viewer"),
        GitHubStandIn.User(id: 7003, login: "uma", name: "Uma Unknown", note: "in nobody's settings"),
    ]

    static let all = [
        SlackUser(id: operatorID, name: "olivia", realName: "Olivia Operator", note: "operator, lead"),
        SlackUser(id: viewerID, name: "victor", realName: "Victor Viewer", note: "viewer"),
        SlackUser(id: "U0UNKNOWN", name: "uma", realName: "Uma Unknown", note: "in nobody's settings"),
    ]
}

/// What is on the sandbox' GitHub.
enum SandboxRepositories {
    static let owner = "acme"
    static let name = "analytics-api"
    static let fullName = "\(owner)/\(name)"
    /// Its image's name in the registry.
    static let image = fullName

    static var seed: GitHubStandIn.Seed {
        var seed = GitHubStandIn.Seed(owner: owner, name: name)
        seed.collaborators = ["olivia": "maintain", "victor": "read"]
        return seed
    }
}
