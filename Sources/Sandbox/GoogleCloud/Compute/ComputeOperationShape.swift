import Domain
import Foundation

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
