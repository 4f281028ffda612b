import Foundation
import GRDB

/// A text as a column holds it: short ones as TEXT, long ones as a BLOB of four bytes with the length (big-endian) and
/// the text in zlib's format.
struct PackedText: Sendable {
    private enum Form: Sendable {
        case plain(String)
        case packed(Data)
    }

    private let form: Form

    init(_ text: String) {
        guard let packed = Zlib.compress(Array(text.utf8)) else {
            form = .plain(text)
            return
        }
        var bytes = Data(capacity: packed.count + 4)
        let size = UInt32(text.utf8.count)
        withUnsafeBytes(of: size.bigEndian) { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: packed)
        form = .packed(bytes)
    }

    var databaseValue: DatabaseValue {
        switch form {
        case .plain(let text): text.databaseValue
        case .packed(let bytes): bytes.databaseValue
        }
    }

    /// The text of a column. Throws `DamagedRow` when it is none.
    static func text(_ value: DatabaseValue, in row: @autoclosure () -> String) throws(DamagedRow) -> String {
        switch value.storage {
        case .string(let text): return text
        case .blob(let data):
            let bytes = [UInt8](data)
            guard bytes.count > 4 else { throw DamagedRow(row: row(), what: "a packed text is too short") }
            let size = bytes[..<4].reduce(0) { $0 << 8 | Int($1) }
            guard let text = Zlib.decompress(Array(bytes[4...]), size: size) else {
                throw DamagedRow(row: row(), what: "a packed text cannot be unpacked")
            }
            return String(decoding: text, as: UTF8.self)
        default: throw DamagedRow(row: row(), what: "a text is missing")
        }
    }
}

/// A row that does not hold what the ledger writes there.
struct DamagedRow: Error {
    /// `job 42`.
    var row: String
    var what: String
}
