import Domain
import Logging

/// Passes every log line through the redactor before another handler writes it.
struct RedactingLogHandler: LogHandler {
    private var inner: any LogHandler
    private let redactor: Redactor

    init(_ inner: any LogHandler, redactor: Redactor) {
        self.inner = inner
        self.redactor = redactor
    }

    var logLevel: Logger.Level {
        get { inner.logLevel }
        set { inner.logLevel = newValue }
    }

    var metadata: Logger.Metadata {
        get { inner.metadata }
        set { inner.metadata = newValue.mapValues(redacted) }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { inner[metadataKey: key] }
        set { inner[metadataKey: key] = newValue.map(redacted) }
    }

    func log(event: LogEvent) {
        var clean = event
        clean.message = "\(redactor.redact(event.message.description))"
        clean.metadata = event.metadata.map { $0.mapValues(redacted) }
        clean.error = event.error.map { RedactedError(description: redactor.redact("\($0)")) }
        inner.log(event: clean)
    }

    private func redacted(_ value: Logger.Metadata.Value) -> Logger.Metadata.Value {
        switch value {
        case .string(let text): .string(redactor.redact(text))
        case .stringConvertible(let value): .string(redactor.redact(value.description))
        case .array(let items): .array(items.map(redacted))
        case .dictionary(let members): .dictionary(members.mapValues(redacted))
        }
    }
}

/// An error of which only its words are left, without any secret.
private struct RedactedError: Error, CustomStringConvertible {
    var description: String
}
