import Crypto
import Domain
import Foundation

/// An audit record without its place in the chain: everything that needs no lock, made in the caller's task.
struct PreparedAudit: Sendable {
    /// The longest detail that is kept, bytes of its canonical JSON.
    static let longestDetail = 16 * 1024

    private let beforeSequence: String
    private let afterSubject: String
    /// Quoted as JSON.
    private let subject: String
    let detail: String

    /// `time` is in microseconds, `detail` canonical JSON, all redacted already.
    init(time: Int64, actor: String, kind: String, subject: String, detail: String) {
        let hash = Hex.encode(Array(SHA256.hash(data: Array(detail.utf8))))
        beforeSequence =
            #"{"actor":"# + PreparedAudit.quoted(actor) + #","detail_hash":""# + hash + #"","kind":"#
            + PreparedAudit.quoted(kind) + #","seq":"#
        afterSubject = #","time_us":"# + String(time) + "}"
        self.subject = PreparedAudit.quoted(subject)
        self.detail = detail
    }

    init(_ entry: AuditEntry, redactor: Redactor) {
        self.init(
            time: entry.time.microseconds, actor: redactor.redact(entry.actor), kind: redactor.redact(entry.kind),
            subject: redactor.redact(entry.subject),
            detail: PreparedAudit.bounded(redactor.redact(entry.detail).canonicalText))
    }

    /// The record's text: canonical JSON of actor, detail_hash, kind, seq, subject, time_us.
    func record(sequence: Int64, subject: String? = nil) -> String {
        beforeSequence + String(sequence) + #","subject":"# + (subject.map(PreparedAudit.quoted) ?? self.subject)
            + afterSubject
    }

    /// The text itself, or a JSON object that says it was cut and holds its beginning.
    static func bounded(_ detail: String) -> String {
        let size = detail.utf8.count
        guard size > longestDetail else { return detail }
        // Quoting at most doubles a JSON text, whose control characters are escaped already.
        let beginning = String(decoding: detail.utf8.prefix(longestDetail / 2 - 64), as: UTF8.self)
        return JSONValue.object(["cut": true, "size": .int(Int64(size)), "beginning": .string(beginning)]).canonicalText
    }

    private static func quoted(_ text: String) -> String { JSONValue.string(text).canonicalText }
}
