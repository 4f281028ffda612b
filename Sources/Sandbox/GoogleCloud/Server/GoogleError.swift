import Domain

/// An error as Google answers it. Compute and DNS list reasons (cloud.google.com/apis/design/errors, the older style of
/// developers.google.com/drive/api/guides/handle-errors); the others name a canonical status.
struct GoogleError: Error {
    enum Style: Sendable { case reasons, status }

    let code: Int
    /// `notFound`; Compute's and DNS' word.
    let reason: String
    let message: String
    var domain = "global"
    /// `NOT_FOUND`; gRPC's word.
    var status: String
    /// `google.rpc` details of the newer style.
    var details: [JSONValue] = []
    /// Members beside `reason`: `location`, `locationType`.
    var more: [String: JSONValue] = [:]
    var headers: [(String, String)] = []

    init(_ code: Int, _ reason: String, _ message: String, status: String? = nil) {
        self.code = code
        self.reason = reason
        self.message = message
        self.status = status ?? GoogleError.canonical[code] ?? "UNKNOWN"
    }

    /// google.rpc.Code by HTTP status (google/rpc/code.proto).
    private static let canonical = [
        400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
        409: "ALREADY_EXISTS", 412: "FAILED_PRECONDITION", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL",
        503: "UNAVAILABLE",
    ]

    func answer(_ style: Style) -> SandboxAnswer {
        var error: [String: JSONValue] = ["code": .int(Int64(code)), "message": .string(message)]
        switch style {
        case .reasons:
            let item: [String: JSONValue] = [
                "message": .string(message), "domain": .string(domain), "reason": .string(reason),
            ]
            error["errors"] = [.object(item.merging(more) { $1 })]
        case .status:
            error["status"] = .string(status)
            if !details.isEmpty { error["details"] = .array(details) }
        }
        return .json(code, ["error": .object(error)], headers: headers)
    }
}

extension GoogleError {
    static func notFound(_ path: String) -> GoogleError {
        GoogleError(404, "notFound", "The resource '\(path)' was not found")
    }

    static func exists(_ path: String) -> GoogleError {
        GoogleError(409, "alreadyExists", "The resource '\(path)' already exists")
    }

    static func notReady(_ path: String) -> GoogleError {
        GoogleError(400, "resourceNotReady", "The resource '\(path)' is not ready", status: "FAILED_PRECONDITION")
    }

    static func inUse(_ path: String, by other: String) -> GoogleError {
        GoogleError(
            400, "resourceInUseByAnotherResource",
            "The \(GoogleError.word(of: path)) resource '\(path)' is already being used by '\(other)'")
    }

    static func invalid(_ field: String, _ value: String, _ why: String) -> GoogleError {
        GoogleError(400, "invalid", "Invalid value for field '\(field)': '\(value)'. \(why)")
    }

    static func required(_ field: String) -> GoogleError {
        GoogleError(400, "required", "Required field '\(field)' not specified")
    }

    static let invalidFingerprint: GoogleError = {
        var error = GoogleError(412, "conditionNotMet", "Invalid fingerprint.")
        error.more = ["locationType": "header", "location": "If-Match"]
        return error
    }()

    /// The request has no token, or one that is unknown or over.
    static let unauthenticated: GoogleError = {
        var error = GoogleError(
            401, "authError",
            "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid "
                + "authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project."
        )
        error.more = ["locationType": "header", "location": "Authorization"]
        error.headers = [("WWW-Authenticate", #"Bearer realm="https://accounts.google.com/", error="invalid_token""#)]
        return error
    }()

    static func quota(_ metric: String, limit: Int, region: String) -> GoogleError {
        GoogleError(
            403, "quotaExceeded", "Quota '\(metric)' exceeded.  Limit: \(limit).0 in region \(region).",
            status: "RESOURCE_EXHAUSTED")
    }

    static let backend = GoogleError(
        503, "backendError", "Internal error. Please try again or contact Google Support.")

    static let rateLimit: GoogleError = {
        var error = GoogleError(
            403, "rateLimitExceeded",
            "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute' of service "
                + "'compute.googleapis.com' for consumer 'project_number:123456789012'.", status: "RESOURCE_EXHAUSTED")
        error.domain = "usageLimits"
        return error
    }()

    static func tooManyRequests(retryAfter seconds: Int) -> GoogleError {
        var error = GoogleError(
            429, "rateLimitExceeded", "Quota exceeded for quota metric 'Requests' and limit 'Requests per minute'")
        error.domain = "usageLimits"
        error.headers = [("Retry-After", String(seconds))]
        error.details = [
            [
                "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": .string("\(seconds)s"),
            ]
        ]
        return error
    }

    /// Compute's and DNS' words for a permission that is missing.
    static func forbidden(_ permission: String, on path: String) -> GoogleError {
        GoogleError(403, "forbidden", "Required '\(permission)' permission for '\(path)'")
    }

    /// The newer services' words for it.
    static func denied(_ permission: String, on resource: String) -> GoogleError {
        var error = GoogleError(
            403, "forbidden", "Permission '\(permission)' denied on resource '\(resource)' (or it may not exist).")
        error.details = [
            [
                "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "IAM_PERMISSION_DENIED",
                "domain": "iam.googleapis.com", "metadata": ["permission": .string(permission)],
            ]
        ]
        return error
    }

    /// `disk` of `projects/p/zones/z/disks/d`.
    private static func word(of path: String) -> String {
        let collection = path.split(separator: "/").dropLast().last.map(String.init) ?? "resource"
        return collection.hasSuffix("s") ? String(collection.dropLast()) : collection
    }
}
