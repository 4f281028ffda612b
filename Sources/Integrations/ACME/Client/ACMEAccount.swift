import Domain

/// An account with a CA (RFC 8555 §7.1.2).
package struct ACMEAccount: Sendable, Hashable {
    /// Its URL, by which the CA names it.
    package var url: String
    /// `valid`, `deactivated` or `revoked`.
    package var status: String
    /// `mailto:` URLs; empty too where a CA does not say.
    package var contact: [String]
    /// The URL of its list of orders; nil: the CA has none.
    package var orders: String?
}

extension ACMEAccount {
    init(_ answer: ACMEAnswer, url: String?) throws(ACMEError) {
        let value = try answer.object("the account")
        self.url = try ACMELink.checked(url, "account's Location")
        status = OneLine.of(value["status"]?.stringValue ?? "valid", atMost: 40)
        contact = (value["contact"]?.arrayValue ?? []).compactMap(\.stringValue)
        orders = value["orders"] == nil ? nil : try ACMELink.checked(value["orders"]?.stringValue, "list of orders")
    }
}
