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
