import Domain
import Foundation

/// What the ledger keeps of one certificate: its order under way, the newest certificate, and where that was seen. Nothing
/// of it is secret.
struct CertificateRecord: Codable, Sendable, Hashable {
    /// An order that has not led to a certificate yet.
    struct Order: Codable, Sendable, Hashable {
        /// The CA's directory.
        var directory: String
        var names: [String]
        var profile: String?
        var replaces: String?
        /// The idempotency key of the step that asked for it.
        var by: String
        var askedAt: Date
        /// Nil: it was asked for, and the answer has not come.
        var url: String?
    }

    /// A certificate that the CA has issued.
    struct Issued: Codable, Sendable, Hashable {
        var serialNumber: String
        var issuer: String
        var notBefore: Date
        var notAfter: Date
        var names: [String]
        /// As the CA knows it where it is asked when to renew (RFC 9773 §4.1); nil when it has no such name.
        var certID: String?
        var directory: String
        var profile: String?
        var key: String
        var issuedAt: Date
        /// The idempotency key of the step that asked for it.
        var by: String

        var life: Duration { notAfter.since(notBefore) }
    }

    /// Where a certificate was seen at work.
    struct Place: Codable, Sendable, Hashable {
        var serialNumber: String
        var at: Date
        /// What proved it, for people; empty: nothing can be looked at there.
        var proof: [String]
    }

    /// Something that the CA has forbidden until a time.
    struct Wait: Codable, Sendable, Hashable {
        var until: Date
        var why: String
    }

    /// Why the last try failed.
    struct Failure: Codable, Sendable, Hashable {
        var at: Date
        /// Of the first of the tries that failed one after the other.
        var since: Date
        var why: String
    }

    /// An order that was made, for the CA's limits.
    struct Made: Codable, Sendable, Hashable {
        var at: Date
        var names: [String]
        /// Whether a certificate was issued.
        var isIssued: Bool
    }

    var order: Order?
    /// Issued, and not yet seen everywhere.
    var next: Issued?
    /// Seen everywhere.
    var current: Issued?
    /// By the destination's name.
    var places: [String: Place] = [:]
    var window: RenewalWindow?
    var wait: Wait?
    var failure: Failure?
    var made: [Made] = []
    /// DNS records to take away again.
    var placed: [DNSProof.Placed] = []

    /// With which the keys begin under which records are kept.
    static let beginning = "certificate/"

    static func key(_ name: String) -> String { "\(beginning)\(name)" }

    /// Throws `ActionError` when the ledger cannot be read, or holds what this version does not know.
    static func read(_ name: String, _ kept: any KeptValues) async throws(ActionError) -> CertificateRecord {
        guard let value = try await kept.value(key(name))?.value else { return CertificateRecord() }
        do { return try value.decode(CertificateRecord.self) } catch {
            throw ActionError("what the ledger keeps of the certificate \(name) cannot be read: \(error)")
        }
    }

    /// Throws `ActionError`.
    func keep(_ name: String, _ kept: any KeptValues) async throws(ActionError) {
        let value: JSONValue
        do { value = try JSONValue(encoding: self) } catch {
            throw ActionError("the certificate \(name) cannot be kept: \(error)")
        }
        try await kept.set(CertificateRecord.key(name), value)
    }
}
