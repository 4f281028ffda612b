import Domain
import Foundation

extension ComputeAPI {
    var balancingMethods: [GoogleMethod] {
        memberMethods(instanceGroupKind, add: "addInstances", remove: "removeInstances", permission: "update")
            + memberMethods(targetPoolKind, add: "addInstance", remove: "removeInstance", permission: "addInstance")
            + [listInstancesMethod, namedPortsMethod] + healthMethods + targetMethods + certificateMethods
    }

    private func memberMethods(
        _ kind: ComputeKind, add: String, remove: String, permission: String
    ) -> [GoogleMethod] {
        [(add, true), (remove, false)].map { name, isAdding in
            method(
                kind, name, "POST", "/\(name)",
                permission: isAdding ? permission : permission.replacing("add", with: "remove"),
                also: { call in isAdding ? used(call) : [] }
            ) { call in
                try mutate(call) { try changeMembers(kind, name, isAdding, call, &$0, $1) }
            }
        }
    }

    /// Who puts an instance into a group must be allowed to use it
    /// (cloud.google.com/compute/docs/reference/rest/v1/instanceGroups/addInstances).
    private func used(_ call: GoogleCall) -> [GooglePermission] {
        (call.body["instances"]?.arrayValue ?? []).compactMap { item in
            ComputeReference.path(item["instance"]?.stringValue ?? "", scope: call.scope)
                .map { GooglePermission("compute.instances.use", on: $0) }
        }
    }

    private func changeMembers(
        _ kind: ComputeKind, _ type: String, _ isAdding: Bool, _ call: GoogleCall, _ state: inout GoogleState,
        _ now: Date
    ) throws -> GoogleOperation {
        let path = kind.path(call)
        let group = try state.ready(path, now)
        let named = (call.body["instances"]?.arrayValue ?? []).compactMap { $0["instance"]?.stringValue }
        guard !named.isEmpty else { throw GoogleError.required("instances") }
        let instances = try named.map {
            try ComputeReference.resolve($0, field: "instances[0].instance", scope: call.scope, state)
        }
        let known = state.members[path] ?? []
        for instance in instances where known.contains(instance) == isAdding {
            throw GoogleError(
                400, isAdding ? "memberAlreadyExists" : "invalid",
                "'\(instance)' is \(isAdding ? "already" : "not") a member of '\(path)'")
        }
        return state.begin(type, on: path, id: group.id, call, now) { state, _ in
            var members = (state.members[path] ?? []).filter { !instances.contains($0) }
            if isAdding { members += instances }
            state.members[path] = members
            let all = members
            state.update(path) { group in
                if kind.word == "instanceGroup" {
                    group.body["size"] = .int(Int64(all.count))
                } else {
                    group.body["instances"] = .array(all.map(ComputeReference.json))
                }
            }
        }
    }

    private var listInstancesMethod: GoogleMethod {
        let kind = instanceGroupKind
        return method(kind, "listInstances", "POST", "/listInstances", permission: "list") { call in
            let items = try world.read { state, now -> [JSONValue] in
                let path = kind.path(call)
                _ = try state.found(path, now)
                return (state.members[path] ?? []).map { instance in
                    [
                        "instance": ComputeReference.json(instance),
                        "status": .string(state.resources[instance]?.status ?? "TERMINATED"),
                    ]
                }
            }
            let page = try GooglePage(items, call)
            var members: [String: JSONValue] = [
                "kind": "compute#instanceGroupsListInstances", "items": .array(page.items),
                "id": .string("\(kind.path(call))/listInstances"),
            ]
            if let next = page.next { members["nextPageToken"] = .string(next) }
            return .json(200, .object(members))
        }
    }

    private var namedPortsMethod: GoogleMethod {
        let kind = instanceGroupKind
        return method(kind, "setNamedPorts", "POST", "/setNamedPorts", permission: "update") { call in
            try mutate(call) { state, now in
                let path = kind.path(call)
                let group = try state.ready(path, now)
                let ports = call.body["namedPorts"]
                return state.begin("setNamedPorts", on: path, id: group.id, call, now) { state, _ in
                    state.update(path) { $0.body["namedPorts"] = ports }
                }
            }
        }
    }

    /// Health of what is behind a backend service or a target pool: that of running instances, unless a test says
    /// otherwise.
    private var healthMethods: [GoogleMethod] {
        let services = kinds.filter { $0.word == "backendService" }
        let ofServices = services.map { kind in
            method(kind, "getHealth", "POST", "/getHealth", permission: "get") { call in
                guard let text = try call.text("group") else { throw GoogleError.required("group") }
                return try world.read { state, now in
                    _ = try state.found(kind.path(call), now)
                    let group = try ComputeReference.resolve(text, field: "group", scope: call.scope, state)
                    return .json(
                        200,
                        [
                            "kind": "compute#backendServiceGroupHealth",
                            "healthStatus": .array((state.members[group] ?? []).map(state.health(of:))),
                        ])
                }
            }
        }
        let pool = targetPoolKind
        return ofServices + [
            method(pool, "getHealth", "POST", "/getHealth", permission: "get") { call in
                guard let text = try call.text("instance") else { throw GoogleError.required("instance") }
                return try world.read { state, now in
                    _ = try state.found(pool.path(call), now)
                    let instance = try ComputeReference.resolve(text, field: "instance", scope: call.scope, state)
                    return .json(
                        200,
                        [
                            "kind": "compute#targetPoolInstanceHealth", "healthStatus": [state.health(of: instance)],
                        ])
                }
            }
        ]
    }

    /// What a forwarding rule leads to may be changed in its place.
    private var targetMethods: [GoogleMethod] {
        kinds.filter { $0.word == "forwardingRule" }.map { kind in
            method(kind, "setTarget", "POST", "/setTarget", permission: "setTarget") { call in
                try mutate(call) { state, now in
                    let path = kind.path(call)
                    let rule = try state.ready(path, now)
                    guard let text = try call.text("target") else { throw GoogleError.required("target") }
                    let target = try ComputeReference.resolve(text, field: "target", scope: call.scope, state)
                    return state.begin("setTarget", on: path, id: rule.id, call, now) { state, _ in
                        state.update(path) { $0.body["target"] = ComputeReference.json(target) }
                    }
                }
            }
        }
    }
}

extension GoogleState {
    /// How the health check finds an instance.
    func health(of instance: String) -> JSONValue {
        let isWell = resources[instance]?.status == "RUNNING" && !sick.contains(instance)
        let address = resources[instance]?.body["networkInterfaces"]?.arrayValue?.first?["networkIP"]
        return [
            "instance": ComputeReference.json(instance), "healthState": isWell ? "HEALTHY" : "UNHEALTHY",
            "ipAddress": address ?? "", "port": 80,
        ]
    }
}
