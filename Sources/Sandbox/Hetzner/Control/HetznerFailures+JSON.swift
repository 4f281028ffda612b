import Domain

extension HetznerFailures: ControlledFailures {
    /// As the control route shows it: `{"unavailable": 3, "exhausted": ["fsn1"]}`.
    var json: JSONValue {
        func names(_ all: Set<String>) -> JSONValue { .array(all.sorted().map { .string($0) }) }
        func numbers(_ all: [String: Int]) -> JSONValue { .object(all.mapValues { .int(Int64($0)) }) }
        var members: [String: JSONValue] = [
            "delay": .int(Int64(delay)), "exhausted": names(exhausted), "limits": numbers(limits),
            "lockedThings": names(locked), "stuckActions": .bool(stuckActions),
            "failingActions": numbers(failingActions), "deaf": names(deaf),
        ]
        for kind in Kind.allCases { members[kind.rawValue] = counts[kind]?.json ?? 0 }
        return .object(members)
    }

    /// Takes the members that are there. Throws `FailureReadingError` for what is not understood.
    mutating func read(_ json: JSONValue) throws {
        for (name, value) in json.objectValue ?? [:] {
            func refuse(_ wanted: String) -> FailureReadingError { FailureReadingError(name, wanted, value) }
            func names() throws -> Set<String> {
                let names = value.arrayValue?.compactMap(\.stringValue)
                guard let names, names.count == value.arrayValue?.count else { throw refuse("a list of names") }
                return Set(names)
            }
            func numbers() throws -> [String: Int] {
                let numbers = value.objectValue?.compactMapValues(\.intValue)
                guard let numbers, numbers.count == value.objectValue?.count else {
                    throw refuse("a map to whole numbers")
                }
                return numbers
            }
            switch name {
            case "delay":
                guard let number = value.intValue, number >= 0 else { throw refuse("a whole number") }
                delay = number
            case "exhausted": exhausted = try names()
            case "limits": limits = try numbers()
            case "lockedThings": locked = try names()
            case "deaf": deaf = try names()
            case "failingActions": failingActions = try numbers()
            case "stuckActions":
                guard let flag = value.boolValue else { throw refuse("true or false") }
                stuckActions = flag
            default:
                guard let kind = Kind(rawValue: name) else {
                    throw FailureReadingError(noFailure: name, of: HetznerFailures())
                }
                counts[kind] = try FailureCount.read(name, value)
            }
        }
    }
}
