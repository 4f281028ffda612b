/// Why one half of a node gave no answer.
struct NodeFailure: Error, Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// It is down, starts, or answers rubbish: it may pass.
        case passing
        /// It refuses us: waiting does not help.
        case refused(hint: String)
    }

    /// How far a request came.
    enum Reach: Sendable, Hashable {
        /// Something answered, though not what was asked for.
        case answered
        /// The machine answers and nobody listens, or the connection is cut: the process is not there.
        case closed
        /// Nothing at all came back in time: it hangs, or the way to it does.
        case silent
        /// The name is not known, TLS failed, or the like.
        case elsewhere
    }

    var kind: Kind
    var message: String
    var reach: Reach

    init(_ kind: Kind, _ message: String, reach: Reach = .answered) {
        self.kind = kind
        self.message = message
        self.reach = reach
    }
}
