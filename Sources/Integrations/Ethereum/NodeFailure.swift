/// Why one half of a node gave no answer.
struct NodeFailure: Error, Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// It is down, starts, or answers rubbish: it may pass.
        case passing
        /// It refuses us: waiting does not help.
        case refused(hint: String)
    }

    var kind: Kind
    var message: String

    init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
