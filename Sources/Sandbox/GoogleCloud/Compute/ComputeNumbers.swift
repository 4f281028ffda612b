import Domain

/// Whole numbers of 64 bits, which Google takes as numbers or texts and always writes as texts.
enum ComputeNumbers {
    private static let members: Set<String> = [
        "sizeGb", "diskSizeGb", "provisionedIops", "provisionedThroughput",
    ]

    static func normalized(_ body: [String: JSONValue]) -> [String: JSONValue] {
        var result: [String: JSONValue] = [:]
        for (name, value) in body where value != .null {
            result[name] = members.contains(name) ? text(value) : normalized(value)
        }
        return result
    }

    private static func normalized(_ value: JSONValue) -> JSONValue {
        switch value {
        case .object(let members): .object(normalized(members))
        case .array(let items): .array(items.map(normalized))
        default: value
        }
    }

    private static func text(_ value: JSONValue) -> JSONValue {
        value.intValue.map { .string(String($0)) } ?? value
    }
}
