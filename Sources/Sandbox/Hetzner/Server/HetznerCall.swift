import Domain
import Foundation

/// One request to the API.
struct HetznerCall: Sendable {
    let request: SandboxRequest
    /// What stands in the path.
    let parameters: [String: String]
    /// The body's members; those that are null are left out.
    let body: [String: JSONValue]

    init(_ request: SandboxRequest, _ parameters: [String: String]) throws {
        self.request = request
        self.parameters = parameters
        if request.body.isEmpty {
            body = [:]
        } else {
            // Any text that is not a JSON object is the same to Hetzner.
            guard let value = try? JSONValue(parsing: request.body), let members = value.objectValue else {
                throw HetznerError.notJSON
            }
            body = members.filter { $0.value != .null }
        }
    }

    /// The thing that the path names.
    var id: String { parameters["id"] ?? "" }

    func query(_ name: String) -> String? { request.query(name) }

    /// All values of a parameter that may be there several times.
    func queries(_ name: String) -> [String] { request.query.filter { $0.name == name }.map(\.value) }

    func text(_ name: String) throws -> String? { try HetznerCall.text(body[name], name) }
    func number(_ name: String) throws -> Int? { try HetznerCall.number(body[name], name) }

    func flag(_ name: String) throws -> Bool? {
        try body[name].map { value in
            guard let flag = value.boolValue else { throw HetznerError.invalid(name, "must be a boolean") }
            return flag
        }
    }

    func list(_ name: String) throws -> [JSONValue]? {
        try body[name].map { value in
            guard let items = value.arrayValue else { throw HetznerError.invalid(name, "must be an array") }
            return items
        }
    }

    func needText(_ name: String) throws -> String { try HetznerCall.needed(text(name), name) }
    func needNumber(_ name: String) throws -> Int { try HetznerCall.needed(number(name), name) }
    func needFlag(_ name: String) throws -> Bool { try HetznerCall.needed(flag(name), name) }
    func needList(_ name: String) throws -> [JSONValue] { try HetznerCall.needed(list(name), name) }

    /// A text or a number by which something is named.
    func need(_ name: String) throws -> JSONValue { try HetznerCall.needed(body[name], name) }

    static func text(_ value: JSONValue?, _ name: String) throws -> String? {
        try value.map { value in
            guard let text = value.stringValue else { throw HetznerError.invalid(name, "must be a string") }
            return text
        }
    }

    static func number(_ value: JSONValue?, _ name: String) throws -> Int? {
        try value.map { value in
            guard let number = value.intValue else { throw HetznerError.invalid(name, "must be an integer") }
            return number
        }
    }

    static func needed<Value>(_ value: Value?, _ name: String) throws -> Value {
        guard let value else { throw HetznerError.invalid(name, "is required") }
        return value
    }

    /// Labels that are to be there, checked (docs.hetzner.cloud, "Labels"); nil when none are given.
    func labels() throws -> JSONValue? { try HetznerCall.labels(body["labels"]) }

    static func labels(_ value: JSONValue?) throws -> JSONValue? {
        guard let value else { return nil }
        guard let labels = value.objectValue else { throw HetznerError.invalid("labels", "must be an object") }
        for (key, label) in labels {
            let parts = key.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.count <= 2, let name = parts.last, HetznerCall.isLabel(name), !name.isEmpty,
                parts.count == 1 || !parts[0].isEmpty && parts[0].count <= 253 && parts[0] != "hetzner.cloud"
            else { throw HetznerError.invalid("labels", "label key '\(key)' is invalid") }
            guard let text = label.stringValue, HetznerCall.isLabel(text) else {
                throw HetznerError.invalid("labels", "label value '\(label.plainText)' is invalid")
            }
        }
        return value
    }

    private static func isLabel(_ text: String) -> Bool {
        text.count <= 63 && text.wholeMatch(of: /([A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?)?/) != nil
    }

    /// `https://api.hetzner.cloud/v1/servers`, as the client addressed it.
    var address: String { "http://\(request.host)\(request.path)" }
}
