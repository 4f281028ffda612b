import Domain

extension ACMEFailures: ControlledFailures {
    /// As the control route shows it: `{"rateLimited": 3, "unproven": ["api.example.com"]}`.
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "refusedNonces": .int(Int64(refusedNonces)), "retryAfter": .int(Int64(retryAfter)),
            "processing": .int(Int64(processing)), "unproven": .array(unproven.sorted().map { .string($0) }),
        ]
        for kind in Kind.allCases { members[kind.rawValue] = counts[kind]?.json ?? 0 }
        return .object(members)
    }

    /// Takes the members that are there. Throws `FailureReadingError` for what is not understood.
    mutating func read(_ json: JSONValue) throws {
        for (name, value) in json.objectValue ?? [:] {
            switch name {
            case "refusedNonces": refusedNonces = try ACMEFailures.number(name, value, most: 100)
            case "retryAfter": retryAfter = try ACMEFailures.number(name, value, most: 31_536_000)
            case "processing": processing = try ACMEFailures.number(name, value, most: 86_400)
            case "unproven":
                let names = value.arrayValue?.compactMap(\.stringValue)
                guard let names, names.count == value.arrayValue?.count else {
                    throw FailureReadingError(name, "a list of names", value)
                }
                unproven = Set(names)
            default:
                guard let kind = Kind(rawValue: name) else {
                    throw FailureReadingError(noFailure: name, of: ACMEFailures())
                }
                counts[kind] = try FailureCount.read(name, value)
            }
        }
    }

    private static func number(_ name: String, _ value: JSONValue, most: Int) throws -> Int {
        guard let number = value.intValue, (0...most).contains(number) else {
            throw FailureReadingError(name, "a whole number from 0 to \(most)", value)
        }
        return number
    }
}
