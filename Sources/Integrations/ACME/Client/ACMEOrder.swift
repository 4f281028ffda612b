import Domain
package import Foundation

/// An order for a certificate (RFC 8555 §7.1.3).
package struct ACMEOrder: Sendable, Hashable {
    package enum Status: String, Sendable {
        /// Not all names are proven.
        case pending
        /// All names are proven: it can be finalized.
        case ready
        /// The certificate is being made.
        case processing
        /// The certificate is there.
        case valid
        /// It was given up.
        case invalid
    }

    /// Names of an order at most.
    package static let mostNames = 100

    package var url: String
    package var status: Status
    package var expires: Date?
    package var names: [String]
    /// URLs, one for each name.
    package var authorizations: [String]
    /// Where the request for the certificate goes.
    package var finalize: String
    /// Where the certificate is; nil: not yet.
    package var certificate: String?
    /// Why it was given up.
    package var problem: ACMEProblem?
    /// The certificate that it replaces (RFC 9773 §5).
    package var replaces: String?
    /// When the CA wants to be asked again.
    package var retryAfter: Duration?
}

extension ACMEOrder {
    /// Unknown members are ignored. Throws `ACMEError` for an unknown status, and where URLs are missing.
    init(_ answer: ACMEAnswer, url: String?) throws(ACMEError) {
        let value = try answer.object("the order")
        self.url = try ACMELink.checked(url, "order's Location")
        guard let status = value["status"]?.stringValue.flatMap(Status.init) else {
            throw ACMEError.strange("the CA's order has an unknown status: \(StatusText.of(value))")
        }
        self.status = status
        expires = value["expires"]?.stringValue.flatMap { Date(rfc3339: $0) }
        names = (value["identifiers"]?.arrayValue ?? []).prefix(ACMEOrder.mostNames)
            .compactMap { $0["value"]?.stringValue }
        var links: [String] = []
        for link in (value["authorizations"]?.arrayValue ?? []).prefix(ACMEOrder.mostNames) {
            links.append(try ACMELink.checked(link.stringValue, "authorization"))
        }
        authorizations = links
        finalize = try ACMELink.checked(value["finalize"]?.stringValue, "order's finalize")
        certificate =
            value["certificate"] == nil
            ? nil : try ACMELink.checked(value["certificate"]?.stringValue, "order's certificate")
        problem = ACMEProblem(value["error"])
        replaces = value["replaces"]?.stringValue.map { OneLine.of($0, atMost: 200) }
        retryAfter = answer.retryAfter
    }
}
