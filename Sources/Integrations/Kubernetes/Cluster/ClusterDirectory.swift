package import Domain
import Foundation
import Synchronization

/// All clusters by name. A client is made when it is first asked for; all are shut down together at the end.
package final class ClusterDirectory: Sendable {
    let settings: ClusterSettings
    private let base: String
    private let secrets: (any SecretSource)?
    private let environment: [String: String]
    private let onSecret: @Sendable (Secret) -> Void
    private let clock: ClockCheck?
    private let provider: (any HostedClusters)?
    private let clients = Mutex<[String: Known]>([:])

    private struct Known: Sendable {
        var client: KubernetesClient
        /// Nil for a cluster whose provider says where it is.
        var access: ClusterAccess?
        /// The text of its kubeconfig as it was, where that is a secret.
        var kubeconfig: Secret?
    }

    /// One at a time for each cluster looks for a free place and takes it.
    let previewTurns = Turns()

    /// Paths in `settings` count from the folder `base`. `onSecret` is told every token that is used, `clock` what time it
    /// is at the API servers, `provider` where the clusters are that Google runs.
    package init(
        _ settings: ClusterSettings, base: String, secrets: any SecretSource,
        environment: [String: String] = ProcessInfo.processInfo.environment, clock: ClockCheck? = nil,
        provider: (any HostedClusters)? = nil,
        onSecret: @escaping @Sendable (Secret) -> Void = { _ in }
    ) {
        self.settings = settings
        self.base = base
        self.secrets = secrets
        self.environment = environment
        self.clock = clock
        self.provider = provider
        self.onSecret = onSecret
    }

    /// No clusters: for a check of definitions, which reaches none.
    package init() {
        settings = ClusterSettings()
        base = "."
        secrets = nil
        environment = [:]
        clock = nil
        provider = nil
        onSecret = { _ in }
    }

    /// All names, sorted.
    package var names: [String] { settings.clusters.keys.sorted() }

    /// What a cluster costs; nil when its settings do not say.
    func prices(_ name: String) -> ClusterPrices? { settings.clusters[name]?.prices }

    /// One of the bot's own secrets. Throws `ActionError` when it cannot be read.
    func secret(_ reference: SecretReference) throws(ActionError) -> Secret {
        guard let secrets else { throw ActionError("no secret is read while definitions are checked") }
        do throws(MissingSecret) { return try secrets.secret(reference) } catch {
            throw ActionError("the bot's secret cannot be read: \(error)")
        }
    }

    /// The client of one cluster; a new one when its kubeconfig is a secret that has changed. Throws `ActionError` (never)
    /// when there is no such cluster, its settings do not work or its kubeconfig is not there yet.
    package func client(_ name: String) throws(ActionError) -> KubernetesClient {
        guard let cluster = settings.clusters[name] else { throw unknown(name) }
        do {
            return try clients.withLock { clients in
                if let known = clients[name], try kubeconfig(name, cluster) == known.kubeconfig { return known.client }
                let known = try made(name, cluster)
                clients[name] = known
                return known.client
            }
        } catch let error as ClusterAccessError {
            throw ActionError(
                "cluster \(name) cannot be used: \(error.message)", hint: error.hint, missing: error.missing)
        } catch {
            throw ActionError("cluster \(name) cannot be used: \(error)")
        }
    }

    /// Reads again how the clusters are reached that were reached already. One whose certificates, keys or tokens have
    /// changed gets a new client; who works with the old one ends with it. One that cannot be read keeps its client.
    package func readAgain() -> SecretRereading {
        clients.withLock { clients in
            var found = SecretRereading()
            for (name, known) in clients.sorted(by: { $0.key < $1.key }) {
                guard let cluster = settings.clusters[name], cluster.hosted == nil else { continue }
                do {
                    guard try access(cluster) != known.access else { continue }
                    clients[name] = try made(name, cluster)
                    found.rotated.append("cluster:\(name)")
                } catch {
                    let reason = (error as? ClusterAccessError)?.message ?? "\(error)"
                    found.failures.append(.init(name: "cluster:\(name)", reason: reason))
                }
            }
            return found
        }
    }

    private func made(_ name: String, _ cluster: ClusterSettings.Cluster) throws -> Known {
        if let hosted = cluster.hosted {
            guard let provider else { throw ClusterAccessError("nobody says where it is") }
            let client = KubernetesClient(cluster: name, hosted: hosted, by: provider, clock: clock)
            return Known(client: client, access: nil)
        }
        // Before the access: of one that changes in between the older is known, and the next look finds that.
        let kubeconfig = try kubeconfig(name, cluster)
        let access = try access(cluster)
        return Known(
            client: try KubernetesClient(
                cluster: name, access: access, environment: environment, clock: clock, onSecret: onSecret),
            access: access, kubeconfig: kubeconfig)
    }

    /// The text of the kubeconfig of now, where that is a secret.
    private func kubeconfig(_ name: String, _ cluster: ClusterSettings.Cluster) throws -> Secret? {
        guard case .secret(let reference)? = cluster.kubeconfig, let secrets else { return nil }
        do {
            // As it is now: what was handed out may have another value the next time.
            return Secret(try secrets.secret(reference).reveal())
        } catch {
            throw ClusterAccessError(
                "its kubeconfig is not there: \(error)",
                hint: "where the bot makes the cluster, the deploy of its pool saves it there: deploy \(name)",
                missing: "the kubeconfig of cluster \(name) is there")
        }
    }

    /// Ends all connections. Called once, when no action runs any more.
    package func shutdown() async {
        let all = clients.withLock { clients in
            defer { clients = [:] }
            return clients.values.map(\.client)
        }
        for client in all { await client.shutdown() }
    }

    /// Throws for a cluster whose provider says where it is.
    func access(_ cluster: ClusterSettings.Cluster) throws -> ClusterAccess {
        guard cluster.hosted == nil else { throw ClusterAccessError("its provider says where it is") }
        switch (cluster.kubeconfig, secrets) {
        case (.text(let path)?, _): return try access(Kubeconfig(path: resolved(path)), cluster)
        case (.secret(let reference)?, let secrets?):
            return try access(
                Kubeconfig(try secrets.secret(reference), source: "the kubeconfig \(reference)", folder: base), cluster)
        default: break
        }
        if cluster.isInCluster { return try InClusterConfiguration.access(environment: environment) }
        let authority = try cluster.certificateAuthority.map { try ClusterFile.read(resolved($0)) }
        var credential = ClusterAccess.Credential.none
        switch (cluster.token, secrets) {
        case (.file(let path)?, _): credential = .tokenFile(resolved(path))
        case (let reference?, let secrets?): credential = .token(try secrets.secret(reference))
        default: break
        }
        return try ClusterAccess(
            server: cluster.server ?? "", trustedCertificates: authority, credential: credential)
    }

    private func access(
        _ kubeconfig: Kubeconfig, _ cluster: ClusterSettings.Cluster
    ) throws(ClusterAccessError) -> ClusterAccess {
        for secret in kubeconfig.secrets { onSecret(secret) }
        return try kubeconfig.access(context: cluster.context)
    }

    private func resolved(_ path: String) -> String {
        if path.hasPrefix("~/") { return NSString(string: path).expandingTildeInPath }
        return path.hasPrefix("/") ? path : URL(filePath: base).appending(path: path).path
    }

    private func unknown(_ name: String) -> ActionError {
        let known = names.isEmpty ? "no cluster is set" : "set are: \(names.joined(separator: ", "))"
        let nearest = NearestName.of(name, in: names).map { "did you mean '\($0)'? " } ?? ""
        return ActionError(
            "there is no cluster '\(name)'; \(known)",
            hint: nearest + "add 'clusters: {\(name): {kubeconfig: <path>}}' to defimon.yaml, or in_cluster: true, or "
                + "server with token and ca")
    }
}
