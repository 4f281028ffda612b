/// Asks name servers, also single ones, for what a proof of control over a name needs (RFC 8555 §8.4). `Outbound` implements
/// it.
package protocol DNSLookup: Sendable {
    /// The name to which a chain of CNAMEs leads from `name`, which is itself when there is none: asked at the usual
    /// resolver. At most 8 are followed (else `ActionError`). Throws `ActionError`.
    func canonicalName(of name: String) async throws(ActionError) -> String
    /// The addresses, with their ports, of the servers that have a zone (its NS records): asked at the usual resolver, or
    /// as the settings say. Throws `ActionError`, also when there is none.
    func servers(of zone: String) async throws(ActionError) -> [ListenAddress]
    /// Values of the TXT records of `name` as this one server has them, each with its parts joined; empty when there are
    /// none. Throws `ActionError` when the server does not answer or refuses.
    func texts(of name: String, at server: ListenAddress) async throws(ActionError) -> [String]
}
