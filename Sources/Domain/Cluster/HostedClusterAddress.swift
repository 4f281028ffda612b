/// Where a provider says that a cluster answers.
package struct HostedClusterAddress: Sendable, Hashable {
    /// `https://203.0.113.7`
    package var server: String
    /// Whose certificates to trust there, PEM; nil: the machine's.
    package var certificateAuthority: [UInt8]?

    package init(server: String, certificateAuthority: [UInt8]? = nil) {
        self.server = server
        self.certificateAuthority = certificateAuthority
    }
}
