/// A cluster that a provider runs.
package struct HostedCluster: Sendable, Hashable {
    package var name: String
    /// The provider's region or zone; nil: its usual one.
    package var location: String?
    /// Whether it is reached by its address inside the provider's network.
    package var isInside: Bool

    package init(name: String, location: String? = nil, isInside: Bool = false) {
        self.name = name
        self.location = location
        self.isInside = isInside
    }
}

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

/// A provider that runs clusters and gives the tokens that they take. The client of a cluster asks it for the address
/// before its first request and when the cluster cannot be reached there any more, and for a token before each request;
/// so tokens are kept until shortly before their end.
package protocol HostedClusters: Sendable {
    /// Throws `ActionError` or `CancellationError`.
    func address(of cluster: HostedCluster) async throws -> HostedClusterAddress
    /// A bearer token that holds now. Throws `ActionError` or `CancellationError`.
    func token() async throws -> Secret
    /// The cluster does not take that token: the next one is a new one.
    func forget(_ token: Secret) async
}
