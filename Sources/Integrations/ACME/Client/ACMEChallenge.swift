import Domain

/// One way to prove a name (RFC 8555 §8).
package struct ACMEChallenge: Sendable, Hashable {
    package enum Status: String, Sendable {
        case pending
        case processing
        case valid
        case invalid
    }

    /// Characters of a token at most.
    static let longestToken = 128

    /// `http-01`, `dns-01`; there are others, which the bot does not answer.
    package var type: String
    package var url: String
    package var status: Status
    /// Letters of base64url; empty for kinds that have none.
    package var token: String
    /// Why it failed.
    package var problem: ACMEProblem?
}

extension ACMEChallenge {
    init(_ value: JSONValue) throws(ACMEError) {
        type = OneLine.of(value["type"]?.stringValue ?? "", atMost: 40)
        url = try ACMELink.checked(value["url"]?.stringValue, "challenge")
        guard let status = value["status"]?.stringValue.flatMap(Status.init) else {
            throw ACMEError.strange("the CA's challenge has an unknown status: \(StatusText.of(value))")
        }
        self.status = status
        token = value["token"]?.stringValue ?? ""
        // It becomes a part of a path and of a file's name.
        let longest = ACMEChallenge.longestToken
        guard token.isEmpty || token.utf8.count <= longest && Base64URL.isText(token) else {
            throw ACMEError.strange(
                "the CA's challenge has a token that is not base64url of at most \(longest) characters"
            )
        }
        problem = ACMEProblem(value["error"])
    }
}
