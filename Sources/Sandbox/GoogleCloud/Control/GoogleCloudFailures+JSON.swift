import Domain

extension GoogleCloudFailures: ControlledFailures {
    /// As the control route shows it: `{"unavailable": 3, "stockout": ["europe-west3-a"]}`.
    var json: JSONValue {
        var members: [String: JSONValue] = [
            "delay": .int(Int64(delay)), "hiddenFor": .int(Int64(hiddenFor)),
            "stockout": .array(stockout.sorted().map { .string($0) }),
            "quotas": .object(quotas.mapValues { .int(Int64($0)) }),
            "denied": .array(denied.sorted().map { .string($0) }), "stuckOperations": .bool(stuckOperations),
            "failingOperations": .object(failingOperations.mapValues { .int(Int64($0)) }),
        ]
        for kind in Kind.allCases {
            members[kind.rawValue] = counts[kind]?.json ?? 0
        }
        return .object(members)
    }

    /// Takes the members that are there. Throws `FailureReadingError` for what is not understood.
    mutating func read(_ json: JSONValue) throws {
        for (name, value) in json.objectValue ?? [:] {
            func refuse(_ wanted: String) -> FailureReadingError { FailureReadingError(name, wanted, value) }
            func number() throws -> Int {
                guard let number = value.intValue, number >= 0 else { throw refuse("a whole number") }
                return number
            }
            func names() throws -> Set<String> {
                guard let items = value.arrayValue else { throw refuse("a list of names") }
                let names = items.compactMap(\.stringValue)
                guard names.count == items.count else { throw refuse("a list of names") }
                return Set(names)
            }
            func numbers() throws -> [String: Int] {
                guard let members = value.objectValue else { throw refuse("a map to whole numbers") }
                return try members.mapValues { member in
                    guard let number = member.intValue else { throw refuse("a map to whole numbers") }
                    return number
                }
            }
            switch name {
            case "delay": delay = try number()
            case "hiddenFor": hiddenFor = try number()
            case "stockout": stockout = try names()
            case "quotas": quotas = try numbers()
            case "denied": denied = try names()
            case "failingOperations": failingOperations = try numbers()
            case "stuckOperations":
                guard let flag = value.boolValue else { throw refuse("true or false") }
                stuckOperations = flag
            default:
                guard let kind = Kind(rawValue: name) else {
                    throw FailureReadingError(noFailure: name, of: GoogleCloudFailures())
                }
                counts[kind] = try FailureCount.read(name, value)
            }
        }
    }
}
