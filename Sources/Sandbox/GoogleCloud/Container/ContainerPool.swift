import Domain
import Foundation

/// What Kubernetes Engine makes of node pools.
enum ContainerPool {
    /// Nodes that a pool may have in each zone.
    static let most = 1000

    /// Puts a new pool into a cluster. Throws for what cannot be.
    static func put(
        _ wanted: [String: JSONValue], in cluster: String, _ state: inout GoogleState, _ now: Date
    ) throws {
        let name = try ContainerCluster.checked(name: wanted["name"], "node_pool.name")
        let path = "\(cluster)/nodePools/\(name)"
        guard state.resources[path] == nil else { throw GoogleError(409, "alreadyExists", "Already exists: \(path).") }
        let owner = state.resources[cluster]?.body ?? [:]
        let count = wanted["initialNodeCount"]?.intValue ?? (wanted["autoscaling"]?["enabled"] == true ? 0 : 1)
        guard (0...most).contains(count) else {
            throw GoogleError(400, "invalid", "NodePool.initial_node_count must be from 0 to \(most).")
        }
        var body = wanted
        try configure(&body, owner, state, cluster)
        if let autoscaling = wanted["autoscaling"] { try check(autoscaling: autoscaling) }
        body["initialNodeCount"] = .int(Int64(count))
        body["locations"] = body["locations"] ?? owner["locations"]
        body["selfLink"] = .string(ContainerOperationShape.base + path)
        body["version"] = body["version"] ?? owner["currentNodeVersion"]
        body["status"] = "PROVISIONING"
        body["management"] = body["management"] ?? ["autoUpgrade": true, "autoRepair": true]
        body["upgradeSettings"] = body["upgradeSettings"] ?? ["maxSurge": 1, "strategy": "SURGE"]
        body["podIpv4CidrSize"] = 24
        body["etag"] = GoogleResource.fingerprint([path, "1"])
        body["instanceGroupUrls"] = .array(
            (body["locations"]?.arrayValue ?? []).map { zone in
                ComputeReference.json(ContainerGroup.path(of: path, zone: zone.plainText))
            })
        state.resources[path] = GoogleResource(
            path: path, body: body, isReady: false,
            visibleFrom: now.advanced(by: .milliseconds(state.failures.hiddenFor)))
        state.nodes[path] = 0
    }

    private static func configure(
        _ body: inout [String: JSONValue], _ owner: [String: JSONValue], _ state: GoogleState, _ cluster: String
    ) throws {
        var config = body["config"]?.objectValue ?? [:]
        config["machineType"] = config["machineType"] ?? "e2-medium"
        config["diskSizeGb"] = config["diskSizeGb"] ?? 100
        config["diskType"] = config["diskType"] ?? "pd-balanced"
        config["imageType"] = config["imageType"] ?? "COS_CONTAINERD"
        config["serviceAccount"] = config["serviceAccount"] ?? "default"
        config["oauthScopes"] = config["oauthScopes"] ?? ["https://www.googleapis.com/auth/cloud-platform"]
        if let pool = owner["workloadIdentityConfig"]?["workloadPool"]?.stringValue, !pool.isEmpty {
            config["workloadMetadataConfig"] = config["workloadMetadataConfig"] ?? ["mode": "GKE_METADATA"]
        }
        let type = config["machineType"]?.plainText ?? ""
        guard ComputeCatalogue.machines.contains(where: { $0.name == type }) else {
            throw GoogleError(400, "invalid", "Machine type \"\(type)\" does not exist.")
        }
        for accelerator in config["accelerators"]?.arrayValue ?? [] {
            let type = accelerator["acceleratorType"]?.plainText ?? ""
            guard ComputeCatalogue.accelerators.contains(type) else {
                throw GoogleError(400, "invalid", "Accelerator type \"\(type)\" does not exist.")
            }
            guard let count = accelerator["acceleratorCount"]?.plainText, (Int(count) ?? 0) > 0 else {
                throw GoogleError(400, "invalid", "Accelerator count must be greater than zero.")
            }
        }
        body["config"] = .object(config)
    }

    static func check(autoscaling: JSONValue) throws {
        guard autoscaling["enabled"] == true else { return }
        let most = autoscaling["totalMaxNodeCount"]?.intValue ?? autoscaling["maxNodeCount"]?.intValue ?? 0
        let least = autoscaling["totalMinNodeCount"]?.intValue ?? autoscaling["minNodeCount"]?.intValue ?? 0
        guard most > 0, least <= most, least >= 0 else {
            throw GoogleError(
                400, "invalid",
                "NodePoolAutoscaling.max_node_count must be greater than zero and not less than min_node_count.")
        }
    }

    /// Its nodes come up, unless a zone has no room.
    static func begin(_ pool: String, _ state: inout GoogleState) throws {
        guard let resource = state.resources[pool] else { return }
        let zones = (resource.body["locations"]?.arrayValue ?? []).map(\.plainText)
        let wanted = resource.body["initialNodeCount"]?.intValue ?? 0
        if let full = zones.first(where: state.failures.stockout.contains), wanted > 0 {
            let message =
                "Google Compute Engine: The zone '\(full)' does not have enough resources available to fulfill the request."
            state.update(pool) { pool in
                pool.isReady = true
                pool.body["status"] = "ERROR"
                pool.body["statusMessage"] = .string(message)
                pool.body["conditions"] = [["code": "GCE_STOCKOUT", "message": .string(message)]]
            }
            throw GoogleOperation.Failure(code: "RESOURCE_EXHAUSTED", message: message, status: 8, statusText: "")
        }
        state.nodes[pool] = wanted
        scale(pool, &state)
        ContainerGroup.adjust(pool, &state)
        state.update(pool) { pool in
            pool.isReady = true
            pool.body["status"] = "RUNNING"
        }
    }

    /// As many nodes as its autoscaler allows.
    static func scale(_ pool: String, _ state: inout GoogleState) {
        guard let autoscaling = state.resources[pool]?.body["autoscaling"], autoscaling["enabled"] == true,
            let most = autoscaling["maxNodeCount"]?.intValue
        else { return }
        state.nodes[pool] = min(max(state.nodes[pool] ?? 0, autoscaling["minNodeCount"]?.intValue ?? 0), most)
    }

    /// Applies an update: members of a pool and of its nodes' configuration.
    static func apply(_ update: [String: JSONValue], to pool: inout GoogleResource) throws {
        var config = pool.body["config"]?.objectValue ?? [:]
        for (name, value) in update {
            switch name {
            case "name", "etag", "projectId", "zone", "clusterId", "nodePoolId": continue
            case "nodeVersion": pool.body["version"] = .string(try ContainerVersions.resolve(value.plainText))
            case "locations", "upgradeSettings": pool.body[name] = value
            case "labels": config["labels"] = value["labels"]
            case "taints": config["taints"] = value["taints"]
            case "tags": config["tags"] = value["tags"]
            case "resourceLabels": config["resourceLabels"] = value["labels"]
            case "diskSizeGb": config["diskSizeGb"] = Int64(value.plainText).map { .int($0) } ?? value
            case "imageType", "machineType", "diskType", "workloadMetadataConfig", "accelerators", "kubeletConfig",
                "gvnic", "loggingConfig":
                config[name] = value
            default: throw GoogleError(400, "invalid", "Node pool update \(name) is not supported.")
            }
        }
        pool.body["config"] = .object(config)
    }
}
