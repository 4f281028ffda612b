import Domain
import Foundation
import Synchronization

/// Counts what each person asks for, so that nobody's runaway script or stuck button takes the bot from the others. What
/// is refused does not count. Forgotten at a restart.
final class RequestMeter: Sendable {
    enum Verdict: Equatable {
        case taken
        /// `isFirst`: nothing was refused with the same end before.
        case refused(until: Date, isFirst: Bool)
    }

    /// People whose requests are remembered before those of whom nothing counts any more are forgotten.
    static let remembered = 1000

    private struct Past {
        /// When the requests came that were taken, at most as many as the rate's count.
        var taken: [Date] = []
        var refusedUntil: Date?
    }

    private let rate: RequestRate
    private let past = Mutex<[String: Past]>([:])

    init(rate: RequestRate) { self.rate = rate }

    var rememberedCount: Int { past.withLock(\.count) }

    /// Looks whether a request that a person made at `asked` is taken, and counts it if so.
    func take(person id: String, at asked: Date) -> Verdict {
        past.withLock { past in
            if past.count >= RequestMeter.remembered {
                past = past.filter { $0.value.taken.contains { counts($0, at: asked) } }
            }
            var own = past[id] ?? Past()
            own.taken.removeAll { !counts($0, at: asked) }
            defer { past[id] = own }
            guard own.taken.count >= rate.count, let oldest = own.taken.min() else {
                own.taken.append(asked)
                own.refusedUntil = nil
                return .taken
            }
            let until = oldest.advanced(by: rate.per)
            defer { own.refusedUntil = until }
            return .refused(until: until, isFirst: own.refusedUntil != until)
        }
    }

    /// On both sides: a clock that was set right again must not lock people out.
    private func counts(_ earlier: Date, at asked: Date) -> Bool {
        let distance = asked.since(earlier)
        return distance < rate.per && distance > .zero - rate.per
    }
}
