import Domain
import Foundation

extension ContainerAPI {
    var poolMethods: [GoogleMethod] {
        let one = "\(Self.pool)/{pool}"
        let update = "clusters.update"
        return [
            method("clusters.nodePools.list", "GET", Self.pool, permission: "clusters.get") { call in
                try world.read { state, now in
                    let cluster = try state.cluster(clusterPath(call), now)
                    let all = state.all(in: "\(cluster.path)/nodePools").filter { $0.visibleFrom <= now }
                    return .json(200, ["nodePools": .array(all.map { .object($0.body) })])
                }
            },
            method("clusters.nodePools.get", "GET", one, permission: "clusters.get") { call in
                try world.read { state, now in .json(200, .object(try state.cluster(poolPath(call), now).body)) }
            },
            method("clusters.nodePools.create", "POST", Self.pool, permission: update) { call in try create(call) },
            method("clusters.nodePools.delete", "DELETE", one, permission: update) { call in try delete(call) },
            method("clusters.nodePools.update", "PUT", one, permission: update) { call in
                let body = call.body
                return try change(call, "UPGRADE_NODES") { pool, _ in try ContainerPool.apply(body, to: &pool) }
            },
            method("clusters.nodePools.setSize", "POST", "\(one):setSize", permission: update) { call in
                guard let count = call.body["nodeCount"]?.intValue, (0...ContainerPool.most).contains(count) else {
                    throw GoogleError(400, "invalid", "node_count must be from 0 to \(ContainerPool.most).")
                }
                return try change(call, "SET_NODE_POOL_SIZE") { pool, state in
                    // The pool goes on to say with how many it was made; its groups say how many there are.
                    state.nodes[pool.path] = count
                }
            },
            method("clusters.nodePools.setAutoscaling", "POST", "\(one):setAutoscaling", permission: update) { call in
                let autoscaling = call.body["autoscaling"] ?? [:]
                try ContainerPool.check(autoscaling: autoscaling)
                return try change(call, "UPDATE_CLUSTER") { pool, _ in
                    pool.body["autoscaling"] = autoscaling["enabled"] == true ? autoscaling : nil
                }
            },
            method("clusters.nodePools.setManagement", "POST", "\(one):setManagement", permission: update) { call in
                let management = call.body["management"]
                return try change(call, "SET_NODE_POOL_MANAGEMENT") { pool, _ in pool.body["management"] = management }
            },
        ]
    }

    private func create(_ call: GoogleCall) throws -> SandboxAnswer {
        guard let wanted = call.body["nodePool"]?.objectValue else {
            throw GoogleError(400, "invalid", "NodePool must be specified.")
        }
        return try world.change { state, now in
            let cluster = try state.cluster(clusterPath(call), now)
            // A second one of the same name is told as such also while the first is being made.
            let name = try ContainerCluster.checked(name: wanted["name"], "node_pool.name")
            let path = "\(cluster.path)/nodePools/\(name)"
            guard state.resources[path] == nil else {
                throw GoogleError(409, "alreadyExists", "Already exists: \(path).")
            }
            try state.checkIdle(cluster.path)
            try ContainerPool.put(wanted, in: cluster.path, &state, now)
            state.update(cluster.path) { $0.body["status"] = "RECONCILING" }
            let operation = state.beginContainer("CREATE_NODE_POOL", on: path, call, now) { state, _ in
                state.update(cluster.path) { $0.body["status"] = "RUNNING" }
                try ContainerPool.begin(path, &state)
            }
            return .json(200, ContainerOperationShape.json(operation, now))
        }
    }

    private func delete(_ call: GoogleCall) throws -> SandboxAnswer {
        try world.change { state, now in
            let path = poolPath(call)
            _ = try state.cluster(path, now)
            try state.checkIdle(clusterPath(call))
            state.update(path) { $0.body["status"] = "STOPPING" }
            let operation = state.beginContainer("DELETE_NODE_POOL", on: path, call, now) { state, _ in
                ContainerGroup.leave(path, &state)
            }
            return .json(200, ContainerOperationShape.json(operation, now))
        }
    }

    /// Begins a change of a pool; it is tried now and takes effect when the operation ends.
    private func change(
        _ call: GoogleCall, _ type: String,
        _ body: @escaping @Sendable (inout GoogleResource, inout GoogleState) throws -> Void
    ) throws -> SandboxAnswer {
        try world.change { state, now in
            let (path, cluster) = (poolPath(call), clusterPath(call))
            var trial = try state.cluster(path, now)
            try state.checkIdle(cluster)
            var trialState = state
            try body(&trial, &trialState)
            state.update(path) { $0.body["status"] = "RECONCILING" }
            let operation = state.beginContainer(type, on: path, call, now) { state, _ in
                guard var pool = state.resources[path] else { return }
                try body(&pool, &state)
                pool.body["status"] = "RUNNING"
                pool.version += 1
                pool.body["etag"] = GoogleResource.fingerprint([path, "\(pool.version)"])
                state.resources[path] = pool
                ContainerPool.scale(path, &state)
                ContainerGroup.adjust(path, &state)
            }
            return .json(200, ContainerOperationShape.json(operation, now))
        }
    }
}
