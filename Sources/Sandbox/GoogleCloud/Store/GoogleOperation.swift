import Domain
import Foundation

/// A change that takes time: PENDING until `start`, RUNNING until `end`, then DONE.
struct GoogleOperation: Sendable {
    /// One reason why it failed: Google's code, its words, and further members.
    struct Failure: Error, Sendable {
        var code: String
        var message: String
        var details: [JSONValue] = []
        var status: Int
        var statusText: String
    }

    enum Phase: Sendable { case pending, running, done }

    /// `projects/p/zones/z/operations/operation-…`.
    let path: String
    let id: String
    /// `insert`, `setMachineType`; GKE's `CREATE_CLUSTER`.
    let type: String
    /// What it changes.
    let target: String
    let targetID: String
    /// What it says that it changes, when that is another: a snapshot's disk.
    var shown: (path: String, id: String)?
    let user: String
    /// The id of the request that began it; empty when it had none.
    var requestID = ""
    let insert: Date
    var start: Date
    var end: Date
    /// Takes effect when it begins.
    var onStart: (@Sendable (inout GoogleState, Date) -> Void)?
    /// Takes effect when it ends; throws `Failure`.
    var onEnd: (@Sendable (inout GoogleState, Date) throws -> Void)?
    var phase = Phase.pending
    var failure: Failure?
    var warnings: [JSONValue] = []
    var detail = ""
    /// Reads do not show it before: an operation may be unknown for a moment after it began.
    var visibleFrom: Date

    var name: String { GoogleState.last(path) }

    /// Whole per cent.
    func progress(at now: Date) -> Int {
        switch phase {
        case .pending: return 0
        case .done: return 100
        case .running:
            let whole = end.timeIntervalSince(start)
            return whole <= 0 ? 99 : min(max(Int(now.timeIntervalSince(start) / whole * 100), 0), 99)
        }
    }
}
