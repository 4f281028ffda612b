import Domain
import Foundation

/// The arguments of one Web API call, from a JSON or a form body.
struct SlackArguments: Sendable {
    private var members: [String: JSONValue]
    /// Slack complains about JSON without a charset, and takes it.
    var warnings: [String] = []

    /// Throws `SlackError` in Slack's codes.
    init(_ request: SandboxRequest) throws(SlackError) {
        members = [:]
        switch request.mediaType {
        // Clients send an empty body under either type when a method needs no argument.
        case _ where request.body.isEmpty: break
        case "application/json":
            guard let value = try? JSONValue(parsing: request.body) else {  // any parse error is the same to Slack
                throw SlackError("invalid_json")
            }
            guard let object = value.objectValue else { throw SlackError("json_not_object") }
            members = object
            if request.header("content-type")?.lowercased().contains("charset") != true {
                warnings = ["missing_charset"]
            }
        case "application/x-www-form-urlencoded":
            let fields = FormCoding.decode(String(decoding: request.body, as: UTF8.self))
            members = Dictionary(fields.map { ($0.name, .string($0.value)) }, uniquingKeysWith: { $1 })
        case "": throw SlackError("missing_post_type")
        default: throw SlackError("invalid_post_type")
        }
        for (name, value) in request.query where members[name] == nil { members[name] = .string(value) }
    }

    init(_ members: [String: JSONValue]) { self.members = members }

    /// A text; empty is the same as missing.
    func text(_ name: String) -> String? {
        guard let value = members[name], value != .null, !value.plainText.isEmpty else { return nil }
        return value.plainText
    }

    /// True for `true`, "true" and "1".
    func flag(_ name: String) -> Bool {
        switch members[name] {
        case .bool(let value): value
        case .string(let text): text == "true" || text == "1"
        case .int(let number): number == 1
        default: false
        }
    }

    /// The checked blocks; in a form, and if one likes in JSON, they are JSON in a string. Throws `invalid_blocks`,
    /// `invalid_blocks_format` or `msg_blocks_too_long`.
    func blocks() throws(SlackError) -> [JSONValue] {
        guard var value = members["blocks"], value != .null else { return [] }
        if let text = value.stringValue {
            guard !text.isEmpty else { return [] }
            guard let parsed = try? JSONValue(parsing: text) else {  // any parse error is the same to Slack
                throw SlackError("invalid_blocks_format")
            }
            value = parsed
        }
        guard let blocks = value.arrayValue else { throw SlackError("invalid_blocks_format") }
        let problems = SlackBlockCheck.problems(in: blocks)
        guard problems.isEmpty else { throw SlackError("invalid_blocks", messages: problems) }
        guard value.canonicalText.unicodeScalars.count <= SlackBlockCheck.mostCharacters else {
            throw SlackError("msg_blocks_too_long")
        }
        return blocks
    }

    /// A view, not checked; in a form, and if one likes in JSON, it is JSON in a string. Throws `invalid_arguments`.
    func view() throws(SlackError) -> JSONValue {
        var value = members["view"] ?? .null
        if let text = value.stringValue { value = (try? JSONValue(parsing: text)) ?? .null }  // told just below
        guard value.objectValue != nil else {
            throw SlackError("invalid_arguments", messages: ["missing required field: view"])
        }
        return value
    }

    /// Text and checked blocks, of which at least one is there. Throws `no_text` otherwise, and `msg_too_long` for a
    /// text of more than `longestText` bytes.
    func content(longestText: Int) throws(SlackError) -> (text: String, blocks: [JSONValue]) {
        let blocks = try self.blocks()
        let text = text("text") ?? ""
        guard !text.isEmpty || !blocks.isEmpty else { throw SlackError("no_text") }
        guard text.utf8.count <= longestText else { throw SlackError("msg_too_long") }
        return (text, blocks)
    }
}
