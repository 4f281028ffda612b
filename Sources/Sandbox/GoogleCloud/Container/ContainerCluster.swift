import Domain
import Foundation

/// What Kubernetes Engine makes of clusters.
enum ContainerCluster {
    /// A letter, then letters, digits and hyphens, no hyphen at the end, 40 at most.
    static func checked(name: JSONValue?, _ field: String) throws -> String {
        guard let name = name?.stringValue, name.utf8.count <= 40, ComputeName.isValid(name) else {
            throw GoogleError(
                400, "invalid",
                "Invalid value for field \"\(field)\": \"\(name?.plainText ?? "")\". Must be a match of regex "
                    + "'(?:[a-z](?:[-a-z0-9]{0,38}[a-z0-9])?)'.")
        }
        return name
    }

    static func create(
        _ call: GoogleCall, _ access: GoogleCloudStandIn.ClusterAccess?, _ state: inout GoogleState, _ now: Date
    ) throws -> GoogleOperation {
        guard let wanted = call.body["cluster"]?.objectValue else {
            throw GoogleError(400, "invalid", "Cluster must be specified.")
        }
        let name = try checked(name: wanted["name"], "cluster.name")
        let path = "\(call.scope)/clusters/\(name)"
        guard state.resources[path] == nil else { throw GoogleError(409, "alreadyExists", "Already exists: \(path).") }
        var body = wanted
        let pools = try pools(&body)
        try place(&body, call, state)
        try check(body, call)
        try fill(&body, path, call, access, &state, now)
        state.resources[path] = GoogleResource(
            path: path, body: body, isReady: false,
            visibleFrom: now.advanced(by: .milliseconds(state.failures.hiddenFor)))
        for pool in pools { try ContainerPool.put(pool, in: path, &state, now) }
        return state.beginContainer("CREATE_CLUSTER", on: path, call, now) { state, _ in
            let made = state.all(in: "\(path)/nodePools").map(\.path)
            var failure: GoogleOperation.Failure?
            for pool in made {
                do { try ContainerPool.begin(pool, &state) } catch let found as GoogleOperation.Failure {
                    failure = found
                }
            }
            let isWell = failure == nil
            state.update(path) { cluster in
                cluster.isReady = true
                cluster.body["status"] = isWell ? "RUNNING" : "ERROR"
                if let failure { cluster.body["statusMessage"] = .string(failure.message) }
            }
            if let failure { throw failure }
        }
    }

    /// The node pools that are asked for: by themselves, or one by the number of nodes.
    private static func pools(_ body: inout [String: JSONValue]) throws -> [[String: JSONValue]] {
        defer { body["nodePools"] = nil }
        if let pools = body["nodePools"]?.arrayValue, !pools.isEmpty {
            guard body["initialNodeCount"] == nil else {
                throw GoogleError(
                    400, "invalid", "Cluster.initial_node_count and Cluster.node_pools cannot be set at the same time.")
            }
            return pools.compactMap(\.objectValue)
        }
        if body["autopilot"]?["enabled"] == true { return [] }
        guard let count = body["initialNodeCount"]?.intValue, count > 0 else {
            throw GoogleError(400, "invalid", "Cluster.initial_node_count must be greater than zero.")
        }
        return [
            [
                "name": "default-pool", "initialNodeCount": .int(Int64(count)), "config": body["nodeConfig"] ?? [:],
            ]
        ]
    }

    /// Network, subnetwork and zones.
    private static func place(_ body: inout [String: JSONValue], _ call: GoogleCall, _ state: GoogleState) throws {
        let project = "projects/\(call.project)"
        let network = GoogleState.last(body["network"]?.stringValue ?? "default")
        let networkPath = "\(project)/global/networks/\(network)"
        guard state.resources[networkPath]?.isReady == true else {
            throw GoogleError(400, "invalid", "Network \"\(network)\" does not exist.")
        }
        body["network"] = .string(network)
        let location = call.parameter("location")
        let zones = state.zones(of: location)
        let region = zones[0].split(separator: "-").dropLast().joined(separator: "-")
        var config = body["networkConfig"]?.objectValue ?? [:]
        config["network"] = .string(networkPath)
        if let text = body["subnetwork"]?.stringValue {
            let subnetwork = "\(project)/regions/\(region)/subnetworks/\(GoogleState.last(text))"
            guard let found = state.resources[subnetwork], found.isReady else {
                throw GoogleError(400, "invalid", "Subnetwork \"\(GoogleState.last(text))\" does not exist.")
            }
            body["subnetwork"] = .string(GoogleState.last(text))
            config["subnetwork"] = .string(subnetwork)
        } else if state.resources[networkPath]?.body["autoCreateSubnetworks"] != true {
            throw GoogleError(400, "invalid", "Network \"\(network)\" requires specifying a subnetwork.")
        }
        body["networkConfig"] = .object(config)
        if let asked = body["locations"]?.arrayValue, !asked.isEmpty {
            for zone in asked where !state.zones(of: region).contains(zone.plainText) {
                throw GoogleError(400, "invalid", "Zone \"\(zone.plainText)\" is not in region \"\(region)\".")
            }
        } else {
            body["locations"] = .array(zones.map { .string($0) })
        }
    }

    private static func check(_ body: [String: JSONValue], _ call: GoogleCall) throws {
        if let pool = body["workloadIdentityConfig"]?["workloadPool"]?.stringValue,
            pool != "\(call.project).svc.id.goog"
        {
            throw GoogleError(
                400, "invalid",
                "Invalid workload pool \"\(pool)\": only \"\(call.project).svc.id.goog\" is supported.")
        }
        let old = body["privateClusterConfig"]?["enablePrivateNodes"]
        let new = body["networkConfig"]?["defaultEnablePrivateNodes"]
        guard old == nil || new == nil else {
            throw GoogleError(
                400, "invalid",
                "private_cluster_config.enable_private_nodes and network_config.default_enable_private_nodes cannot both be "
                    + "set.")
        }
        let isPrivate = old == true || new == true
        guard !isPrivate || body["ipAllocationPolicy"]?["useIpAliases"] == true else {
            throw GoogleError(
                400, "invalid", "Private clusters must use IP aliases: set ip_allocation_policy.use_ip_aliases.")
        }
        _ = try ContainerVersions.resolve(body["initialClusterVersion"]?.stringValue ?? "")
        _ = try ComputeName.labels(body["resourceLabels"])
    }

    private static func fill(
        _ body: inout [String: JSONValue], _ path: String, _ call: GoogleCall,
        _ access: GoogleCloudStandIn.ClusterAccess?, _ state: inout GoogleState, _ now: Date
    ) throws {
        let location = call.parameter("location")
        let version = try ContainerVersions.resolve(body["initialClusterVersion"]?.stringValue ?? "")
        let outside = access?.endpoint ?? state.newAddress(isInside: false)
        let certificate = access?.caCertificate ?? ""
        body["name"] = .string(GoogleState.last(path))
        body["id"] = .string(state.newID())
        body["selfLink"] = .string(ContainerOperationShape.base + path)
        body["location"] = .string(location)
        if location.split(separator: "-").count == 3 { body["zone"] = .string(location) }
        body["status"] = "PROVISIONING"
        body["createTime"] = .string(now.rfc3339)
        body["endpoint"] = .string(outside)
        body["masterAuth"] = ["clusterCaCertificate": .string(Data(certificate.utf8).base64EncodedString())]
        body["initialClusterVersion"] = .string(version)
        body["currentMasterVersion"] = .string(version)
        body["currentNodeVersion"] = .string(version)
        body["labelFingerprint"] = GoogleResource.fingerprint([path, "labels"])
        body["clusterIpv4Cidr"] = body["clusterIpv4Cidr"] ?? "10.64.0.0/14"
        body["servicesIpv4Cidr"] = "10.68.0.0/20"
        body["loggingService"] = body["loggingService"] ?? "logging.googleapis.com/kubernetes"
        body["monitoringService"] = body["monitoringService"] ?? "monitoring.googleapis.com/kubernetes"
        body["releaseChannel"] = body["releaseChannel"] ?? ["channel": "REGULAR"]
        body["shieldedNodes"] = body["shieldedNodes"] ?? ["enabled": true]
        if var config = body["privateClusterConfig"]?.objectValue {
            config["publicEndpoint"] = .string(outside)
            config["privateEndpoint"] = .string(state.newAddress(isInside: true))
            body["privateClusterConfig"] = .object(config)
        }
    }

    /// Applies the one update that a request may hold.
    static func apply(_ update: [String: JSONValue], to cluster: inout GoogleResource, _ state: GoogleState) throws {
        let named = update.filter { $0.key != "etag" && $0.key != "desiredNodePoolId" }
        guard named.count == 1, let (name, value) = named.first else {
            throw GoogleError(
                400, "invalid", "Must specify one update at a time, not \(named.keys.sorted().joined(separator: ", "))."
            )
        }
        switch name {
        case "desiredMasterVersion":
            cluster.body["currentMasterVersion"] = .string(try ContainerVersions.resolve(value.plainText))
        case "desiredNodeVersion":
            cluster.body["currentNodeVersion"] = .string(try ContainerVersions.resolve(value.plainText))
        case "desiredLocations": cluster.body["locations"] = value
        case "desiredDefaultEnablePrivateNodes":
            var config = cluster.body["networkConfig"]?.objectValue ?? [:]
            config["defaultEnablePrivateNodes"] = value
            cluster.body["networkConfig"] = .object(config)
        case "desiredReleaseChannel", "desiredWorkloadIdentityConfig", "desiredMasterAuthorizedNetworksConfig",
            "desiredAddonsConfig", "desiredLoggingService", "desiredMonitoringService", "desiredLoggingConfig",
            "desiredMonitoringConfig", "desiredShieldedNodes", "desiredVerticalPodAutoscaling",
            "desiredDatabaseEncryption", "desiredBinaryAuthorization", "desiredPrivateClusterConfig",
            "desiredControlPlaneEndpointsConfig", "desiredSecurityPostureConfig", "desiredCostManagementConfig":
            let member = name.dropFirst("desired".count)
            let key = member.prefix(1).lowercased() + member.dropFirst()
            // A config of several members keeps those that are not named.
            let old = cluster.body[key]?.objectValue ?? [:]
            cluster.body[key] = value.objectValue.map { .object(old.merging($0) { $1 }) } ?? value
            try check(cluster)
        default: throw GoogleError(400, "invalid", "Cluster update \(name) is not supported.")
        }
    }

    private static func check(_ cluster: GoogleResource) throws {
        let project = cluster.path.split(separator: "/")[1]
        if let pool = cluster.body["workloadIdentityConfig"]?["workloadPool"]?.stringValue, !pool.isEmpty,
            pool != "\(project).svc.id.goog"
        {
            throw GoogleError(
                400, "invalid", "Invalid workload pool \"\(pool)\": only \"\(project).svc.id.goog\" is supported.")
        }
    }
}
