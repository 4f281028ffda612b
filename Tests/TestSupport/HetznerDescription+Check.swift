import Domain
import Foundation

extension HetznerDescription {
    /// What does not fit a schema. A member that the schema does not have is a problem too.
    func check(_ value: JSONValue, _ place: String, _ schema: JSONValue, isRequest: Bool) -> [String] {
        let found = alternatives(of: schema).map { check(value, place, plain: $0, isRequest: isRequest) }
        return found.min { $0.count < $1.count } ?? []
    }

    /// A schema without `$ref`, `allOf` and `oneOf`: one of these must fit.
    private func alternatives(of schema: JSONValue) -> [JSONValue] {
        if let name = schema["$ref"]?.stringValue?.split(separator: "/").last {
            return alternatives(of: schemas[String(name)] ?? [:])
        }
        if let parts = schema["allOf"]?.arrayValue {
            return parts.reduce([[:]]) { sofar, part in
                sofar.flatMap { one in alternatives(of: part).map { HetznerDescription.merged(one, $0) } }
            }
        }
        if let choices = schema["oneOf"]?.arrayValue { return choices.flatMap(alternatives) }
        return [schema]
    }

    private static func merged(_ one: JSONValue, _ other: JSONValue) -> JSONValue {
        var members = one.objectValue ?? [:]
        members.merge(other.objectValue ?? [:]) { $1 }
        let properties = (one["properties"]?.objectValue ?? [:]).merging(other["properties"]?.objectValue ?? [:]) { $1 }
        members["properties"] = .object(properties)
        members["required"] = .array((one["required"]?.arrayValue ?? []) + (other["required"]?.arrayValue ?? []))
        return .object(members)
    }

    private func check(_ value: JSONValue, _ place: String, plain schema: JSONValue, isRequest: Bool) -> [String] {
        if value == .null {
            return schema["nullable"] == true || schema["type"] == nil ? [] : ["\(place) must not be null"]
        }
        switch schema["type"]?.stringValue {
        case "object": return object(value, place, schema, isRequest)
        case "array":
            guard let items = value.arrayValue else { return ["\(place): no list: \(value.canonicalText)"] }
            return items.enumerated().flatMap {
                check($1, "\(place).\($0)", schema["items"] ?? [:], isRequest: isRequest)
            }
        case "string": return text(value, place, schema, isRequest)
        case "boolean": return value.boolValue == nil ? ["\(place): no boolean: \(value.canonicalText)"] : []
        case "integer":
            guard let number = value.intValue else { return ["\(place): no whole number: \(value.canonicalText)"] }
            return range(Double(number), place, schema)
        case "number":
            if case .double(let number) = value { return range(number, place, schema) }
            guard let number = value.intValue else { return ["\(place): no number: \(value.canonicalText)"] }
            return range(Double(number), place, schema)
        default: return []
        }
    }

    private func object(_ value: JSONValue, _ place: String, _ schema: JSONValue, _ isRequest: Bool) -> [String] {
        guard let members = value.objectValue else { return ["\(place): no object: \(value.canonicalText)"] }
        guard let properties = schema["properties"]?.objectValue else {
            guard let other = schema["additionalProperties"] else { return [] }
            return members.sorted { $0.key < $1.key }.flatMap {
                check($1, "\(place).\($0)", other, isRequest: isRequest)
            }
        }
        var problems: [String] = []
        for (name, member) in members.sorted(by: { $0.key < $1.key }) {
            if let property = properties[name] {
                problems += check(member, "\(place).\(name)", property, isRequest: isRequest)
            } else {
                problems.append("\(place) has no member \(name)")
            }
        }
        for name in (schema["required"]?.arrayValue ?? []).compactMap(\.stringValue) where members[name] == nil {
            problems.append("\(place).\(name) is missing")
        }
        return problems
    }

    private func range(_ number: Double, _ place: String, _ schema: JSONValue) -> [String] {
        let (least, most) = (schema["minimum"]?.intValue, schema["maximum"]?.intValue)
        let isIn = (least.map { Double($0) <= number } ?? true) && (most.map { number <= Double($0) } ?? true)
        return isIn ? [] : ["\(place): \(number) is out of its range"]
    }

    private func text(_ value: JSONValue, _ place: String, _ schema: JSONValue, _ isRequest: Bool) -> [String] {
        guard let text = value.stringValue else {
            // "ID or name": the document calls both a text.
            let words = schema["description"]?.stringValue ?? ""
            let mayBeID = isRequest && (words.contains("ID") && words.contains("name") || place.contains("ssh_keys"))
            return mayBeID && value.intValue != nil ? [] : ["\(place): no text: \(value.canonicalText)"]
        }
        if let choices = schema["enum"]?.arrayValue, !choices.contains(value) {
            return [
                "\(place): '\(text)' is not one of \(choices.compactMap(\.stringValue).joined(separator: ", "))"
            ]
        }
        if schema["format"] == "date-time", Date(rfc3339: text) == nil { return ["\(place): '\(text)' is no time"] }
        if schema["format"] == "decimal", Decimal(string: text) == nil { return ["\(place): '\(text)' is no number"] }
        if let most = schema["maxLength"]?.intValue, text.count > most { return ["\(place) is too long"] }
        if let least = schema["minLength"]?.intValue, text.count < least { return ["\(place) is too short"] }
        // Patterns that this machine cannot read forbid nothing; those of answers are all the same, and slow.
        guard isRequest, let pattern = schema["pattern"]?.stringValue, let regex = try? Regex(pattern) else {
            return []
        }
        return text.wholeMatch(of: regex) == nil ? ["\(place): '\(text)' does not match \(pattern)"] : []
    }
}
