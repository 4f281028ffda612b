import Synchronization

/// What a program has written to one of its streams so far: all of it up to a bound, then its beginning and its end.
package final class ProgramOutput: Sendable {
    private struct State {
        var beginning: [UInt8] = []
        var end: [UInt8] = []
        var leftOut = 0
    }

    private let state = Mutex(State())
    /// Bytes of the beginning, and of the end, at most.
    private let bounds: (beginning: Int, end: Int)

    /// `bound`: bytes that are kept.
    package init(bound: Int) { bounds = (bound / 4, bound - bound / 4) }

    package func append(_ bytes: some Collection<UInt8>) {
        state.withLock { state in
            let room = bounds.beginning - state.beginning.count
            state.beginning += bytes.prefix(max(0, room))
            state.end += bytes.dropFirst(max(0, room))
            // Not at every call: removing moves all that is kept.
            if state.end.count > 2 * bounds.end { cut(&state) }
        }
    }

    private func cut(_ state: inout State) {
        let tooMany = state.end.count - bounds.end
        guard tooMany > 0 else { return }
        state.end.removeFirst(tooMany)
        state.leftOut += tooMany
    }

    /// Bytes that were left out between the beginning and the end.
    package var leftOut: Int {
        state.withLock { state in
            cut(&state)
            return state.leftOut
        }
    }

    /// The first bytes, and the last ones when some were left out between them.
    package var parts: (beginning: [UInt8], end: [UInt8]) {
        state.withLock { state in
            cut(&state)
            return state.leftOut == 0 ? (state.beginning + state.end, []) : (state.beginning, state.end)
        }
    }
}
