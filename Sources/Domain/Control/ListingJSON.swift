import Foundation

/// The JSON of listings, the same from the API of a running bot and from the ledger's file: names in snake_case, times
/// as RFC 3339 in UTC with microseconds, members sorted.
package enum ListingJSON {
    /// One line of JSON.
    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.rfc3339)
        }
        return Array(try encoder.encode(value))
    }

    /// Reads what `encode` wrote.
    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            guard let date = Date(rfc3339: try container.decode(String.self)) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a time of RFC 3339")
            }
            return date
        }
        return try decoder.decode(type, from: Data(bytes))
    }
}
