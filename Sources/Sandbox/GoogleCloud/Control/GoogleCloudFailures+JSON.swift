import Domain

extension GoogleCloudFailures {
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
            guard let count = counts[kind] else {
                members[kind.rawValue] = 0
                continue
            }
            let left: JSONValue = count.left.map { .int(Int64($0)) } ?? true
            members[kind.rawValue] =
                count.methods.isEmpty ? left : ["count": left, "methods": .string(count.methods)]
        }
        return .object(members)
    }

    /// Takes the members that are there. Throws Google's error for what is not understood.
    mutating func read(_ json: JSONValue) throws {
        for (name, value) in json.objectValue ?? [:] {
            func refuse(_ wanted: String) -> GoogleError {
                GoogleError(400, "invalid", "\(name): \(wanted) is wanted, not \(value.canonicalText)")
            }
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
                    throw GoogleError(400, "invalid", "\(name) is no failure; there are \(GoogleCloudFailures.names)")
                }
                counts[kind] = try GoogleCloudFailures.count(value, refuse)
            }
        }
    }

    /// A number, true, false, or `{"count": 3, "methods": "compute.disks."}`.
    private static func count(_ value: JSONValue, _ refuse: (String) -> GoogleError) throws -> Count? {
        switch value {
        case .bool(let isOn): return isOn ? Count() : nil
        case .int(let number) where number >= 0: return number == 0 ? nil : Count(Int(number))
        case .object(let members):
            guard var count = try members["count"].map({ try GoogleCloudFailures.count($0, refuse) }) ?? Count() else {
                return nil
            }
            count.methods = members["methods"]?.stringValue ?? ""
            return count
        default: throw refuse("a whole number, true, false, or {count, methods}")
        }
    }

    private static var names: String {
        GoogleCloudFailures().json.objectValue?.keys.sorted().joined(separator: ", ") ?? ""
    }
}
