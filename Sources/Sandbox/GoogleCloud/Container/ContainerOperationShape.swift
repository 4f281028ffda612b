import Domain
import Foundation

/// How Kubernetes Engine shows an operation.
enum ContainerOperationShape {
    static let base = "https://container.googleapis.com/v1/"

    static func json(_ operation: GoogleOperation, _ now: Date) -> JSONValue {
        let location = GoogleState.last(ComputeReference.scope(of: operation.path))
        var members: [String: JSONValue] = [
            "name": .string(operation.name), "operationType": .string(operation.type),
            "selfLink": .string(base + operation.path), "targetLink": .string(base + operation.target),
            "location": .string(location), "startTime": .string(operation.insert.rfc3339),
        ]
        if location.split(separator: "-").count == 3 { members["zone"] = .string(location) }
        switch operation.phase {
        case .pending: members["status"] = "PENDING"
        case .running: members["status"] = "RUNNING"
        case .done:
            members["status"] = "DONE"
            members["endTime"] = .string(operation.end.rfc3339)
        }
        if operation.phase == .done, let failure = operation.failure {
            members["statusMessage"] = .string(failure.message)
            members["error"] = ["code": .int(Int64(failure.status)), "message": .string(failure.message)]
        }
        return .object(members)
    }
}
