package import Domain

/// Why there is no source tree.
package struct TreeError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// Past a bound, or made to do harm: the same archive is refused again.
        case refused
        /// Cut off or damaged: another download may be whole.
        case broken
        /// This machine's disk.
        case storage
        /// It was never fetched, or it was removed since.
        case missing
    }

    package var kind: Kind
    /// In words; names out of the archive are cut and hold no control characters.
    package var message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var description: String { message }

    /// As an action reports it. Nothing outside has changed.
    package var actionError: ActionError {
        switch kind {
        case .refused: ActionError(message)
        case .broken: ActionError(message, retry: .later(afterMilliseconds: nil))
        case .storage:
            ActionError(
                message, retry: .later(afterMilliseconds: nil), hint: "look at the disk of the folder of the ledger")
        case .missing: ActionError(message, hint: "run the whole job again; it fetches the tree anew")
        }
    }
}
