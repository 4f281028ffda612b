/// Sets TXT records in zones of a provider, for proofs of control over a name (RFC 8555 §8.4). An outside system's folder
/// implements it for its own zones.
package protocol DNSTexts: Sendable {
    /// Whose zones they are, for people: `Hetzner DNS`.
    var title: String { get }
    /// The zone, of all that this provider lets us change, whose name is the longest end of `name` (both without a dot at
    /// the end, in lower case); nil when there is none. Throws `ActionError`.
    func zone(of name: String, _ context: ActionContext) async throws(ActionError) -> DNSZone?
    /// Adds one value to the TXT records of `name` in a zone, beside others that are there. Safe to be called again, and
    /// side by side with other values of the same name. Returns when the provider has taken it. Throws `ActionError`.
    func add(_ value: String, to name: String, in zone: DNSZone, _ context: ActionContext) async throws(ActionError)
    /// Takes that one value away again and leaves others; safe when it is not there. Throws `ActionError`.
    func remove(_ value: String, from name: String, in zone: DNSZone, _ context: ActionContext)
        async throws(ActionError)
}

/// A DNS zone as its provider knows it.
package struct DNSZone: Sendable, Hashable {
    /// Its domain, without a dot at the end: `example.org`.
    package var domain: String
    /// What the provider calls it: `example-org` at Google.
    package var id: String

    package init(domain: String, id: String) {
        self.domain = domain
        self.id = id
    }
}
