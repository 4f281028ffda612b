import Domain
import Foundation

/// An answer that a person was not given yet. It stands in the ledger from the moment the request is looked at until the
/// answer does, so that one which a crash takes away is not missing without a word.
struct PromisedAnswer: Codable {
    /// Answers that may wait at a time.
    static let most = 1000
    /// How the names of the notes begin.
    private static let beginning = "answer/"

    private var text: String
    private var answerTo: Place?
    private var reportTo: Place?

    init(_ request: CommandRequest) {
        text = request.shownText
        answerTo = request.answerTo
        reportTo = request.reportTo
    }

    /// Writes that the answer is to come.
    func made(_ key: String) -> LedgerWrite {
        // It is Codable throughout, so it can be encoded.
        .saveNote(PromisedAnswer.beginning + key, (try? JSONValue(encoding: self)) ?? .null)
    }

    /// Writes that it was given.
    static func kept(_ key: String) -> LedgerWrite { .saveNote(beginning + key, .null) }

    /// Tells those whose answer is missing to type again. Called before anything is answered.
    static func tellBroken(_ reader: any LedgerReader, _ requests: RequestDesk, _ now: Date) async throws(LedgerError)
        -> LedgerChange
    {
        var change = LedgerChange()
        for (name, note) in try await reader.notes(under: beginning) {
            change.writes.append(.saveNote(name, .null))
            // A note of another version says nothing that could be told.
            guard let promise = try? note.decode(PromisedAnswer.self) else { continue }
            let request = CommandRequest(
                text: promise.text, identity: Identity(channel: "", userID: ""), answerTo: promise.answerTo,
                reportTo: promise.reportTo)
            let report = Report(
                mood: .warning, title: "The bot restarted before it answered `\(promise.text)`; type it again.")
            change.merge(requests.saying(report, to: request, subject: name, now))
        }
        return change
    }
}

extension CommandRequest {
    /// Its words, short enough for a line.
    var shownText: String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return "/defimon " + (line.count > 100 ? line.prefix(100) + "…" : line[...])
    }
}
