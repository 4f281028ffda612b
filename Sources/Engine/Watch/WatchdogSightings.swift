import Domain
package import Foundation
import Synchronization

/// When the alert that must keep coming came last. The intake writes it with the delivery that brought it, so that a
/// restart knows it too.
package final class WatchdogSightings: Sendable {
    static let note = "watch/watchdog/seen"

    /// The alert's `alertname`.
    package let alert: String
    private let last = Mutex<Date?>(nil)

    package init(alert: String) { self.alert = alert }

    /// Nil when it never came, as far as is known.
    package var lastSeen: Date? { last.withLock { $0 } }

    /// Whether an event brings it, firing.
    func isSeen(in event: Event) -> Bool {
        guard case .alert(let state) = event.origin, state.isFiring else { return false }
        return event.attributes["labels"]?["alertname"]?.stringValue == alert
    }

    /// What is to be written with the delivery that brought it.
    func write(_ at: Date) -> LedgerWrite { .saveNote(WatchdogSightings.note, .int(at.microseconds)) }

    /// It came; an older arrival than the last changes nothing.
    func saw(_ at: Date) { last.withLock { $0 = max($0 ?? at, at) } }

    /// Takes up what was known before a restart. Throws `LedgerError`.
    func restore(_ reader: any LedgerReader) async throws(LedgerError) {
        if case .int(let at)? = try await reader.note(WatchdogSightings.note) { saw(Date(microseconds: at)) }
    }
}
