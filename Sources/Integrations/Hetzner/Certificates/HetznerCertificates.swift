package import Domain

/// What certificates have to do with Hetzner Cloud.
package enum HetznerCertificates {
    /// On an uploaded certificate: its name in the settings. Others have no such label, and are never changed.
    static let label = "defimon-certificate"

    /// Where certificates can go.
    package static func destination(_ cloud: HetznerConnection) -> CertificateDestinationType {
        CertificateDestinationType("hetzner", "A port of a load balancer at Hetzner Cloud that speaks https") {
            BalancerCertificate(&$0, cloud)
        }
    }

    /// `analytics-api-2026-11-27-04ab12cd`, 63 characters at most.
    static func name(_ bundle: CertificateBundle) -> String {
        "\(bundle.name.prefix(62 - bundle.mark.utf8.count))-\(bundle.mark)"
    }
}
