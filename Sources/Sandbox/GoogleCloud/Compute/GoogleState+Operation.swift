import Domain
import Foundation

extension GoogleState {
    /// Begins an operation of Compute Engine on a resource, which takes effect when it ends.
    mutating func begin(
        _ type: String, on target: String, id targetID: String, _ call: GoogleCall, _ now: Date,
        onEnd: @escaping @Sendable (inout GoogleState, Date) throws -> Void = { _, _ in }
    ) -> GoogleOperation {
        begin(type, on: target, id: targetID, call, now, onStart: { _, _ in }, onEnd: onEnd)
    }

    /// Begins an operation of Compute Engine on a resource, at a place other than the resource's own where one is given.
    mutating func begin(
        _ type: String, on target: String, id targetID: String, _ call: GoogleCall, _ now: Date,
        at place: String? = nil,
        onStart: @escaping @Sendable (inout GoogleState, Date) -> Void,
        onEnd: @escaping @Sendable (inout GoogleState, Date) throws -> Void
    ) -> GoogleOperation {
        let times = durations(of: type)
        let start = now.advanced(by: times.pending)
        let id = newID()
        let name =
            "operation-\(now.microseconds / 1000)-\(String(UInt64(id) ?? 0, radix: 16).prefix(13))-\(newNumber())"
        var operation = GoogleOperation(
            path: "\(ComputeReference.scope(of: place ?? target))/operations/\(name)", id: id, type: type,
            target: target,
            targetID: targetID, user: call.grant.principal, insert: now, start: start,
            end: start.advanced(by: times.running), onStart: onStart, onEnd: onEnd,
            visibleFrom: now.advanced(by: .milliseconds(failures.hiddenFor)))
        if failures.takeOperation(type) {
            operation.failure = .init(
                code: "INTERNAL_ERROR",
                message: "Internal error. Please try again or contact Google Support. (Code: '\(id)')",
                status: 500, statusText: "INTERNAL SERVER ERROR")
        }
        add(operation)
        return operation
    }
}
