import Domain
import Foundation

/// How values of the domain are written as JSON: members sorted, times as whole microseconds since 1970.
enum LedgerJSON {
    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.microseconds)
        }
        return encoder
    }()

    private static let decoder: JSONDecoder = {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            Date(microseconds: try decoder.singleValueContainer().decode(Int64.self))
        }
        return decoder
    }()

    /// Throws `LedgerError.conflict`: the change holds something that JSON cannot say, such as an infinite number.
    static func text(_ value: some Encodable, of row: @autoclosure () -> String) throws(LedgerError) -> String {
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw .conflict("\(row()) cannot be written as JSON")
        }
    }

    static func value<Value: Decodable>(
        _ type: Value.Type, from text: String, in row: @autoclosure () -> String
    ) throws(DamagedRow) -> Value {
        do {
            return try decoder.decode(type, from: Data(text.utf8))
        } catch {
            throw DamagedRow(row: row(), what: "its JSON is not that of a \(type)")
        }
    }

    /// A JSON text as a generic value.
    static func json(_ text: String, in row: @autoclosure () -> String) throws(DamagedRow) -> JSONValue {
        do {
            return try JSONValue(parsing: text)
        } catch {
            throw DamagedRow(row: row(), what: "it holds text that is not JSON")
        }
    }
}
