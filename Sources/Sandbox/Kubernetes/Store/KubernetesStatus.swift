import Domain

/// A refusal in Kubernetes' words: the `Status` object (meta/v1) with its HTTP status code.
struct KubernetesStatus: Error, Sendable {
    var code: Int
    var reason: String
    var message: String
    var details: JSONValue?
    var headers: [(String, String)] = []
    var metadata: JSONValue = [:]

    var json: JSONValue {
        var members: [String: JSONValue] = [
            "kind": "Status", "apiVersion": "v1", "metadata": metadata, "status": "Failure",
            "message": .string(message), "code": .int(Int64(code)),
        ]
        if !reason.isEmpty { members["reason"] = .string(reason) }
        if let details { members["details"] = details }
        return .object(members)
    }
}

extension KubernetesStatus {
    private static func details(_ kind: ResourceKind, _ name: String?, causes: [JSONValue] = []) -> JSONValue {
        var members: [String: JSONValue] = ["kind": .string(kind.plural)]
        if let name { members["name"] = .string(name) }
        if !kind.group.isEmpty { members["group"] = .string(kind.group) }
        if !causes.isEmpty { members["causes"] = .array(causes) }
        return .object(members)
    }

    static func notFound(_ kind: ResourceKind, _ name: String) -> KubernetesStatus {
        KubernetesStatus(
            code: 404, reason: "NotFound", message: "\(kind.qualifiedPlural) \"\(name)\" not found",
            details: details(kind, name))
    }

    static let noSuchPath = KubernetesStatus(
        code: 404, reason: "NotFound", message: "the server could not find the requested resource", details: [:])

    static func notServed(_ what: String) -> KubernetesStatus {
        KubernetesStatus(
            code: 501, reason: "NotImplemented",
            message: "this stand-in does not serve \(what); it serves "
                + ResourceKind.all.map(\.qualifiedPlural).joined(separator: ", "))
    }

    static func alreadyExists(_ kind: ResourceKind, _ name: String) -> KubernetesStatus {
        KubernetesStatus(
            code: 409, reason: "AlreadyExists", message: "\(kind.qualifiedPlural) \"\(name)\" already exists",
            details: details(kind, name))
    }

    static func modified(_ kind: ResourceKind, _ name: String) -> KubernetesStatus {
        conflict(
            kind, name,
            "the object has been modified; please apply your changes to the latest version and try again")
    }

    static func conflict(_ kind: ResourceKind, _ name: String, _ why: String) -> KubernetesStatus {
        KubernetesStatus(
            code: 409, reason: "Conflict",
            message: "Operation cannot be fulfilled on \(kind.qualifiedPlural) \"\(name)\": \(why)",
            details: details(kind, name))
    }

    static func badRequest(_ message: String) -> KubernetesStatus {
        KubernetesStatus(code: 400, reason: "BadRequest", message: message)
    }

    static func forbidden(
        _ kind: ResourceKind, _ name: String, _ why: String, causes: [JSONValue] = []
    ) -> KubernetesStatus {
        KubernetesStatus(
            code: 403, reason: "Forbidden", message: "\(kind.qualifiedPlural) \"\(name)\" is forbidden: \(why)",
            details: details(kind, name, causes: causes))
    }

    static func terminating(_ kind: ResourceKind, _ name: String, namespace: String) -> KubernetesStatus {
        forbidden(
            kind, name, "unable to create new content in namespace \(namespace) because it is being terminated",
            causes: [
                [
                    "reason": "NamespaceTerminating",
                    "message": .string("namespace \(namespace) is being terminated"), "field": "metadata.namespace",
                ]
            ])
    }

    static let methodNotAllowed = KubernetesStatus(
        code: 405, reason: "MethodNotAllowed",
        message: "the server does not allow this method on the requested resource", details: [:])

    static func unsupportedMediaType(_ accepted: [String]) -> KubernetesStatus {
        KubernetesStatus(
            code: 415, reason: "UnsupportedMediaType",
            message: "the body of the request was in an unknown format - accepted media types include: "
                + accepted.joined(separator: ", "), details: [:])
    }

    static func tooLarge(_ limit: Int) -> KubernetesStatus {
        KubernetesStatus(
            code: 413, reason: "RequestEntityTooLarge", message: "Request entity too large: limit is \(limit)")
    }

    static let unauthorized = KubernetesStatus(code: 401, reason: "Unauthorized", message: "Unauthorized")

    static func expired(_ message: String, continuing: String? = nil) -> KubernetesStatus {
        KubernetesStatus(
            code: 410, reason: "Expired", message: message,
            metadata: continuing.map { ["continue": .string($0)] } ?? [:])
    }

    static func tooManyRequests(retryAfterSeconds seconds: Int) -> KubernetesStatus {
        KubernetesStatus(
            code: 429, reason: "TooManyRequests", message: "Too many requests, please try again later.",
            details: ["retryAfterSeconds": .int(Int64(seconds))], headers: [("Retry-After", String(seconds))])
    }

    static func internalError(_ what: String) -> KubernetesStatus {
        KubernetesStatus(
            code: 500, reason: "InternalError", message: "Internal error occurred: \(what)",
            details: ["causes": [["message": .string(what)]]])
    }

    static func tooLargeVersion(_ wanted: Int, _ current: Int) -> KubernetesStatus {
        KubernetesStatus(
            code: 504, reason: "Timeout",
            message: "Timeout: Too large resource version: \(wanted), current: \(current)",
            details: [
                "causes": [["reason": "ResourceVersionTooLarge", "message": "Too large resource version"]],
                "retryAfterSeconds": 1,
            ])
    }

    /// 422 with every problem of an object's fields.
    static func invalid(_ kind: String, group: String, _ name: String, _ problems: [FieldProblem]) -> KubernetesStatus {
        let texts = problems.map(\.description)
        let list = texts.count == 1 ? texts[0] : "[\(texts.joined(separator: ", "))]"
        let qualified = group.isEmpty ? kind : "\(kind).\(group)"
        var details: [String: JSONValue] = [
            "name": .string(name), "kind": .string(kind),
            "causes": .array(
                problems.map {
                    ["reason": .string($0.reason), "message": .string($0.message), "field": .string($0.field)]
                }),
        ]
        if !group.isEmpty { details["group"] = .string(group) }
        return KubernetesStatus(
            code: 422, reason: "Invalid", message: "\(qualified) \"\(name)\" is invalid: \(list)",
            details: .object(details))
    }
}

/// What is wrong with one field, as `k8s.io/apimachinery/pkg/util/validation/field` words it.
struct FieldProblem: Sendable, Hashable, CustomStringConvertible {
    var reason: String
    var field: String
    var message: String

    var description: String { "\(field): \(message)" }

    static func required(_ field: String, _ why: String = "") -> FieldProblem {
        FieldProblem(
            reason: "FieldValueRequired", field: field, message: "Required value" + (why.isEmpty ? "" : ": \(why)"))
    }

    static func invalid(_ field: String, _ value: JSONValue, _ why: String) -> FieldProblem {
        FieldProblem(
            reason: "FieldValueInvalid", field: field, message: "Invalid value: \(value.canonicalText): \(why)")
    }

    static func duplicate(_ field: String, _ value: JSONValue) -> FieldProblem {
        FieldProblem(
            reason: "FieldValueDuplicate", field: field, message: "Duplicate value: \(value.canonicalText)")
    }

    static func notFound(_ field: String, _ value: JSONValue) -> FieldProblem {
        FieldProblem(reason: "FieldValueNotFound", field: field, message: "Not found: \(value.canonicalText)")
    }

    static func notSupported(_ field: String, _ value: JSONValue, _ supported: [String]) -> FieldProblem {
        let list = supported.map { "\"\($0)\"" }.joined(separator: ", ")
        return FieldProblem(
            reason: "FieldValueNotSupported", field: field,
            message: "Unsupported value: \(value.canonicalText): supported values: \(list)")
    }

    static func forbidden(_ field: String, _ why: String) -> FieldProblem {
        FieldProblem(reason: "FieldValueForbidden", field: field, message: "Forbidden: \(why)")
    }
}
