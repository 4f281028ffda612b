/// Redacts what comes in pieces: output that is followed, a body in parts. A secret that is split over pieces is found
/// too: what could be the beginning of one is held back until the next piece or the end tells, which is less than the
/// longest form of a secret.
package struct RedactingStream: Sendable {
    private let redactor: Redactor
    private var held: [UInt8] = []

    package init(_ redactor: Redactor) { self.redactor = redactor }

    /// How many bytes wait for what comes next.
    package var heldCount: Int { held.count }

    /// Takes a piece, and returns what may leave now.
    package mutating func append(_ piece: some Sequence<UInt8>) -> [UInt8] {
        held += piece
        let (clean, covered) = redactor.redact(held, isEnd: false)
        held.removeFirst(covered)
        return clean
    }

    /// Returns the rest, when no further piece comes.
    package mutating func finish() -> [UInt8] {
        defer { held = [] }
        return redactor.redact(held, isEnd: true).clean
    }
}
