/// A provider that knows where its servers are: hosts of the settings may be named by their server alone. Asked before
/// each new connection to such a host, so that a server that was made anew is found; `Hetzner` implements it.
package protocol HostAddresses: Sendable {
    /// The IPv4 address of the server of this name: its public one, or inside its provider's network. Throws
    /// `ActionError`, one that may be tried later when the server is there and has no such address yet.
    func address(of server: String, inside isInside: Bool) async throws(ActionError) -> String
}
