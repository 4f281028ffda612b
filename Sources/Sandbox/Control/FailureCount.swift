import Domain

/// How many requests fail in a way, and whose: a method's name or its beginning (`compute.disks.`); empty: all.
package struct FailureCount: Sendable, Hashable {
    /// Nil: until switched off.
    package var left: Int?
    package var methods = ""

    package init(_ left: Int? = nil, methods: String = "") {
        self.left = left
        self.methods = methods
    }

    /// A number, true, or `{"count": 3, "methods": "compute.disks."}`.
    var json: JSONValue {
        let count: JSONValue = left.map { .int(Int64($0)) } ?? true
        return methods.isEmpty ? count : ["count": count, "methods": .string(methods)]
    }

    /// The same, or false and 0 for none. Throws `FailureReadingError` for what is neither.
    static func read(_ name: String, _ value: JSONValue) throws -> FailureCount? {
        switch value {
        case .bool(let isOn): return isOn ? FailureCount() : nil
        case .int(let number) where number >= 0: return number == 0 ? nil : FailureCount(Int(number))
        case .object(let members):
            guard var count = try members["count"].map({ try read(name, $0) }) ?? FailureCount() else { return nil }
            count.methods = members["methods"]?.stringValue ?? ""
            return count
        default: throw FailureReadingError(name, "a whole number, true, false, or {count, methods}", value)
        }
    }
}

extension Dictionary where Key: CaseIterable & Hashable, Value == FailureCount {
    /// Takes one request's failure, of the kinds that it may meet, in the order of their cases.
    mutating func take(_ method: String, _ isMet: (Key) -> Bool = { _ in true }) -> Key? {
        for kind in Key.allCases where isMet(kind) {
            guard let count = self[kind], method.hasPrefix(count.methods) else { continue }
            if let left = count.left { self[kind] = left > 1 ? FailureCount(left - 1, methods: count.methods) : nil }
            return kind
        }
        return nil
    }
}
