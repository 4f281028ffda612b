import Domain
import Foundation
import GRDB

/// Writes the lines of an export.
///
/// JSON Lines: first `{"defimon_audit":1,"first":…,"last":…}`, then records as `{"seq","record","detail","previous",
/// "hash"}` (the texts as they were hashed), then statements as they were signed. CSV (RFC 4180): a header, then the same
/// with `export`, `rotation` or `checkpoint` for a number and the text as the record.
struct AuditExportWriter {
    /// The columns of CSV; what is behind the hash is for people, and proven by the record.
    static let columns = ["seq", "record", "detail", "previous", "hash", "time", "actor", "kind", "subject"]

    let format: AuditExport.Format
    let write: ([UInt8]) throws -> Void

    func begin(first: Int64, last: Int64) throws {
        let head: JSONValue = ["defimon_audit": 1, "first": .int(first), "last": .int(last)]
        if format == .csv { try csv(AuditExportWriter.columns) }
        try add(statement: head.canonicalText, "export")
    }

    /// A link, which nobody asked for, keeps its detail to itself unless the proof needs it.
    func add(_ row: Row, isAskedFor: Bool) throws {
        let sequence: Int64 = row["seq"]
        let record: String = row["record"]
        let kind: String = row["kind"] ?? ""
        let detail: String? = isAskedFor || kind.hasPrefix("audit.") ? row["detail"] : nil
        let previous = Hex.encode(row["previous"] as Data)
        let hash = Hex.encode(row["hash"] as Data)
        switch format {
        case .jsonl:
            try line(
                ([
                    "seq": .int(sequence), "record": .string(record), "detail": detail.map { .string($0) } ?? .null,
                    "previous": .string(previous), "hash": .string(hash),
                ] as JSONValue).canonicalText)
        case .csv:
            try csv([
                String(sequence), record, detail ?? "", previous, hash, Date(microseconds: row["time_us"] ?? 0).rfc3339,
                row["actor"] ?? "", kind, row["subject"] ?? "",
            ])
        }
    }

    func add(statement: String, _ what: String) throws {
        switch format {
        case .jsonl: try line(statement)
        case .csv: try csv([what, statement] + AuditExportWriter.columns.dropFirst(2).map { _ in "" })
        }
    }

    private func line(_ text: String) throws { try write(Array((text + "\n").utf8)) }

    private func csv(_ cells: [String]) throws {
        try write(Array((cells.map(CSVText.cell).joined(separator: ",") + "\r\n").utf8))
    }
}
