import Domain
import Foundation

extension ContainerAPI {
    var clusterMethods: [GoogleMethod] {
        let one = "\(Self.cluster)/{cluster}"
        return [
            method("clusters.list", "GET", Self.cluster, permission: "clusters.list") { call in
                try world.read { state, now in
                    let all = state.resources.values.filter {
                        $0.visibleFrom <= now && state.isIn($0.path, call.scope, "clusters")
                    }.sorted { $0.path < $1.path }
                    return .json(200, ["clusters": .array(all.map { state.clusterJSON($0) })])
                }
            },
            method("clusters.get", "GET", one, permission: "clusters.get") { call in
                try world.read { state, now in .json(200, state.clusterJSON(try state.cluster(clusterPath(call), now)))
                }
            },
            method("clusters.create", "POST", Self.cluster, permission: "clusters.create") { call in
                let name = call.body["cluster"]?["name"]?.stringValue ?? ""
                let access = await access(name)
                return try world.change { state, now in
                    let operation = try ContainerCluster.create(call, access, &state, now)
                    return .json(200, ContainerOperationShape.json(operation, now))
                }
            },
            method("clusters.delete", "DELETE", one, permission: "clusters.delete") { call in try delete(call) },
            method("clusters.update", "PUT", one, permission: "clusters.update") { call in
                guard let update = call.body["update"]?.objectValue, !update.isEmpty else {
                    throw GoogleError(400, "invalid", "No updates specified.")
                }
                return try change(call, "UPDATE_CLUSTER") { try ContainerCluster.apply(update, to: &$0, $1) }
            },
            method("clusters.setResourceLabels", "POST", "\(one):setResourceLabels", permission: "clusters.update") {
                call in
                try setLabels(call)
            },
            method(
                "clusters.setMaintenancePolicy", "POST", "\(one):setMaintenancePolicy", permission: "clusters.update"
            ) { call in
                let policy = call.body["maintenancePolicy"]
                return try change(call, "SET_MAINTENANCE_POLICY") { cluster, _ in
                    cluster.body["maintenancePolicy"] = policy
                }
            },
        ]
    }

    /// Begins a change of a cluster; what it makes of it is checked now and takes effect when the operation ends.
    private func change(
        _ call: GoogleCall, _ type: String,
        _ body: @escaping @Sendable (inout GoogleResource, GoogleState) throws -> Void
    ) throws -> SandboxAnswer {
        try world.change { state, now in
            let path = clusterPath(call)
            var trial = try state.cluster(path, now)
            try state.checkIdle(path)
            try body(&trial, state)
            state.update(path) { $0.body["status"] = "RECONCILING" }
            let operation = state.beginContainer(type, on: path, call, now) { state, _ in
                guard var cluster = state.resources[path] else { return }
                try body(&cluster, state)
                cluster.body["status"] = "RUNNING"
                cluster.version += 1
                state.resources[path] = cluster
            }
            return .json(200, ContainerOperationShape.json(operation, now))
        }
    }

    private func setLabels(_ call: GoogleCall) throws -> SandboxAnswer {
        let labels = try ComputeName.labels(call.body["resourceLabels"])
        let given = call.body["labelFingerprint"]
        let known = try world.read { state, now in try state.cluster(clusterPath(call), now).body["labelFingerprint"] }
        guard let given, given == known else {
            throw GoogleError(
                400, "invalid", "Labels could not be set due to fingerprint mismatch.", status: "FAILED_PRECONDITION")
        }
        return try change(call, "SET_LABELS") { cluster, _ in
            cluster.body["resourceLabels"] = .object(labels)
            cluster.body["labelFingerprint"] = GoogleResource.fingerprint([
                cluster.path, "labels", "\(cluster.version)",
            ])
        }
    }

    private func delete(_ call: GoogleCall) throws -> SandboxAnswer {
        try world.change { state, now in
            let path = clusterPath(call)
            _ = try state.cluster(path, now)
            try state.checkIdle(path)
            state.update(path) { $0.body["status"] = "STOPPING" }
            let operation = state.beginContainer("DELETE_CLUSTER", on: path, call, now) { state, _ in
                for pool in state.all(in: "\(path)/nodePools") { ContainerGroup.leave(pool.path, &state) }
                state.resources[path] = nil
            }
            return .json(200, ContainerOperationShape.json(operation, now))
        }
    }
}

extension GoogleState {
    /// A cluster that a request names. Throws 404.
    func cluster(_ path: String, _ now: Date) throws -> GoogleResource {
        guard let cluster = visible(path, now) else { throw GoogleError(404, "notFound", "Not found: \(path).") }
        return cluster
    }

    /// With its node pools, as they are now.
    func clusterJSON(_ cluster: GoogleResource) -> JSONValue {
        var body = cluster.body
        let pools = all(in: "\(cluster.path)/nodePools")
        body["nodePools"] = .array(pools.map { .object($0.body) })
        let count = pools.reduce(0) { $0 + (nodes[$1.path] ?? 0) * ($1.body["locations"]?.arrayValue?.count ?? 1) }
        body["currentNodeCount"] = .int(Int64(count))
        body["etag"] = GoogleResource.fingerprint([cluster.path, "\(cluster.version)"])
        return .object(body)
    }
}
