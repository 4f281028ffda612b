import Domain

/// What a new order asks for (RFC 8555 §7.4), checked.
struct ACMEOrderRequest: Sendable {
    static let mostNames = 100

    let names: [String]
    let profile: ACMEProfile
    let replaces: String?

    init(_ payload: JSONValue) throws {
        guard payload["notBefore"] == nil, payload["notAfter"] == nil else {
            throw ACMEProblem.malformed("notBefore and notAfter are not supported")
        }
        let identifiers = payload["identifiers"]?.arrayValue ?? []
        guard (1...ACMEOrderRequest.mostNames).contains(identifiers.count) else {
            throw ACMEProblem.malformed("an order has 1 to \(ACMEOrderRequest.mostNames) identifiers")
        }
        names = try ACMEOrderRequest.names(identifiers)
        let wanted = payload["profile"]?.stringValue ?? ACMEProfile.classic.rawValue
        guard let profile = ACMEProfile(rawValue: wanted) else {
            throw ACMEProblem(400, "invalidProfile", "there is no profile '\(wanted)'")
        }
        self.profile = profile
        replaces = payload["replaces"]?.stringValue
    }

    private static func names(_ identifiers: [JSONValue]) throws -> [String] {
        var names: [String] = []
        var problems: [JSONValue] = []
        for identifier in identifiers {
            guard identifier["type"] == "dns", let name = identifier["value"]?.stringValue else {
                throw ACMEProblem(400, "unsupportedIdentifier", "identifiers must have the type dns and a value")
            }
            if !isName(name) {
                problems.append([
                    "type": "urn:ietf:params:acme:error:rejectedIdentifier",
                    "detail": .string("'\(name)' is no name that can be certified"), "identifier": identifier,
                ])
            }
            if !names.contains(name) { names.append(name) }
        }
        guard problems.isEmpty else {
            var problem = ACMEProblem(400, "rejectedIdentifier", "some names cannot be certified")
            problem.more = ["subproblems": .array(problems)]
            throw problem
        }
        return names
    }

    /// A name of two labels at least, in lower case; its first may be `*`.
    private static func isName(_ name: String) -> Bool {
        let plain = name.hasPrefix("*.") ? String(name.dropFirst(2)) : name
        return plain.count <= 253
            && plain.wholeMatch(of: /([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]/) != nil
    }
}
