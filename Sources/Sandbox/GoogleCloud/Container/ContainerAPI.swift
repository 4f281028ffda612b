import Domain
import Foundation

/// Kubernetes Engine's REST API v1 (cloud.google.com/kubernetes-engine/docs/reference/rest), by location. It knows no
/// request ids: what is there already is 409.
struct ContainerAPI: Sendable {
    static let cluster = "projects/{project}/locations/{location}/clusters"
    static let pool = "projects/{project}/locations/{location}/clusters/{cluster}/nodePools"
    static let operation = "projects/{project}/locations/{location}/operations"

    let world: GoogleWorld
    let access: @Sendable (_ name: String) async -> GoogleCloudStandIn.ClusterAccess?

    var methods: [GoogleMethod] { clusterMethods + poolMethods + operationMethods + [serverConfigMethod] }

    /// A method on a cluster or what is in it.
    func method(
        _ id: String, _ verb: String, _ path: String, permission: String,
        _ handle: @escaping @Sendable (GoogleCall) async throws -> SandboxAnswer
    ) -> GoogleMethod {
        GoogleMethod(
            "container.projects.locations.\(id)", verb, path, style: .status,
            permissions: { call in
                let cluster = call.parameters["cluster"].map { "/clusters/\($0)" } ?? ""
                return [
                    GooglePermission(
                        "container.\(permission)", on: "//container.googleapis.com/\(call.scope)\(cluster)")
                ]
            }
        ) { call in
            try place(call)
            return try await handle(call)
        }
    }

    private func place(_ call: GoogleCall) throws {
        let location = call.parameter("location")
        try world.read { state, _ in
            guard location == "-" || !state.zones(of: location).isEmpty else {
                throw GoogleError(400, "invalid", "Location \"\(location)\" does not exist.")
            }
        }
    }

    /// `projects/p/locations/l/clusters/c`.
    func clusterPath(_ call: GoogleCall) -> String { "\(call.scope)/clusters/\(call.parameter("cluster"))" }

    func poolPath(_ call: GoogleCall) -> String { "\(clusterPath(call))/nodePools/\(call.parameter("pool"))" }

    private var operationMethods: [GoogleMethod] {
        [
            method("operations.get", "GET", "\(Self.operation)/{operation}", permission: "operations.get") { call in
                try world.read { state, now in
                    let path = "\(call.scope)/operations/\(call.parameter("operation"))"
                    guard let operation = state.operations[path], operation.visibleFrom <= now else {
                        throw GoogleError(404, "notFound", "Not found: \(path).")
                    }
                    return .json(200, ContainerOperationShape.json(operation, now))
                }
            },
            method("operations.list", "GET", Self.operation, permission: "operations.list") { call in
                try world.read { state, now in
                    let all = state.operations.values.filter { operation in
                        operation.visibleFrom <= now && state.isIn(operation.path, call.scope, "operations")
                    }.sorted { $0.path < $1.path }
                    return .json(200, ["operations": .array(all.map { ContainerOperationShape.json($0, now) })])
                }
            },
            method(
                "operations.cancel", "POST", "\(Self.operation)/{operation}:cancel", permission: "operations.get"
            ) { _ in throw GoogleError(400, "invalid", "Operation type does not support cancellation.") },
        ]
    }

    private var serverConfigMethod: GoogleMethod {
        method(
            "getServerConfig", "GET", "projects/{project}/locations/{location}/serverConfig",
            permission: "clusters.list"
        ) { _ in
            let versions: JSONValue = .array(ContainerVersions.all.map { .string($0) })
            return .json(
                200,
                [
                    "defaultClusterVersion": .string(ContainerVersions.normal), "validNodeVersions": versions,
                    "validMasterVersions": versions, "defaultImageType": "COS_CONTAINERD",
                    "validImageTypes": ["COS_CONTAINERD", "UBUNTU_CONTAINERD"],
                    "channels": .array(
                        ["RAPID", "REGULAR", "STABLE"].map {
                            [
                                "channel": .string($0), "defaultVersion": .string(ContainerVersions.normal),
                                "validVersions": versions,
                            ]
                        }),
                ])
        }
    }
}

/// Versions of Kubernetes that GKE has.
enum ContainerVersions {
    static let all = ["1.35.4-gke.1200", "1.34.3-gke.1400", "1.33.6-gke.1100"]
    static let normal = "1.34.3-gke.1400"

    /// The version that a wish names: a whole one, its beginning, `latest`, or `-`.
    static func resolve(_ wish: String) throws -> String {
        switch wish {
        case "", "-": return normal
        case "latest": return all[0]
        default:
            guard let found = all.first(where: { $0 == wish || $0.hasPrefix(wish + ".") }) else {
                throw GoogleError(400, "invalid", "Version \"\(wish)\" is invalid.")
            }
            return found
        }
    }
}

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

extension GoogleState {
    /// Zones of a region or a zone; empty for a place that is not there.
    func zones(of location: String) -> [String] {
        if let zones = configuration.regions[location] { return Array(zones.prefix(3)) }
        return configuration.regions.values.contains { $0.contains(location) } ? [location] : []
    }

    /// Whether a path is directly in a collection of a location; `-` stands for every location.
    func isIn(_ path: String, _ scope: String, _ collection: String) -> Bool {
        let (parts, wanted) = (path.split(separator: "/"), scope.split(separator: "/"))
        return parts.count == 6 && parts[4] == collection && parts[1] == wanted[1] && parts[2] == "locations"
            && (wanted[3] == "-" || parts[3] == wanted[3])
    }

    /// Begins an operation of Kubernetes Engine on a cluster or a node pool.
    mutating func beginContainer(
        _ type: String, on target: String, _ call: GoogleCall, _ now: Date,
        onEnd: @escaping @Sendable (inout GoogleState, Date) throws -> Void
    ) -> GoogleOperation {
        let id = resources[target]?.id ?? ""
        var operation = begin(type, on: target, id: id, call, now, onEnd: onEnd)
        if operation.failure != nil {
            operation.failure = .init(
                code: "INTERNAL", message: "Internal error (Code: '\(operation.id)').", status: 13, statusText: "")
            operations[operation.path] = operation
        }
        return operation
    }

    /// Throws when an operation is under way on a cluster or in it.
    func checkIdle(_ cluster: String) throws {
        let busy = openOperations.filter { $0.target == cluster || $0.target.hasPrefix(cluster + "/") }
        guard let first = busy.min(by: { $0.insert < $1.insert }) else { return }
        throw GoogleError(
            400, "failedPrecondition", "Cluster is running incompatible operation \(first.name).",
            status: "FAILED_PRECONDITION")
    }
}
