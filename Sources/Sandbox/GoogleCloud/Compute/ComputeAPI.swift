import Domain
import Foundation

/// Compute Engine's REST API v1 (cloud.google.com/compute/docs/reference/rest/v1), the part that an infrastructure of
/// nodes behind load balancers needs.
struct ComputeAPI: Sendable {
    let world: GoogleWorld

    var methods: [GoogleMethod] {
        kinds.flatMap(methods(of:)) + placeMethods + operationMethods + diskMethods + instanceMethods + networkMethods
            + balancingMethods + groupMethods
    }

    /// Every kind.
    var kinds: [ComputeKind] {
        catalogueKinds + networkKinds + diskKinds + [instanceKind] + balancingKinds + groupKinds
    }

    /// Makes a change under its request id: a repetition gets the operation that is there
    /// (cloud.google.com/compute/docs/api/how-tos/api-requests-responses, "request ID").
    func mutate(
        _ call: GoogleCall, _ body: (inout GoogleState, Date) throws -> GoogleOperation
    ) throws -> SandboxAnswer {
        let requestID = call.query("requestId")
        if let requestID, UUID(uuidString: requestID) == nil || requestID.allSatisfy({ $0 == "0" || $0 == "-" }) {
            throw GoogleError.invalid("requestId", requestID, "The request ID must be a valid UUID, not all zeros.")
        }
        return try world.change { state, now in
            let key = requestID.map { "\(call.project) \($0.lowercased())" }
            if let key, let seen = state.seen[key], seen.until > now, let known = state.operations[seen.operation] {
                guard seen.digest == call.digest else {
                    throw GoogleError.invalid(
                        "requestId", requestID ?? "", "The request ID was used for a request with other parameters.")
                }
                return .json(200, ComputeOperationShape.json(known, now))
            }
            var operation = try body(&state, now)
            operation.requestID = requestID ?? ""
            state.operations[operation.path] = operation
            if let key {
                state.seen[key] = .init(
                    digest: call.digest, operation: operation.path,
                    until: now.advanced(by: state.configuration.requestIDLife))
            }
            return .json(200, ComputeOperationShape.json(operation, now))
        }
    }

    /// A method of one resource: its permission is held on it.
    func method(
        _ kind: ComputeKind, _ name: String, _ verb: String, _ suffix: String = "", permission: String,
        parameter: String? = nil, also: @escaping @Sendable (GoogleCall) -> [GooglePermission] = { _ in [] },
        _ handle: @escaping @Sendable (GoogleCall) async throws -> SandboxAnswer
    ) -> GoogleMethod {
        let parameter = parameter ?? kind.parameter
        return GoogleMethod(
            "compute.\(kind.name).\(name)", verb, "\(kind.path)/{\(parameter)}\(suffix)",
            permissions: { call in
                [GooglePermission("\(kind.permission).\(permission)", on: kind.path(call, parameter))] + also(call)
            }, handle)
    }
}
