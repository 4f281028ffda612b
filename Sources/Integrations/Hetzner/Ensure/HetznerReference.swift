import Domain

/// Numbers by which things refer to each other, for people.
enum HetznerReference {
    /// The name when it is the one that is wanted, else the number.
    static func shown(_ present: JSONValue?, _ name: String, _ id: Int?) -> JSONValue {
        guard let number = present?.intValue else { return .null }
        return .string(number == id ? name : "number \(number)")
    }
}
