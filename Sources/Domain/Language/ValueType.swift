/// The type of a command's argument or of an action's input.
package indirect enum ValueType: Sendable, Hashable {
    /// Text; the pattern, if there is one, must match the whole of it.
    case text(Pattern?)
    /// A whole number, inside the range if there is one.
    case integer(ClosedRange<Int>?)
    /// An amount of bytes, such as `50GiB`.
    case quantity
    /// A time span, such as `2m`.
    case duration
    /// One of the named values.
    case choice([String])
    /// True or false; on a command line its name alone, `--force`.
    case flag
    /// One of the people in the settings, by their id.
    case person
    /// A branch, tag or commit, as git-check-ref-format(1) allows.
    case gitRef
    /// A list of values of one type.
    case list(ValueType)
    /// A map from names to values of one type.
    case map(ValueType)
    /// A reference to a secret: `{env: NAME}`, `{file: path}` or `{stored: name}`. Only settings hold them.
    case secret
    /// Any value.
    case any

    /// The longest text that an argument or an input may have, in UTF-8 bytes, unless its pattern says less.
    package static let longestText = 16_384

    /// The type's name in definitions.
    package var name: String {
        switch self {
        case .text: "text"
        case .integer: "integer"
        case .quantity: "quantity"
        case .duration: "duration"
        case .choice: "choice"
        case .flag: "flag"
        case .person: "person"
        case .gitRef: "git-ref"
        case .list(let item): "list of \(item.name)"
        case .map(let value): "map of \(value.name)"
        case .secret: "secret"
        case .any: "any"
        }
    }

    /// What a value must be, for people: "a whole number from 1 to 10".
    package var requirement: String {
        switch self {
        case .text(nil): "text"
        case .text(let pattern?): "text that matches \(pattern.text)"
        case .integer(nil): "a whole number"
        case .integer(let range?):
            switch (range.lowerBound == .min, range.upperBound == .max) {
            case (true, true): "a whole number"
            case (true, false): "a whole number, at most \(range.upperBound)"
            case (false, true): "a whole number, at least \(range.lowerBound)"
            case (false, false): "a whole number from \(range.lowerBound) to \(range.upperBound)"
            }
        case .quantity: "an amount such as 50GiB"
        case .duration: "a time span such as 90s or 2h30m"
        case .choice(let choices): "one of " + choices.joined(separator: ", ")
        case .flag: "true or false"
        case .person: "a person named in the settings"
        case .gitRef: "a branch, tag or commit"
        case .list(let item): "a list, each item \(item.requirement)"
        case .map(let value): "a map, each value \(value.requirement)"
        case .secret: "a secret's place, {env: NAME}, {file: path} or {stored: name}"
        case .any: "any value"
        }
    }

    /// Reads a value as a person typed it on a command line. Returns nil when it does not fit.
    package func parse(_ text: String) -> JSONValue? {
        let value: JSONValue
        switch self {
        case .integer: value = Int64(text).map(JSONValue.int) ?? .null
        case .flag: value = ["true": true, "false": false][text].map(JSONValue.bool) ?? .null
        case .any, .text, .quantity, .duration, .choice, .person, .gitRef: value = .string(text)
        case .list(let item):
            value = .array(text.split(separator: ",").map { item.parse(String($0)) ?? .null })
        case .map, .secret: value = .null
        }
        // Not `accepts(value) ? value : nil`: there, nil would be read as the JSON value null.
        guard accepts(value) else { return nil }
        return value
    }

    /// Whether a value is of this type.
    package func accepts(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.any, _): true
        case (.text(let pattern), .string(let text)):
            text.utf8.count <= ValueType.longestText && pattern?.matches(text) ?? true
        case (.integer(let range), .int(let number)):
            Int(exactly: number).map { range?.contains($0) ?? true } ?? false
        case (.quantity, .string(let text)): Quantity(text) != nil
        case (.quantity, .int(let bytes)): bytes >= 0
        case (.duration, .string(let text)): DurationText.parse(text) != nil
        case (.choice(let choices), .string(let text)): choices.contains(text)
        case (.flag, .bool): true
        case (.person, .string(let text)): !text.isEmpty && text.utf8.count <= 64
        case (.gitRef, .string(let text)): ValueType.isGitRef(text)
        case (.list(let item), .array(let items)): items.allSatisfy(item.accepts)
        case (.secret, _): SecretReference(value) != nil
        case (.map(let type), .object(let members)): members.values.allSatisfy(type.accepts)
        default: false
        }
    }

    /// Whether a value of this type, not known yet, may stand where `wanted` is asked for.
    package func fits(_ wanted: ValueType) -> Bool {
        switch (self, wanted) {
        case (.any, _), (_, .any): true
        case (.list, .text), (.map, .text): false
        case (_, .text): true
        case (.integer, .integer), (.quantity, .quantity), (.duration, .duration), (.flag, .flag), (.person, .person),
            (.gitRef, .gitRef), (.integer, .quantity):
            true
        case (.choice(let given), .choice(let allowed)): Set(given).isSubset(of: allowed)
        case (.choice(let given), _): given.allSatisfy { wanted.accepts(.string($0)) }
        case (.list(let item), .list(let wantedItem)): item.fits(wantedItem)
        case (.map(let value), .map(let wantedValue)): value.fits(wantedValue)
        default: false
        }
    }

    /// git-check-ref-format(1), with single-level names and commit ids allowed.
    private static func isGitRef(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 255, text != "@", !text.hasPrefix("-"), !text.hasSuffix("/"),
            !text.hasSuffix("."), !text.hasPrefix("/"), !text.contains(".."), !text.contains("//"), !text.contains("@{")
        else { return false }
        return text.unicodeScalars.allSatisfy {
            $0.value > 0x20 && $0.value != 0x7f && !"~^:?*[\\".unicodeScalars.contains($0)
        }
            && text.split(separator: "/").allSatisfy { !$0.hasPrefix(".") && !$0.hasSuffix(".lock") }
    }

    /// The JSON Schema (2020-12) of a value of this type as it stands in a definition, where a template may stand too.
    package var jsonSchema: JSONValue {
        switch self {
        case .text(let pattern):
            pattern.map { ["type": "string", "description": .string("matches \($0.text)")] } ?? ["type": "string"]
        case .integer(let range):
            templatable(
                .object(
                    ["type": "integer"].merging(
                        range.map {
                            var bounds: [String: JSONValue] = [:]
                            if $0.lowerBound != .min { bounds["minimum"] = .int(Int64($0.lowerBound)) }
                            if $0.upperBound != .max { bounds["maximum"] = .int(Int64($0.upperBound)) }
                            return bounds
                        } ?? [:], uniquingKeysWith: { $1 })))
        case .flag: templatable(["type": "boolean"])
        case .choice(let choices): templatable(["enum": .array(choices.map(JSONValue.string))])
        case .list(let item): templatable(["type": "array", "items": item.jsonSchema])
        case .map(let value): templatable(["type": "object", "additionalProperties": value.jsonSchema])
        case .any: [:]
        case .secret:
            [
                "type": "object", "maxProperties": 1, "minProperties": 1, "additionalProperties": false,
                "properties": ["env": ["type": "string"], "file": ["type": "string"], "stored": ["type": "string"]],
            ]
        case .quantity, .duration, .person, .gitRef: ["type": "string", "description": .string(requirement)]
        }
    }

    private func templatable(_ schema: JSONValue) -> JSONValue {
        ["anyOf": [schema, ["type": "string", "pattern": "\\{\\{[^}]+\\}\\}"]]]
    }
}
