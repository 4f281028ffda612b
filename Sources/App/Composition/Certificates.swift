import ACME
import Domain
import Foundation
import GoogleCloud
import Hetzner
import Kubernetes
import Outbound
import SSH

/// What the section `certificates` may name, put together of the outside systems' own parts.
enum Certificates {
    /// Providers of DNS records, by the names of their sections.
    static let zones = ["google_cloud", "hetzner"]

    /// `base` is where relative paths of files start.
    static func types(
        clusters: ClusterDirectory = ClusterDirectory(), cloud: CloudConnection = CloudConnection(),
        hetzner: HetznerConnection = HetznerConnection(), hosts: any HostAccess = NoHosts(), base: String = "/"
    ) -> CertificateWish.Types {
        CertificateWish.Types(
            destinations: [
                KubernetesCertificates.destination(clusters), GoogleCertificates.destination(cloud),
                HetznerCertificates.destination(hetzner), SSHCertificates.destination(hosts),
                FileCertificates.destination(base: base),
            ],
            routes: [KubernetesCertificates.route(clusters)], zones: zones)
    }

    /// What keeps the certificates of the settings; nil when they name no CA. The listener's own one goes there too, and
    /// is served from now on as far as it is kept. Throws `MissingSecret` and what `session` throws.
    static func keeper(
        _ settings: Settings, _ types: CertificateWish.Types, secrets: any SecretSource, store: any SecretStore,
        listener: ListenerTLS?, challenges: ChallengeAnswers, zones: [String: any DNSTexts],
        onSecret: @escaping @Sendable (Secret) -> Void, session: (String?) throws -> HTTPSession
    ) async throws -> CertificateKeeper? {
        guard let section = settings.sections["acme"] else { return nil }
        var reader = InputReader.reading(section)
        let acme = ACMESettings(&reader)
        var certificates = settings.sections["certificates"].map { section in
            var reader = InputReader.reading(section)
            return CertificateSettings(&reader, types)
        }
        if let listener, let name = listener.certificate {
            certificates?.add(
                ListenerDestination(served: listener.served), called: "listener", seenAt: own(settings.listen), to: name
            )
        }
        let external = try acme.external.flatMap { external in
            try external.key.map { ExternalAccount(keyID: external.keyID, key: try secrets.secret($0)) }
        }
        let safe = CertificateSafe(store, onSecret: onSecret)
        if let listener, let name = listener.certificate, let kept = try await safe.bundle(name) {
            listener.served.replace(with: kept)
        }
        return CertificateKeeper(
            acme, certificates ?? CertificateSettings(), session: try session(acme.ca), external: external, safe: safe,
            answers: challenges, lookup: ResolverLookup(resolver: acme.resolver, servers: acme.nameServers),
            zones: zones)
    }

    /// Where the bot itself reaches its listener; nil where the port is not known beforehand.
    private static func own(_ listen: ListenAddress) -> ListenAddress? {
        guard listen.port > 0 else { return nil }
        switch listen.host {
        case "0.0.0.0": return ListenAddress(host: "127.0.0.1", port: listen.port)
        case "::": return ListenAddress(host: "::1", port: listen.port)
        default: return listen
        }
    }

    /// Where proofs by HTTP are answered beside the public address; nil: nowhere else.
    static func challengeListen(_ settings: Settings) -> ListenAddress? {
        settings.sections["acme"].flatMap { section in
            var reader = InputReader.reading(section)
            return ACMESettings(&reader).httpListen
        }
    }
}
