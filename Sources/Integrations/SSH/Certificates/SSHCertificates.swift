package import Domain

/// What certificates have to do with hosts.
package enum SSHCertificates {
    /// Where certificates can go.
    package static func destination(_ hosts: any HostAccess) -> CertificateDestinationType {
        CertificateDestinationType("host", "Two files on a host, and a command that lets their reader take them") {
            HostCertificate(&$0, hosts)
        }
    }
}
