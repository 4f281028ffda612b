import Domain
import Foundation

extension GoogleDiscovery {
    func check(_ value: JSONValue, _ place: GoogleDiscoveryPlace, _ schema: JSONValue) -> [String] {
        if let name = schema["$ref"]?.stringValue {
            guard let named = schemas[name] else { return ["\(place.path): the document lacks the schema \(name)"] }
            return check(value, place, named)
        }
        if place.method != nil, schema["readOnly"] == true { return ["\(place.path) is only written by Google"] }
        switch schema["type"]?.stringValue {
        case "object": return object(value, place, schema)
        case "array":
            guard let items = value.arrayValue else { return ["\(place.path): no list: \(value.canonicalText)"] }
            return items.enumerated().flatMap { check($1, place.below(String($0)), schema["items"] ?? [:]) }
        case "string": return text(value, place, schema)
        case "boolean": return value.boolValue == nil ? ["\(place.path): no boolean: \(value.canonicalText)"] : []
        case "integer": return integer(value, place, schema)
        case "number":
            if case .double = value { return [] }
            return value.intValue == nil ? ["\(place.path): no number: \(value.canonicalText)"] : []
        default: return []
        }
    }

    private func object(_ value: JSONValue, _ place: GoogleDiscoveryPlace, _ schema: JSONValue) -> [String] {
        guard let members = value.objectValue else { return ["\(place.path): no object: \(value.canonicalText)"] }
        let properties = schema["properties"]?.objectValue ?? [:]
        var problems: [String] = []
        for (name, member) in members.sorted(by: { $0.key < $1.key }) {
            if let property = properties[name] {
                problems += check(member, place.below(name), property)
            } else if let other = schema["additionalProperties"] {
                problems += check(member, place.below(name), other)
            } else {
                problems.append("\(place.path) has no member \(name)")
            }
        }
        guard let method = place.method else { return problems }
        for (name, property) in properties where members[name] == nil {
            let needed = property["annotations"]?["required"]?.arrayValue ?? []
            // A part of a body is needed by itself; the annotation speaks of the body as a whole.
            if place.path == "body", needed.contains(.string(method)) {
                problems.append("\(place.path).\(name) is required")
            }
        }
        return problems
    }

    private func integer(_ value: JSONValue, _ place: GoogleDiscoveryPlace, _ schema: JSONValue) -> [String] {
        guard let number = value.intValue else { return ["\(place.path): no whole number: \(value.canonicalText)"] }
        let range = schema["format"] == "uint32" ? 0...Int(UInt32.max) : Int(Int32.min)...Int(Int32.max)
        return range.contains(number)
            ? [] : ["\(place.path): \(number) does not fit \(schema["format"]?.plainText ?? "int32")"]
    }

    private func text(_ value: JSONValue, _ place: GoogleDiscoveryPlace, _ schema: JSONValue) -> [String] {
        guard let text = value.stringValue else { return ["\(place.path): no text: \(value.canonicalText)"] }
        if let choices = schema["enum"]?.arrayValue, !choices.contains(.string(text)) {
            return [
                "\(place.path): '\(text)' is not one of \(choices.compactMap(\.stringValue).joined(separator: ", "))"
            ]
        }
        let isWell =
            switch schema["format"]?.stringValue {
            case "int64": Int64(text) != nil
            case "uint64": UInt64(text) != nil
            case "byte": Data(base64Encoded: GoogleDiscovery.plainBase64(text)) != nil
            case "date-time", "google-datetime": Date(rfc3339: text) != nil
            case "google-duration": text.wholeMatch(of: /-?[0-9]+(\.[0-9]{1,9})?s/) != nil
            default: true
            }
        guard isWell else { return ["\(place.path): '\(text)' is no \(schema["format"]?.plainText ?? "")"] }
        guard place.method != nil, let pattern = schema["pattern"]?.stringValue else { return [] }
        // Patterns that this machine cannot read forbid nothing.
        guard let regex = try? Regex(pattern), text.wholeMatch(of: regex) == nil else { return [] }
        return ["\(place.path): '\(text)' does not match \(pattern)"]
    }

    private static func plainBase64(_ text: String) -> String {
        text.replacing("-", with: "+").replacing("_", with: "/")
    }

    /// `{"error": {"code", "message", "errors"}}` or `{"error": {"code", "message", "status"}}`.
    static func errorProblems(_ status: Int, _ body: JSONValue) -> [String] {
        guard let error = body["error"], let code = error["code"]?.intValue, error["message"]?.stringValue != nil else {
            return ["an error without code and message: \(body.canonicalText.prefix(200))"]
        }
        guard code == status else { return ["the error's code is \(code), the status \(status)"] }
        if error["status"]?.stringValue != nil { return [] }
        guard let items = error["errors"]?.arrayValue, !items.isEmpty,
            items.allSatisfy({ $0["reason"]?.stringValue != nil && $0["domain"]?.stringValue != nil })
        else { return ["an error without status and without reasons"] }
        return []
    }
}
