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

/// How Compute Engine shows an operation.
enum ComputeOperationShape {
    static func json(_ operation: GoogleOperation, _ now: Date) -> JSONValue {
        let scope = ComputeReference.scope(of: operation.path)
        var members: [String: JSONValue] = [
            "kind": "compute#operation", "id": .string(operation.id), "name": .string(operation.name),
            "operationType": .string(operation.type),
            "targetLink": ComputeReference.json(operation.shown?.path ?? operation.target),
            "targetId": .string(operation.shown?.id ?? operation.targetID), "user": .string(operation.user),
            "progress": .int(Int64(operation.progress(at: now))), "insertTime": .string(time(operation.insert)),
            "selfLink": ComputeReference.json(operation.path),
        ]
        if !operation.requestID.isEmpty { members["clientOperationId"] = .string(operation.requestID) }
        switch operation.phase {
        case .pending: members["status"] = "PENDING"
        case .running, .done:
            members["status"] = operation.phase == .done ? "DONE" : "RUNNING"
            members["startTime"] = .string(time(operation.start))
        }
        let parts = scope.split(separator: "/")
        if parts.count > 3 { members[parts[2] == "zones" ? "zone" : "region"] = ComputeReference.json(scope) }
        guard operation.phase == .done else { return .object(members) }
        members["endTime"] = .string(time(operation.end))
        if !operation.warnings.isEmpty { members["warnings"] = .array(operation.warnings) }
        if let failure = operation.failure {
            members["httpErrorStatusCode"] = .int(Int64(failure.status))
            members["httpErrorMessage"] = .string(failure.statusText)
            var error: [String: JSONValue] = ["code": .string(failure.code), "message": .string(failure.message)]
            if !failure.details.isEmpty { error["errorDetails"] = .array(failure.details) }
            members["error"] = ["errors": [.object(error)]]
        }
        return .object(members)
    }

    /// Compute Engine writes times in its own zone, with milliseconds: `2026-03-01T02:15:30.123-08:00`.
    static func time(_ date: Date) -> String {
        let shifted = Date(microseconds: date.microseconds - 8 * 3_600_000_000)
        return shifted.rfc3339.dropLast(4) + "-08:00"
    }
}
