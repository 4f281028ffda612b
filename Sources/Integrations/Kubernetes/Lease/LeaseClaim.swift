import Domain
import Foundation

/// What one process knows of the Lease, and what it does about what it sees. Pure: times are those of its own monotonic
/// clock, never those that stand in the Lease, which another machine's clock has written.
struct LeaseClaim: Sendable {
    enum Next: Sendable, Hashable {
        /// It may be had, or is ours: write it over what was found, nil: make it.
        case write(over: LeaseRecord?)
        /// Somebody holds it, for that long at most unless he renews it.
        case wait(holder: String, Duration)
        /// It was ours and is somebody else's.
        case lost(to: String)
    }

    let identity: String
    let settings: LeaseSettings
    /// When the last renewal that succeeded began; nil: it is not ours.
    private(set) var since: Duration?
    /// As it was when it was ours last.
    private(set) var held: LeaseRecord?
    /// What another one holds, and when this version of it, or that it is missing, was seen first.
    private var seen: (record: LeaseRecord, at: Duration, isMissing: Bool)?

    init(identity: String, settings: LeaseSettings) {
        self.identity = identity
        self.settings = settings
    }

    /// `found` came in answer to a question; `now` is after it came.
    mutating func next(_ found: LeaseRecord?, now: Duration) -> Next {
        guard let found, let holder = found.holder else { return free(found, now) }
        // A write of ours whose answer did not come.
        if holder == identity { return .write(over: found) }
        if since != nil {
            since = nil
            return .lost(to: holder)
        }
        if seen?.record.version != found.version || seen?.isMissing == true {
            seen = (found, now, false)
        }
        let left = (seen?.at ?? now) + duration(of: found) - now
        return left > .zero ? .wait(holder: holder, left) : .write(over: found)
    }

    private mutating func free(_ found: LeaseRecord?, _ now: Duration) -> Next {
        // Released by its holder, or never held; what is ours is put back.
        guard found == nil, since == nil, let other = seen else { return .write(over: found) }
        // Somebody deleted it under its holder, who does not know yet.
        if !other.isMissing { seen = (other.record, now, true) }
        let left = (seen?.at ?? now) + duration(of: other.record) - now
        return left > .zero ? .wait(holder: other.record.holder ?? "", left) : .write(over: nil)
    }

    /// What to write over `old` to have it, or to keep it. `wall` is for people to read.
    func record(over old: LeaseRecord?, wall: Date) -> LeaseRecord {
        let isOurs = old?.holder == identity
        return LeaseRecord(
            holder: identity, seconds: settings.seconds, acquired: isOurs ? old?.acquired ?? wall : wall, renewed: wall,
            transitions: (old?.transitions ?? 0) + (old == nil || isOurs ? 0 : 1))
    }

    /// A write that began at `began` has succeeded.
    mutating func wrote(_ record: LeaseRecord, began: Duration) {
        since = began
        held = record
        seen = nil
    }

    /// Says that it is somebody else's, or is given back.
    mutating func end() { since = nil }

    /// How long a holder may go without a renewal: as he says, as we would where he does not.
    private func duration(of record: LeaseRecord) -> Duration {
        guard let seconds = record.seconds, seconds > 0 else { return settings.duration }
        return .seconds(seconds)
    }
}
