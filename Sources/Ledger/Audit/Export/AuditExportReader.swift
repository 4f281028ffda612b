import Domain
import Foundation

/// Reads what `AuditExportWriter` wrote, in either format.
struct AuditExportReader {
    enum Item {
        case head(first: Int64, last: Int64)
        case record(sequence: Int64, record: [UInt8], detail: [UInt8]?, previous: [UInt8], hash: [UInt8])
        case rotation(AuditKeyRotation)
        case checkpoint(SignedCheckpoint)
        /// Something else, in this line or row.
        case damaged(Int)
    }

    private enum Source {
        case lines([UInt8], position: Int)
        case rows(CSVText.Reader)
    }

    private var source: Source
    private var number = 0

    init(_ bytes: [UInt8]) {
        if bytes.first == UInt8(ascii: "{") {
            source = .lines(bytes, position: 0)
        } else {
            var reader = CSVText.Reader(bytes)
            // The header; a file without one has a damaged row at its beginning.
            let header = (try? reader.next()) ?? nil
            if header != AuditExportWriter.columns { reader = CSVText.Reader(bytes) }
            source = .rows(reader)
        }
    }

    /// The next item; nil at the end.
    mutating func next() -> Item? {
        number += 1
        switch source {
        case .lines(let bytes, let position):
            guard position < bytes.count else { return nil }
            let end = bytes[position...].firstIndex(of: 0x0a) ?? bytes.count
            source = .lines(bytes, position: end + 1)
            return item(line: String(decoding: bytes[position..<end], as: UTF8.self)) ?? .damaged(number)
        case .rows(var reader):
            let row: [String]?
            do throws(CSVText.Reader.Damaged) { row = try reader.next() } catch {
                row = []
                reader = CSVText.Reader([])
            }
            source = .rows(reader)
            return row.map { item(row: $0) ?? .damaged(number) }
        }
    }

    private func item(line: String) -> Item? {
        // What is no JSON is no item.
        guard let json = try? JSONValue(parsing: line) else { return nil }
        if json["seq"] == nil { return item(statement: line) }
        guard let sequence = json["seq"]?.intValue, let record = json["record"]?.stringValue,
            let previous = json["previous"]?.stringValue, let hash = json["hash"]?.stringValue
        else { return nil }
        return item(Int64(sequence), record, json["detail"]?.stringValue, previous, hash)
    }

    private func item(row: [String]) -> Item? {
        guard row.count == AuditExportWriter.columns.count else { return nil }
        guard let sequence = Int64(row[0]) else { return item(statement: row[1]) }
        return item(sequence, row[1], row[2].isEmpty ? nil : row[2], row[3], row[4])
    }

    private func item(
        _ sequence: Int64, _ record: String, _ detail: String?, _ previous: String, _ hash: String
    ) -> Item? {
        guard let previous = Hex.decode(previous), let hash = Hex.decode(hash) else { return nil }
        return .record(
            sequence: sequence, record: Array(record.utf8), detail: detail.map { Array($0.utf8) }, previous: previous,
            hash: hash)
    }

    private func item(statement text: String) -> Item? {
        if let checkpoint = SignedCheckpoint(text) { return .checkpoint(checkpoint) }
        if let rotation = AuditKeyRotation(text) { return .rotation(rotation) }
        // What is no JSON is no head.
        guard let json = try? JSONValue(parsing: text), json["defimon_audit"] == 1, let first = json["first"]?.intValue,
            let last = json["last"]?.intValue
        else { return nil }
        return .head(first: Int64(first), last: Int64(last))
    }
}
