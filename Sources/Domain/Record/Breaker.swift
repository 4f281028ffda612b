package import Foundation

/// The circuit breaker of one command and key: when it is open, no more jobs of it start by themselves. A note of the
/// ledger.
package struct Breaker: Sendable, Hashable {
    /// The notes under which the ledger keeps them stand below this name.
    package static let note = "breaker/"
    /// How many the ledger keeps. With more than that open, a further key's starts are refused by their count alone.
    package static let most = 1000

    package enum State: Sendable, Hashable {
        case open(at: Date)
        /// One start is tried: this job.
        case halfOpen(trial: JobID, openedAt: Date)
        /// Starts before that time do not count.
        case closed(at: Date, by: String)
    }

    package var command: String
    package var key: String
    package var state: State
    /// How long after it opened one more start is tried, in milliseconds; nil: a person closes it.
    package var resetAfterMilliseconds: Int64?

    package init(command: String, key: String, state: State, resetAfterMilliseconds: Int64?) {
        self.command = command
        self.key = key
        self.state = state
        self.resetAfterMilliseconds = resetAfterMilliseconds
    }

    /// Reads a note; nil when it says that there is none.
    package init?(_ note: JSONValue?) {
        guard let command = note?["command"]?.stringValue, let key = note?["key"]?.stringValue,
            let at = note?["at"]?.stringValue.flatMap({ Date(rfc3339: $0) })
        else { return nil }
        let state: State
        switch note?["state"]?.stringValue {
        case "open": state = .open(at: at)
        case "half-open":
            guard let trial = note?["trial"]?.intValue else { return nil }
            state = .halfOpen(trial: Int64(trial), openedAt: at)
        case "closed": state = .closed(at: at, by: note?["by"]?.stringValue ?? "")
        default: return nil
        }
        self.init(
            command: command, key: key, state: state,
            resetAfterMilliseconds: note?["reset_after_ms"]?.intValue.map { Int64($0) })
    }

    /// As the ledger keeps it.
    package var json: JSONValue {
        var members: [String: JSONValue] = ["command": .string(command), "key": .string(key)]
        switch state {
        case .open(let at):
            members["state"] = "open"
            members["at"] = .string(at.rfc3339)
        case .halfOpen(let trial, let openedAt):
            members["state"] = "half-open"
            members["at"] = .string(openedAt.rfc3339)
            members["trial"] = .int(trial)
        case .closed(let at, let by):
            members["state"] = "closed"
            members["at"] = .string(at.rfc3339)
            members["by"] = .string(by)
        }
        if let resetAfterMilliseconds { members["reset_after_ms"] = .int(resetAfterMilliseconds) }
        return .object(members)
    }

    /// The note under which the ledger keeps it.
    package var noteName: String { Breaker.noteName(command: command, key: key) }

    package static func noteName(command: String, key: String) -> String { "\(note)\(command)/\(key)" }

    /// Since when it lets nothing through; nil when it is closed.
    package var openedAt: Date? {
        switch state {
        case .open(let at), .halfOpen(_, let at): at
        case .closed: nil
        }
    }

    /// Since when it is closed; nil when it is open.
    package var closedAt: Date? { if case .closed(let at, _) = state { at } else { nil } }

    /// Whether this job is the start by which it finds out whether it may close.
    package func isTrial(_ id: JobID) -> Bool { if case .halfOpen(id, _) = state { true } else { false } }

    /// From when on one more start may be tried; nil: never by itself.
    package var triesFrom: Date? {
        guard case .open(let at) = state else { return nil }
        return resetAfterMilliseconds.map { at.advanced(by: .milliseconds($0)) }
    }

    /// What people type to close it.
    package var closing: String {
        "breaker close " + (key == command || key.hasPrefix(command + " ") ? key : "\(command) \(key)")
    }
}
