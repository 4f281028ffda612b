import Domain
import Foundation

/// A Lease as it stands in the cluster (coordination.k8s.io/v1).
struct LeaseRecord: Sendable, Hashable {
    /// Nil: it is free.
    var holder: String?
    /// How long it holds after a renewal, in seconds; nil where nobody said so.
    var seconds: Int?
    var acquired: Date?
    var renewed: Date?
    /// How often its holder has changed.
    var transitions = 0
    /// Changes with every write, whoever writes. Empty before the first one.
    var version = ""

    /// The spec that a write sets; what is null is taken out.
    var spec: JSONValue {
        [
            "holderIdentity": holder.map(JSONValue.string) ?? .null,
            "leaseDurationSeconds": seconds.map { .int(Int64($0)) } ?? .null,
            "acquireTime": acquired.map { .string(LeaseRecord.microTime($0)) } ?? .null,
            "renewTime": renewed.map { .string(LeaseRecord.microTime($0)) } ?? .null,
            "leaseTransitions": .int(Int64(transitions)),
        ]
    }

    /// Kubernetes' MicroTime: six digits of a second, always.
    static func microTime(_ date: Date) -> String {
        let (seconds, rest) = date.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        let whole = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601).dropLast()
        let fraction = String(rest)
        return "\(whole).\(String(repeating: "0", count: 6 - fraction.count))\(fraction)Z"
    }
}

extension LeaseRecord {
    init(_ object: ClusterObject) {
        holder = object.text("spec", "holderIdentity").flatMap { $0.isEmpty ? nil : $0 }
        seconds = object.number("spec", "leaseDurationSeconds")
        acquired = ClusterTime.parse(object.text("spec", "acquireTime"))
        renewed = ClusterTime.parse(object.text("spec", "renewTime"))
        transitions = object.number("spec", "leaseTransitions") ?? 0
        version = object.resourceVersion ?? ""
    }
}

/// Why the Lease could not be read or written.
enum LeaseError: Error, Hashable {
    /// Somebody else wrote it in between. Nothing was written.
    case conflict
    /// Anything else; it may have been written.
    case failed(String)
}

/// Where the Lease stands. Throws `LeaseError`, or `CancellationError`.
protocol LeaseBoard: Sendable {
    /// Nil when there is none.
    func read() async throws -> LeaseRecord?
    /// Writes over `old`, nil: makes a new one. It fails with `conflict` when that is not what is there.
    func write(_ new: LeaseRecord, over old: LeaseRecord?) async throws -> LeaseRecord
}
