import Domain
import Logging

/// Hands changes to the ledger, without any secret in what people will read, and tries again while it cannot be
/// written: what has happened must be recorded.
struct PatientWriter: Sendable {
    var writer: any LedgerWriter
    var redactor: Redactor
    var time: any TimeSource
    var logger: Logger

    /// Throws `LedgerError.conflict`, or `closed` when the bot stops.
    func commit(_ change: LedgerChange) async throws(LedgerError) {
        guard !change.isEmpty else { return }
        let clean = LedgerChange(change.writes.map(redacted), audit: change.audit)
        var isTold = false
        while true {
            do {
                return try await writer.commit(clean)
            } catch {
                switch error {
                case .conflict, .closed: throw error
                case .unavailable, .overloaded:
                    if !isTold {
                        logger.warning("the ledger cannot be written, trying again", metadata: ["error": "\(error)"])
                    }
                    isTold = true
                    do { try await time.sleep(for: .seconds(1)) } catch { throw .closed }
                }
            }
        }
    }

    private func redacted(_ write: LedgerWrite) -> LedgerWrite {
        switch write {
        case .saveStep(var step):
            step.error = step.error.map { redactor.redact($0) }
            step.hint = step.hint.map { redactor.redact($0) }
            step.progress = step.progress.map { redactor.redact($0) }
            step.output = step.output.map { redactor.redact($0) }
            return .saveStep(step)
        case .saveJob(var job):
            job.reason = job.reason.map { redactor.redact($0) }
            job.asks = job.asks?.map { redactor.redact($0) }
            return .saveJob(job)
        case .saveOutbox(var message, let reference):
            message.lastError = message.lastError.map { redactor.redact($0) }
            return .saveOutbox(message, reference: reference)
        case .finishDelivery(let rowID, let state, let note):
            return .finishDelivery(rowID: rowID, state: state, note: note.map { redactor.redact($0) })
        case .enqueue(var message):
            message.report = message.report.redacted(by: redactor)
            message.subject = redactor.redact(message.subject)
            return .enqueue(message)
        case .saveNote(let name, let note): return .saveNote(name, redactor.redact(note))
        default: return write
        }
    }
}

extension Report {
    func redacted(by redactor: Redactor) -> Report {
        func clean(_ text: String) -> String { redactor.redact(text) }
        var report = Report(
            mood: mood, title: clean(title),
            blocks: blocks.map { block in
                switch block {
                case .text(let text): .text(clean(text))
                case .code(let text): .code(clean(text))
                case .fields(let fields): .fields(fields.map { .init(clean($0.name), clean($0.value)) })
                case .steps(let steps):
                    .steps(steps.map { .init(state: $0.state, name: clean($0.name), note: clean($0.note)) })
                case .offers(let offers):
                    .offers(
                        offers.map {
                            .init(label: clean($0.label), commandLine: clean($0.commandLine), style: $0.style)
                        })
                }
            })
        // What it says comes from definitions, whose secrets are references.
        report.form = form
        return report
    }
}
