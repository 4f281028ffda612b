import Domain

/// Why Slack did not take a message.
struct SlackFailure: Error, Sendable {
    var kind: OutletError.Kind
    var message: String
    /// What Slack's own limit says: nothing of this kind before that.
    var wait: Duration?

    init(_ kind: OutletError.Kind, _ message: String, wait: Duration? = nil) {
        self.kind = kind
        self.message = message
        self.wait = wait
    }

    var outletError: OutletError { OutletError(kind, message) }
}
