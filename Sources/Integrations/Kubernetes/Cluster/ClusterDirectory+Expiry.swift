package import Domain
import Outbound

extension ClusterDirectory: ExpirySource {
    /// Of client certificates, of the certificates to trust, and of tokens that stand in a kubeconfig. Token files are
    /// replaced while we run by whoever mounts them, and tokens of the settings belong to the settings' secrets.
    package func expiries() async -> [Expiry] {
        settings.clusters.sorted { $0.key < $1.key }.flatMap { name, cluster -> [Expiry] in
            guard let access = try? access(cluster) else { return [] }  // who uses it says what is wrong
            var found: [Expiry?] = [
                access.clientCertificate.flatMap { Expiry(name: "clusters.\(name) client certificate", chain: $0) },
                access.trustedCertificates.flatMap { Expiry(name: "clusters.\(name) CA", authorities: $0) },
            ]
            if case .token(let token) = access.credential, cluster.kubeconfig != nil {
                found.append(Expiry(name: "clusters.\(name) token", token: token))
            }
            return found.compactMap(\.self)
        }
    }
}
