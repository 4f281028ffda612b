import Domain
import Foundation

/// What all guards of a job say together, at the door and again when it is to leave the queue. They are asked in the
/// order of `Name`, and the first that does not let it pass decides.
struct GuardCheck {
    /// The guards, in the order in which they are asked.
    enum Name: String, CaseIterable {
        case firingFor = "firing_for"
        case alert
        case underWay = "under_way"
        case cooldown
        case limit
        case maintenance
        case windows
        case holdWhile = "hold_while"
        case atMost = "at_most"
    }

    /// When it is asked.
    enum Moment {
        /// The event has come, and there is no job yet.
        case door
        /// It is to leave the queue.
        case start
    }

    enum Decision {
        case passes
        /// It is held until then.
        case holds(until: Date, reason: String, by: Name)
        /// There is no job, or it ends.
        case refuses(reason: String)
        /// A person decides.
        case asks(reason: String)
    }

    private(set) var verdicts: [GuardVerdict] = []
    private(set) var decision = Decision.passes
    /// What is written with the decision: breakers that open, and what people are told of them.
    var change = LedgerChange()
    /// What is written only if it starts.
    var atStart = LedgerChange()
    /// Nothing is written: breakers stay as they are.
    var onlyLooks = false
    /// The open breaker as whose trial it starts.
    var trialOf: Breaker?

    /// Whether all that were asked so far let it pass.
    var passes: Bool { if case .passes = decision { true } else { false } }

    mutating func pass(_ name: Name, _ says: String) { verdicts.append(GuardVerdict(name.rawValue, .passes, says)) }

    mutating func refuse(_ name: Name, _ reason: String) {
        verdicts.append(GuardVerdict(name.rawValue, .refuses, reason))
        decision = .refuses(reason: reason)
    }

    mutating func hold(_ name: Name, until: Date, _ reason: String) {
        verdicts.append(GuardVerdict(name.rawValue, .holds, reason))
        if case .holds(let later, _, _) = decision, later >= until { return }
        decision = .holds(until: until, reason: reason, by: name)
    }

    mutating func ask(_ name: Name, _ reason: String) {
        verdicts.append(GuardVerdict(name.rawValue, .asks, reason))
        // What is held is asked about when its time comes.
        switch decision {
        case .holds: break
        // Whoever allows it allows all of it.
        case .asks(let earlier): decision = .asks(reason: "\(earlier); \(reason)")
        case .passes, .refuses: decision = .asks(reason: reason)
        }
    }

    /// As the ledger keeps them.
    var json: JSONValue { .array(verdicts.map(\.json)) }
}

extension Job {
    /// What guards at the door said is kept with the job; one that holds it does so from the beginning.
    mutating func obey(_ check: GuardCheck) {
        verdicts = check.verdicts.isEmpty ? nil : check.verdicts
        switch check.decision {
        case .passes, .refuses: break
        case .asks(let reason): asks = (asks ?? []) + [reason]
        case .holds(let until, let reason, let name):
            state = .held
            heldUntil = until
            heldBy = name.rawValue
            self.reason = reason
            startBefore = max(startBefore, until.advanced(by: .milliseconds(startWithinMilliseconds ?? 0)))
        }
    }
}
