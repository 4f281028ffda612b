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
