import Domain
package import Foundation

/// Whether an account may have certificates for a name (RFC 8555 §7.1.4).
package struct ACMEAuthorization: Sendable, Hashable {
    package enum Status: String, Sendable {
        case pending
        case valid
        case invalid
        case deactivated
        case expired
        case revoked
    }

    /// Challenges that are read at most.
    private static let mostChallenges = 20

    package var url: String
    /// Without `*.`.
    package var name: String
    /// Whether it is for all names directly below `name`.
    package var isWildcard: Bool
    package var status: Status
    package var expires: Date?
    package var challenges: [ACMEChallenge]
    /// When the CA wants to be asked again.
    package var retryAfter: Duration?

    /// The name as it was asked for: `*.example.org`.
    package var identifier: String { isWildcard ? "*.\(name)" : name }
}

extension ACMEAuthorization {
    /// Unknown members are ignored. Throws `ACMEError` for unknown statuses, and where a name or URLs are missing.
    init(_ answer: ACMEAnswer, url: String) throws(ACMEError) {
        let value = try answer.object("the authorization")
        self.url = url
        guard let name = value["identifier"]?["value"]?.stringValue else {
            throw ACMEError.strange("the CA's authorization names no identifier")
        }
        self.name = OneLine.of(name, atMost: 253)
        isWildcard = value["wildcard"]?.boolValue ?? false
        guard let status = value["status"]?.stringValue.flatMap(Status.init) else {
            throw ACMEError.strange("the CA's authorization has an unknown status: \(StatusText.of(value))")
        }
        self.status = status
        expires = value["expires"]?.stringValue.flatMap { Date(rfc3339: $0) }
        var challenges: [ACMEChallenge] = []
        for challenge in (value["challenges"]?.arrayValue ?? []).prefix(ACMEAuthorization.mostChallenges) {
            challenges.append(try ACMEChallenge(challenge))
        }
        self.challenges = challenges
        retryAfter = answer.retryAfter
    }

    /// Why it is not valid and will not be; nil while it may still become so.
    var failure: ACMEError? {
        switch status {
        case .pending, .valid: nil
        case .invalid, .deactivated, .expired, .revoked:
            if let problem = challenges.lazy.compactMap(\.problem).first {
                ACMEError(problem: problem, "\(identifier) is not proven to the CA")
            } else {
                ACMEError.strange("\(identifier) is not proven to the CA: the authorization is \(status.rawValue)")
            }
        }
    }
}
