import Domain
import Synchronization

/// Bounds the sum of all bodies that are held in memory before their senders are answered. Bytes count as they come,
/// not as they are announced: who announces much and sends nothing takes nothing from others.
final class BodiesInFlight: Sendable {
    private let limit: Int
    private let held = Atomic<Int>(0)

    /// `limit` in bytes.
    init(limit: Int) {
        self.limit = limit
    }

    /// Bytes that are held now.
    var bytes: Int { held.load(ordering: .relaxed) }

    /// One body's share; it is given back when the value goes.
    func share() -> Share { Share(of: self) }

    struct Share: ~Copyable {
        private let bodies: BodiesInFlight
        private var bytes = 0

        fileprivate init(of bodies: BodiesInFlight) {
            self.bodies = bodies
        }

        /// Throws `overloaded` when the bound would be passed.
        mutating func grow(by count: Int) throws(Refusal) {
            let sum = bodies.held.wrappingAdd(count, ordering: .relaxed).newValue
            guard sum <= bodies.limit else {
                bodies.held.wrappingSubtract(count, ordering: .relaxed)
                throw Refusal(
                    .overloaded, "too many bodies are being received, at most \(bodies.limit) bytes; send it again")
            }
            bytes += count
        }

        deinit {
            bodies.held.wrappingSubtract(bytes, ordering: .relaxed)
        }
    }
}
