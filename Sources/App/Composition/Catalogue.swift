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

/// Every outside system that this program knows, one line each.
enum Catalogue {
    /// Sections of the settings that outside systems read by themselves.
    static let sections: [SettingsSection] = [
        SlackSettings.section, AlertmanagerSettings.section, ClusterSettings.section, EthereumSettings.section,
        HTTPCheckSettings.section, GitHubSettings.section, RegistrySettings.section, OutgoingWebhookSettings.section,
        EmailSettings.section, PrometheusSettings.section, BackupSettings.section, WatchSettings.section,
        SecretStoreSettings.section, LeaseSettings.section, SSHSettings.section, GoogleCloudSettings.section,
        HetznerSettings.section, ListenerTLSSettings.section,
    ]

    /// Actions and decoders that reach nothing, for `defimon check` and `defimon schema`.
    struct Unconnected {
        let actions: ActionCatalogue
        let decoders: [any EventDecoder]
    }

    /// `root` is where the folders stand that `kubernetes.apply` reads.
    static func unconnected(root: String) throws -> Unconnected {
        var nothing = InputReader.describing()
        let session = try HTTPSession()
        let nodes = EthereumNodes(EthereumSettings(&nothing), session: session)
        return Unconnected(
            actions: ActionCatalogue(
                KubernetesActions.types(clusters: ClusterDirectory(), root: root) + EthereumActions.types(nodes: nodes)
                    + HTTPCheckActions.types(trustedCertificates: nil) + GitHubActions.types(client: nil)
                    + [GitHubActions.tree(client: nil, trees: nil, session: nil)]
                    + BotActions.types(jobs: RunEachLateStarter()) + [StoredSecretAction.type(NoSecretStore())]
                    + RegistryActions.types(RegistryDirectory())
                    + PrometheusActions.types(PrometheusDirectory()) + SSHActions.types(NoHosts(), root: root)
                    + GoogleCloudActions.types(CloudConnection(), root: root)
                    + HetznerActions.types(HetznerConnection(), root: root)),
            decoders: [
                AlertmanagerEventDecoder(client: nil), SlackEventDecoder(SlackSettings(&nothing)), GitHubEventDecoder(),
            ])
    }
}
