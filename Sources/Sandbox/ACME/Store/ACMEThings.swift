import Domain
package import Foundation

/// An account (RFC 8555 §7.1.2).
struct ACMEAccount: Sendable {
    let id: String
    var key: ACMEPublicKey
    var contact: [String]
    var isDeactivated = false
    /// The name of the customer to whom it is bound (§7.3.4).
    var externalKeyID: String?
}

/// An order (RFC 8555 §7.1.3).
struct ACMEOrder: Sendable {
    enum Status: String, Sendable { case pending, ready, processing, valid, invalid }

    let id: String
    let account: String
    let names: [String]
    let profile: ACMEProfile
    let expires: Date
    let authorizations: [String]
    /// The certificate which it renews (RFC 9773 §5).
    let replaces: String?
    var status = Status.pending
    /// While it is in `processing`: what will be there, and when.
    var coming: (issue: ACMEIssue, at: Date)?
    var certificate: String?
    var error: JSONValue?
}

/// An authorization (RFC 8555 §7.1.4).
struct ACMEAuthorization: Sendable {
    enum Status: String, Sendable { case pending, valid, invalid, deactivated, expired }

    let id: String
    let account: String
    /// Without `*.`.
    let name: String
    let isWildcard: Bool
    var expires: Date
    var status = Status.pending
    var challenges: [ACMEChallenge]
}

/// A challenge (RFC 8555 §7.1.5).
struct ACMEChallenge: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case http01 = "http-01"
        case dns01 = "dns-01"
    }
    enum Status: String, Sendable { case pending, processing, valid, invalid }

    let id: String
    let kind: Kind
    let token: String
    var status = Status.pending
    var validated: Date?
    var error: JSONValue?
}

/// How long a certificate holds. Names and lengths are after Let's Encrypt's.
package enum ACMEProfile: String, Sendable, Hashable, CaseIterable {
    case classic, tlsserver, shortlived

    /// In days.
    package var days: Int {
        switch self {
        case .classic: 90
        case .tlsserver: 45
        case .shortlived: 6
        }
    }
}

/// A certificate that the authority has signed.
package struct ACMEIssue: Sendable, Hashable {
    /// What its address ends with.
    let id: String
    let account: String
    /// Lower-case hexadecimal.
    package let serialNumber: String
    package let names: [String]
    package let profile: ACMEProfile
    package let notBefore: Date
    package let notAfter: Date
    /// In PEM: its own and that of the authority between it and the root.
    package let chain: String
    /// The same, leading to another root.
    package let otherChain: String
    package let leafDER: [UInt8]
    /// RFC 9773 §4.1.
    package let certID: String
    /// Whether it was revoked, and why (RFC 5280 §5.3.1; 0 where nothing was said).
    package var revokedFor: Int?
    /// Whether an order that has not failed takes its place.
    package var isReplaced = false
}
