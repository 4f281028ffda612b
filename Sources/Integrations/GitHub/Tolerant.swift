/// A member of a JSON object that may be missing, null, or of another kind than we know: all of these are nil.
@propertyWrapper
struct Tolerant<Value: Decodable & Sendable>: Decodable, Sendable {
    var wrappedValue: Value?

    init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    init(from decoder: any Decoder) throws {
        wrappedValue = try? decoder.singleValueContainer().decode(Value.self)  // another kind counts as missing
    }
}

extension KeyedDecodingContainer {
    /// What the compiler's own decoding of a `Tolerant` member calls.
    func decode<Value>(_ type: Tolerant<Value>.Type, forKey key: Key) throws -> Tolerant<Value> {
        // Null is looked for first: failing is expensive, and common.
        guard contains(key) else { return Tolerant(wrappedValue: nil) }
        let isNull = try decodeNil(forKey: key)
        guard !isNull else { return Tolerant(wrappedValue: nil) }
        return try decode(TolerantBox<Value>.self, forKey: key).value
    }
}

/// Keeps the overload above from calling itself.
private struct TolerantBox<Value: Decodable & Sendable>: Decodable {
    let value: Tolerant<Value>
    init(from decoder: any Decoder) throws { value = try Tolerant(from: decoder) }
}
