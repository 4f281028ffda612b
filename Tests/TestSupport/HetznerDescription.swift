package import Domain
import Foundation

/// The OpenAPI document of Hetzner's Cloud API: says what in a request or an answer does not fit its operations and
/// schemas. For those who stand in for Hetzner, and for those who ask it.
package struct HetznerDescription: Sendable {
    /// True when the suites that need it can run; in CI it must be there.
    package static var isThere: Bool { WireData.isThere }

    /// The document of the wire data; nil when it is not there or cannot be read, which the check tells.
    private static let document: HetznerDescription? = {
        guard let bytes = try? WireData.bytes("hetzner/cloud.openapi.trimmed.json") else { return nil }
        return try? HetznerDescription(bytes)
    }()

    let schemas: [String: JSONValue]
    private let operations: [String: Operation]

    /// One operation, by its name.
    private struct Operation: Sendable {
        var verb: String
        var path: String
        var value: JSONValue
    }

    /// Reads a document. Throws when it is no JSON.
    package init(_ bytes: [UInt8]) throws {
        let document = try JSONValue(parsing: bytes)
        schemas = document.at(path: "components.schemas")?.objectValue ?? [:]
        var operations: [String: Operation] = [:]
        for (path, verbs) in document["paths"]?.objectValue ?? [:] {
            for (verb, value) in verbs.objectValue ?? [:] {
                guard let id = value["operationId"]?.stringValue else { continue }
                operations[id] = Operation(verb: verb.uppercased(), path: path, value: value)
            }
        }
        self.operations = operations
    }

    /// Names of all operations, sorted.
    package static var operations: [String] { document?.operations.keys.sorted() ?? [] }

    /// The operation of a request by its verb and path (`/v1/servers/42`); nil when there is none.
    package static func operation(_ verb: String, _ path: String) -> String? {
        let segments = path.split(separator: "/").drop { $0 == "v1" }
        let fitting = (document?.operations ?? [:]).filter { $0.value.verb == verb && fits(segments, $0.value.path) }
        // `servers/actions` is no server: the path with fewer parameters is meant.
        return fitting.min { parameters($0.value.path) < parameters($1.value.path) }?.key
    }

    private static func parameters(_ path: String) -> Int { path.count { $0 == "{" } }

    private static func fits(_ segments: ArraySlice<Substring>, _ path: String) -> Bool {
        let parts = path.split(separator: "/")
        return parts.count == segments.count
            && zip(parts, segments).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }

    /// What does not fit in one exchange; empty: nothing. `request` and `answer` are null where there is no body. A
    /// request that was refused may be a wrong one, and is not looked at.
    package static func problems(
        _ operation: String, verb: String, path: String, query: [(name: String, value: String)], request: JSONValue,
        status: Int, answer: JSONValue
    ) -> [String] {
        guard !operation.isEmpty else { return [] }
        guard let document else { return ["the OpenAPI document cannot be read"] }
        guard let known = document.operations[operation] else { return ["\(operation) is no operation"] }
        var problems: [String] = []
        if (200..<300).contains(status) {
            if known.verb != verb || !fits(path.split(separator: "/").drop { $0 == "v1" }, known.path) {
                problems.append("\(verb) \(path) is not \(known.verb) \(known.path)")
            }
            problems += queryProblems(known.value, query)
            problems += document.requestProblems(known.value, request)
        }
        problems += document.answerProblems(known.value, status, answer)
        return problems.map { "\(operation) \(status): \($0)" }
    }

    private static func queryProblems(_ operation: JSONValue, _ query: [(name: String, value: String)]) -> [String] {
        let parameters = (operation["parameters"]?.arrayValue ?? []).filter { $0["in"] == "query" }
        return query.compactMap { name, value in
            guard let parameter = parameters.first(where: { $0["name"]?.stringValue == name }) else {
                return "no parameter is named \(name)"
            }
            let schema = parameter["schema"] ?? [:]
            let item = schema["type"] == "array" ? schema["items"] ?? [:] : schema
            if item["type"] == "integer", Int(value) == nil { return "parameter \(name): \(value) is no number" }
            if let choices = item["enum"]?.arrayValue, !choices.contains(.string(value)) {
                return "parameter \(name): \(value) is none of its values"
            }
            return nil
        }
    }

    private func requestProblems(_ operation: JSONValue, _ body: JSONValue) -> [String] {
        guard let wanted = operation["requestBody"] else {
            return body == .null || body == [:] ? [] : ["it takes no body"]
        }
        guard let schema = wanted.at(path: "content.application/json.schema") else { return [] }
        if body == .null { return wanted["required"] == true ? ["it needs a body"] : [] }
        return check(body, "request", schema, isRequest: true)
    }

    private func answerProblems(_ operation: JSONValue, _ status: Int, _ body: JSONValue) -> [String] {
        let answers = operation["responses"]
        guard let answer = answers?[String(status)] ?? answers?["\(status / 100)xx"] else {
            return ["no answer has this status"]
        }
        guard let schema = answer.at(path: "content.application/json.schema") else {
            return body == .null ? [] : ["it answers without a body"]
        }
        // What a proxy in front says is not Hetzner's.
        if status == 502 { return [] }
        return check(body, "answer", schema, isRequest: false)
    }
}
