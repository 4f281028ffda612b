import Alertmanager
import Domain
import Email
import Engine
import Ethereum
import Foundation
import GitHub
import GoogleCloud
import HTTPCheck
import Hetzner
import Kubernetes
import Outbound
import OutgoingWebhook
import Prometheus
import Registry
import SSH
import Slack

/// The outside systems as the settings name them, connected.
struct Connections: Sendable {
    let actions: ActionCatalogue
    /// Starts jobs for actions; to be bound to the engine.
    let jobs = RunEachLateStarter()
    let decoders: [any EventDecoder]
    let outlets: [any Outlet]
    let routes: [WebhookRoute]
    let status: any PoolStatusSource
    /// Asked for the state of alerts; nil when the settings name no Alertmanager API.
    let alerts: (any AlertDirectory)?
    /// How long an alert may be silent before it counts as over.
    let alertStaleAfter: Duration
    /// What looks for missed deliveries of GitHub needs; nil when the settings name no hooks.
    let missedDeliveries: (client: GitHubClient, settings: SweepSettings)?
    /// The bot's own secrets, which may be read again.
    let secrets: CurrentSecrets
    /// Know when credentials end.
    let expirySources: [any ExpirySource]
    let clusters: ClusterDirectory
    let secretStore: any SecretStore
    /// The hosts that are reached by SSH.
    let hosts: SSHHosts
    /// What the bot's own listener shows in TLS; nil: it speaks plain HTTP.
    let listenerTLS: ListenerTLS?
    var served: ServedCertificate? { listenerTLS?.served }
    /// What certificate authorities are answered.
    let challenges = ChallengeAnswers()
    private let sessions: [HTTPSession]

    /// `folder` is where relative paths of the settings start, `root` where definitions stand. Throws `MissingSecret`,
    /// `SecretStoreError`, `HTTPError`, a file's error or a `Complaint`.
    init(
        _ settings: Settings, definitions: CurrentDefinitions, folder: String, root: String,
        environment: BotEnvironment, redactor: Redactor, time: any TimeSource, clock: ClockCheck? = nil
    ) async throws {
        let secrets = CurrentSecrets(environment: environment.variables, folder: folder, redactor: redactor)
        self.secrets = secrets
        let onSecret: @Sendable (Secret) -> Void = { redactor.add($0) }
        listenerTLS = try ListenerTLS(settings, folder: folder, onSecret: onSecret)
        // A cluster may have the secrets of all that follows, those for Google too.
        let hosted = GoogleClusters()
        clusters = ClusterDirectory(
            ClusterSettings(section: settings.sections["clusters"]), base: folder, secrets: secrets,
            environment: environment.variables, clock: clock, provider: hosted,
            onSecret: onSecret)
        secretStore = RunningSecretStore(
            store: SecretStoreSettings.store(of: settings, clusters: clusters, base: folder, redactor: redactor),
            secrets: secrets)
        _ = try await secretStore.all()
        var sessions: [HTTPSession] = []
        var outlets: [any Outlet] = []
        var routes: [WebhookRoute] = []
        var decoders: [any EventDecoder] = []
        var alertStaleAfter = Duration.seconds(12 * 3600)
        var client: AlertmanagerClient?

        func section<Value>(_ name: String, _ read: (inout InputReader) -> Value) -> Value? {
            guard let value = settings.sections[name] else { return nil }
            var reader = InputReader.reading(value)
            return read(&reader)
        }
        var trusted = TrustedFiles(folder: folder)
        func authorities(_ path: String) throws -> [UInt8] {
            trusted.paths.insert(path)
            return try trusted.bytes(path)
        }
        func session(_ ca: String?) throws -> HTTPSession {
            var configuration = HTTPSession.Configuration()
            configuration.trustedCertificates = try ca.map { try authorities($0) }
            configuration.clock = clock
            let session = try HTTPSession(configuration)
            sessions.append(session)
            return session
        }

        if let slack = section("slack", { SlackSettings(&$0) }) {
            routes += SlackRoutes.routes(
                slack, verifier: try SlackVerifier(slack, secrets: secrets),
                forms: DefinitionsFormCheck(definitions, redactor: redactor))
            decoders.append(SlackEventDecoder(slack))
            outlets.append(
                try SlackOutlet(slack, secrets: secrets, session: try session(slack.ca), time: time))
        }
        if let alertmanager = section("alertmanager", { AlertmanagerSettings(&$0) }) {
            routes.append(
                AlertmanagerRoute.route(verifier: try AlertmanagerVerifier(alertmanager, secrets: secrets)))
            if let url = alertmanager.apiURL {
                client = AlertmanagerClient(
                    url: url, session: try session(alertmanager.ca),
                    token: try alertmanager.apiToken.map(secrets.secret))
            }
            decoders.append(AlertmanagerEventDecoder(client: client))
            alertStaleAfter = alertmanager.repeatInterval * 3
        }
        // Trees of repositories lie beside the ledger.
        let trees = URL(filePath: settings.ledgerPath).deletingLastPathComponent().appending(path: "trees").path
        var gitHub: GitHubClient?
        var missedDeliveries: (client: GitHubClient, settings: SweepSettings)?
        var treeAction = GitHubActions.tree(client: nil, trees: nil, session: nil)
        if let settings = section("github", { GitHubSettings(&$0) }) {
            if settings.receivesWebhooks {
                routes.append(GitHubRoute.route(verifier: try GitHubVerifier(settings, secrets: secrets)))
            }
            let client = try GitHubClient(
                settings, secrets: secrets, session: try session(settings.ca), time: time, onSecret: onSecret)
            decoders.append(GitHubEventDecoder())
            outlets.append(GitHubOutlet(client: client))
            gitHub = client
            missedDeliveries = settings.missedDeliveries.map { (client, $0) }
            treeAction = GitHubActions.tree(
                client: client, trees: TreeStore(folder: trees, time: time), session: try session(settings.ca))
        }
        if let email = section("email", { EmailSettings(&$0) }) {
            outlets.append(
                try EmailOutlet(
                    email, secrets: secrets,
                    trustedCertificates: try email.ca.map { try authorities($0) },
                    time: time,
                    addressOf: { id in definitions.value.people.first { $0.id == id }?.identities["email"] }))
        }
        if let webhooks = section("outgoing_webhooks", { OutgoingWebhookSettings(&$0) }) {
            outlets.append(
                try OutgoingWebhookOutlet(webhooks, secrets: secrets, time: time, session: { try session($0) }))
        }
        let registries = try section("registries") { RegistrySettings(&$0) }.map {
            try RegistryDirectory($0, secrets: secrets, onSecret: onSecret, session: { try session($0) })
        }
        let prometheus = try section("prometheus") { PrometheusSettings(&$0) }.map {
            try PrometheusDirectory($0, secrets: secrets, session: { try session($0) })
        }
        let hetzner = HetznerConnection(
            try section("hetzner") { HetznerSettings(&$0) }.map {
                try HetznerClient($0, secrets: secrets, session: try session($0.ca), time: time)
            })
        let hosts = SSHHosts(
            section("hosts") { SSHSettings(&$0) } ?? SSHSettings(), base: folder, secrets: secrets,
            addresses: HetznerAddresses(hetzner))
        self.hosts = hosts
        let cloud = try section("google_cloud") { GoogleCloudSettings(&$0) }.map {
            try GoogleCloudClient(
                $0, secrets: secrets, session: try session($0.ca), time: time, base: folder,
                environment: environment.variables, onSecret: onSecret)
        }
        hosted.use(cloud)
        let ethereum = section("ethereum", { EthereumSettings(&$0) }) ?? Connections.described { EthereumSettings(&$0) }
        let nodes = try EthereumNodes(ethereum, secrets: secrets, session: try session(ethereum.ca))
        let checkCA = section("http_check") { HTTPCheckSettings(&$0) }?.ca
        actions = ActionCatalogue(
            KubernetesActions.types(
                clusters: clusters, root: root, trees: trees,
                // Manifests see the variables that the settings declare, never the whole environment.
                environment: (definitions.value.variables["env"]?.objectValue ?? [:]).mapValues(\.plainText),
                hosts: hosts, store: secretStore, onSecret: onSecret)
                + EthereumActions.types(nodes: nodes) + BotActions.types(jobs: jobs)
                + [StoredSecretAction.type(secretStore)]
                + HTTPCheckActions.types(trustedCertificates: try checkCA.map { try authorities($0) })
                + GitHubActions.types(client: gitHub) + [treeAction]
                + RegistryActions.types(registries ?? RegistryDirectory())
                + PrometheusActions.types(prometheus ?? PrometheusDirectory())
                + SSHActions.types(hosts, root: root) + GoogleCloudActions.types(CloudConnection(cloud), root: root)
                + HetznerActions.types(hetzner, root: root))
        status = PoolStatus(
            namespaces: NamespaceStatus(clusters: clusters), nodes: EthereumStatus(nodes: nodes, time: time),
            cloud: GoogleCloudStatus(CloudConnection(cloud)), hetzner: HetznerStatus(hetzner, hosts: hosts),
            disks: PoolDisks(
                volumes: VolumeStatus(clusters: clusters), usage: VolumeUsage(session: try session(nil)), nodes: nodes,
                actions: actions, time: time), actions: actions, time: time)
        alerts = client
        let others: [(any ExpirySource)?] = [gitHub, listenerTLS?.files]
        expirySources = [secrets, clusters, trusted] + others.compactMap(\.self)
        self.sessions = sessions
        self.outlets = outlets
        self.routes = routes
        self.decoders = decoders
        self.alertStaleAfter = alertStaleAfter
        self.missedDeliveries = missedDeliveries
    }

    func shutdown() async {
        await hosts.shutdown()
        await clusters.shutdown()
        for session in sessions { await session.shutdown() }
    }

    private static func described<Value>(_ read: (inout InputReader) -> Value) -> Value {
        var reader = InputReader.describing()
        return read(&reader)
    }
}
