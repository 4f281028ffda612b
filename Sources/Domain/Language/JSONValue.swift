import Foundation

/// A JSON value (RFC 8259). Whole numbers keep their exactness as `int`.
package enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

extension JSONValue {
    /// Parses one JSON text. Throws Foundation's error when the bytes are not JSON.
    package init(parsing bytes: some Sequence<UInt8>) throws {
        let object = try JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])
        self = JSONValue(foundation: object)
    }

    /// Parses one JSON text.
    package init(parsing text: String) throws {
        try self.init(parsing: text.utf8)
    }

    private init(foundation value: Any) {
        // The types that Foundation gives for sure; casts that fail on the way to the right one take ten times as long as
        // the parsing.
        let type = Swift.type(of: value)
        if type == String.self, let text = value as? String {
            self = .string(text)
        } else if type == [String: Any].self, let members = value as? [String: Any] {
            self = .object(members.mapValues(JSONValue.init(foundation:)))
        } else if type == [Any].self, let items = value as? [Any] {
            self = .array(items.map(JSONValue.init(foundation:)))
        } else if let number = value as? NSNumber {
            // On Linux a JSON boolean is an NSNumber whose type encoding is "c" (signed char).
            if String(cString: number.objCType) == "c" {
                self = .bool(number.boolValue)
            } else if let whole = Int64(exactly: number) {
                self = .int(whole)
            } else {
                self = .double(number.doubleValue)
            }
        } else {
            self = .null
        }
    }

    /// Canonical text: members sorted by their UTF-8 bytes, no white space, the shortest escapes (after RFC 8785).
    package var canonicalText: String { String(decoding: canonicalBytes, as: UTF8.self) }

    /// The canonical text as UTF-8 bytes.
    package var canonicalBytes: [UInt8] {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return bytes
    }

    private func write(into bytes: inout [UInt8]) {
        switch self {
        case .null: bytes += "null".utf8
        case .bool(let value): bytes += (value ? "true" : "false").utf8
        case .int(let value): bytes += String(value).utf8
        case .double(let value):
            if !value.isFinite {
                bytes += "null".utf8
            } else if let whole = Int64(exactly: value) {
                bytes += String(whole).utf8
            } else {
                bytes += String(value).utf8
            }
        case .string(let value): JSONValue.quote(value, into: &bytes)
        case .array(let items):
            bytes.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                item.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            for (index, member) in sorted.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                JSONValue.quote(member.key, into: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.write(into: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private static func quote(_ value: String, into bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes += #"\""#.utf8
            case UInt8(ascii: "\\"): bytes += #"\\"#.utf8
            case 0x20...: bytes.append(byte)
            case UInt8(ascii: "\n"): bytes += #"\n"#.utf8
            case UInt8(ascii: "\r"): bytes += #"\r"#.utf8
            case UInt8(ascii: "\t"): bytes += #"\t"#.utf8
            case 0x08: bytes += #"\b"#.utf8
            case 0x0c: bytes += #"\f"#.utf8
            default:
                let digits = String(byte, radix: 16)
                bytes += (#"\u"# + String(repeating: "0", count: 4 - digits.count) + digits).utf8
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension JSONValue {
    /// The member of an object; nil for other kinds and for members that are not there.
    package subscript(_ key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    /// What a dotted path names (`labels.instance`, `alerts.0.status`). A member whose own name holds dots is found
    /// too: the longest name that fits is tried first.
    package func at(path: String) -> JSONValue? {
        at(path.split(separator: ".", omittingEmptySubsequences: false)[...])
    }

    private func at(_ parts: ArraySlice<Substring>) -> JSONValue? {
        guard !parts.isEmpty else { return self }
        switch self {
        case .object(let members):
            for count in stride(from: parts.count, through: 1, by: -1) {
                let name = parts.prefix(count).joined(separator: ".")
                if let member = members[name], let found = member.at(parts.dropFirst(count)) { return found }
            }
            return nil
        case .array(let items):
            guard let first = parts.first, let index = Int(first), items.indices.contains(index) else { return nil }
            return items[index].at(parts.dropFirst())
        default: return nil
        }
    }

    /// The text of a string, nil for every other kind.
    package var stringValue: String? { if case .string(let value) = self { value } else { nil } }
    /// The value of a boolean, nil for every other kind.
    package var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
    /// The value of a whole number, nil for every other kind.
    package var intValue: Int? { if case .int(let value) = self { Int(value) } else { nil } }
    /// The items of an array, nil for every other kind.
    package var arrayValue: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    /// The members of an object, nil for every other kind.
    package var objectValue: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }

    /// The text that stands for this value inside a longer text: a string as it is, null as nothing, others as JSON.
    package var plainText: String {
        switch self {
        case .string(let value): value
        case .null: ""
        default: canonicalText
        }
    }
}

extension JSONValue: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // A kind that does not fit is tried as the next one, which takes its time: the most frequent come first.
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .int(value)
        } else if let value = try? container.decode([String: JSONValue].self) {
            self = .object(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .double(try container.decode(Double.self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .int(let value): try container.encode(value)
        case .double(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }

    /// Any `Encodable` as a JSON value.
    package init(encoding value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        try self.init(parsing: encoder.encode(value))
    }

    /// Reads a `Decodable` out of this value.
    package func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(type, from: Data(canonicalBytes))
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    // Not by nil: an Optional<JSONValue> that is given nil would then hold null.
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .int(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
    }
}
