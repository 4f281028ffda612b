package import Domain
import Foundation

/// A discovery document of a Google API (developers.google.com/discovery/v1/reference/apis): says what in a request or an
/// answer does not fit its methods and schemas.
package struct GoogleDiscovery: Sendable {
    let schemas: [String: JSONValue]
    private let methods: [String: JSONValue]
    private let parameters: [String: JSONValue]
    private let servicePath: String

    /// Reads a document. Throws when it is no JSON.
    package init(_ bytes: [UInt8]) throws {
        let document = try JSONValue(parsing: bytes)
        schemas = document["schemas"]?.objectValue ?? [:]
        parameters = document["parameters"]?.objectValue ?? [:]
        servicePath = document["servicePath"]?.stringValue ?? ""
        methods = GoogleDiscovery.methods(below: document)
    }

    private static func methods(below value: JSONValue) -> [String: JSONValue] {
        var found: [String: JSONValue] = [:]
        for method in (value["methods"]?.objectValue ?? [:]).values {
            if let id = method["id"]?.stringValue { found[id] = method }
        }
        for resource in (value["resources"]?.objectValue ?? [:]).values {
            found.merge(methods(below: resource)) { first, _ in first }
        }
        return found
    }

    /// Whether it has that method: `compute.disks.insert`.
    package func has(_ method: String) -> Bool { methods[method] != nil }

    /// What is wrong with a request: its path, its parameters, its body (null: none). Empty: nothing.
    package func problems(
        request method: String, verb: String, path: String, query: [(name: String, value: String)], body: JSONValue
    ) -> [String] {
        guard let known = methods[method] else { return ["\(method) is no method of this document"] }
        var problems: [String] = []
        if known["httpMethod"]?.stringValue != verb { problems.append("\(method) is not a \(verb)") }
        problems += pathProblems(known, path)
        problems += queryProblems(known, query)
        let schema = known["request"]?["$ref"]?.stringValue
        if let schema, body != .null {
            problems += check(body, GoogleDiscoveryPlace(path: "body", method: method), ["$ref": .string(schema)])
        } else if schema == nil, body != .null, body != [:] {
            problems.append("\(method) takes no body")
        } else if schema != nil, body == .null {
            problems.append("\(method) needs a body")
        }
        return problems
    }

    /// What is wrong with an answer. Errors must have one of Google's two shapes.
    package func problems(answer method: String, status: Int, body: JSONValue) -> [String] {
        guard let known = methods[method] else { return ["\(method) is no method of this document"] }
        guard (200..<300).contains(status) else { return GoogleDiscovery.errorProblems(status, body) }
        guard let schema = known["response"]?["$ref"]?.stringValue else {
            return body == .null || body == [:] ? [] : ["\(method) answers without a body"]
        }
        return check(body, GoogleDiscoveryPlace(path: "answer", method: nil), ["$ref": .string(schema)])
    }

    private func pathProblems(_ method: JSONValue, _ path: String) -> [String] {
        let pattern = servicePath + (method["flatPath"] ?? method["path"] ?? "").plainText
        let wanted = pattern.split(separator: "/")
        let given = path.split(separator: "/")
        guard wanted.count == given.count else { return ["\(path) does not fit \(pattern)"] }
        var problems: [String] = []
        for (part, segment) in zip(wanted, given) {
            guard let open = part.firstIndex(of: "{"), let close = part.lastIndex(of: "}") else {
                if part != segment { problems.append("\(path) does not fit \(pattern): \(segment) instead of \(part)") }
                continue
            }
            let (before, after) = (part[..<open], part[part.index(after: close)...])
            guard segment.hasPrefix(before), segment.hasSuffix(after) else {
                problems.append("\(path) does not fit \(pattern)")
                continue
            }
            let name = String(part[part.index(after: open)..<close])
            let value = String(segment.dropFirst(before.count).dropLast(after.count))
            let plain = value.removingPercentEncoding ?? value
            if let rule = method["parameters"]?[name]?["pattern"]?.stringValue, !GoogleDiscovery.fits(plain, rule) {
                problems.append("\(name) '\(plain)' does not match \(rule)")
            }
        }
        return problems
    }

    private func queryProblems(_ method: JSONValue, _ query: [(name: String, value: String)]) -> [String] {
        let own = (method["parameters"]?.objectValue ?? [:]).filter { $0.value["location"] == "query" }
        var problems: [String] = []
        for (name, value) in query {
            guard let parameter = own[name] ?? parameters[name] else {
                // The official clients ask for a form of JSON by a parameter that no document names.
                if name != "$alt" { problems.append("no parameter is named \(name)") }
                continue
            }
            problems += GoogleDiscovery.checkText(value, "parameter \(name)", parameter)
        }
        for (name, parameter) in own where parameter["required"] == true && !query.contains(where: { $0.name == name })
        {
            problems.append("parameter \(name) is missing")
        }
        return problems
    }

    private static func checkText(_ text: String, _ place: String, _ parameter: JSONValue) -> [String] {
        switch parameter["type"]?.stringValue {
        case "integer": return Int(text) == nil ? ["\(place): '\(text)' is no whole number"] : []
        case "boolean":
            return ["true", "false"].contains(text) ? [] : ["\(place): '\(text)' is neither true nor false"]
        default: return checkChoice(text, place, parameter) + checkPattern(text, place, parameter)
        }
    }

    private static func checkChoice(_ text: String, _ place: String, _ schema: JSONValue) -> [String] {
        guard let choices = schema["enum"]?.arrayValue, !choices.contains(.string(text)) else { return [] }
        return ["\(place): '\(text)' is not one of \(choices.compactMap(\.stringValue).joined(separator: ", "))"]
    }

    private static func checkPattern(_ text: String, _ place: String, _ schema: JSONValue) -> [String] {
        guard let pattern = schema["pattern"]?.stringValue, !fits(text, pattern) else { return [] }
        return ["\(place): '\(text)' does not match \(pattern)"]
    }

    private static func fits(_ text: String, _ pattern: String) -> Bool {
        // Patterns that this machine cannot read forbid nothing.
        guard let regex = try? Regex(pattern) else { return true }
        return text.wholeMatch(of: regex) != nil
    }
}
