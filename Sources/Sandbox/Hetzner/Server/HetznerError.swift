import Domain

/// An error as Hetzner answers it (docs.hetzner.cloud, "Errors").
struct HetznerError: Error {
    let status: Int
    let code: String
    let message: String
    var details: JSONValue = .null

    init(_ status: Int, _ code: String, _ message: String, details: JSONValue = .null) {
        self.status = status
        self.code = code
        self.message = message
        self.details = details
    }

    var answer: SandboxAnswer {
        .json(
            status, ["error": ["code": .string(code), "message": .string(message), "details": details]])
    }
}

extension HetznerError {
    static let unauthorized = HetznerError(401, "unauthorized", "unable to authenticate")
    static let readOnly = HetznerError(401, "token_readonly", "token is only allowed to perform GET requests")
    static let notJSON = HetznerError(400, "json_error", "unable to parse the request body")
    static let conflict = HetznerError(409, "conflict", "resource changed during the request, please retry")
    static let maintenance = HetznerError(403, "maintenance", "cannot perform operation due to maintenance")
    static let serverError = HetznerError(500, "server_error", "an internal error occurred")
    static let unavailable = HetznerError(503, "unavailable", "service is temporarily unavailable")
    static let timeout = HetznerError(504, "timeout", "the request could not be answered in time, please retry")
    static let noMethod = HetznerError(405, "method_not_allowed", "the request method is not allowed")

    static func rateLimit(_ limit: Int) -> HetznerError {
        HetznerError(429, "rate_limit_exceeded", "limit of \(limit) requests per hour reached")
    }

    static func notFound(_ kind: HetznerKind, _ id: String) -> HetznerError {
        HetznerError(404, "not_found", "\(kind.words) with ID '\(id)' not found")
    }

    static func invalid(_ field: String, _ why: String) -> HetznerError {
        HetznerError(
            422, "invalid_input", "invalid input in field '\(field)': \(why)",
            details: ["fields": [["name": .string(field), "messages": [.string(why)]]]])
    }

    static func notUnique(_ field: String, _ message: String) -> HetznerError {
        HetznerError(409, "uniqueness_error", message, details: ["fields": [["name": .string(field)]]])
    }

    static func limit(_ kind: HetznerKind) -> HetznerError {
        HetznerError(
            403, "resource_limit_exceeded", "\(kind.words) limit exceeded",
            details: ["limits": [["name": .string("\(kind.singular)_limit")]]])
    }

    static func busy(_ kind: HetznerKind) -> HetznerError {
        kind.busyCode == "conflict"
            ? conflict : HetznerError(423, "locked", "\(kind.words) is locked")
    }

    static func protected(_ kind: HetznerKind, _ against: String = "deletion") -> HetznerError {
        HetznerError(423, "protected", "\(kind.words) is protected against \(against)")
    }

    static func exhausted(_ words: String) -> HetznerError {
        HetznerError(
            412, "resource_unavailable",
            "we are unable to provision \(words) for this location, try with a different location or try later")
    }
}
