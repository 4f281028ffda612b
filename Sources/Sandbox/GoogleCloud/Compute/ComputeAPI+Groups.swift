import Domain
import Foundation

extension ComputeAPI {
    /// Instance templates, managed instance groups, autoscalers.
    var groupKinds: [ComputeKind] { [templateKind, managerKind, autoscalerKind] }

    private var templateKind: ComputeKind {
        ComputeKind("instanceTemplates", "instanceTemplate", .global).with { kind in
            kind.prepare = { _, draft in
                guard let properties = draft.body["properties"]?.objectValue else {
                    throw GoogleError.required("resource.properties")
                }
                guard properties["machineType"]?.stringValue != nil else {
                    throw GoogleError.required("resource.properties.machineType")
                }
                return draft
            }
            kind.users = { state, template in state.referring(to: template.path, in: ["instanceGroupManagers"]) }
        }
    }

    var managerKind: ComputeKind {
        ComputeKind(
            "instanceGroupManagers", "instanceGroupManager", .zone,
            [.get, .list, .aggregatedList, .insert, .delete, .patch]
        ).with { kind in
            kind.isFingerprinted = true
            kind.patchable = [
                "description", "targetSize", "instanceTemplate", "versions", "namedPorts", "autoHealingPolicies",
                "updatePolicy", "statefulPolicy",
            ]
            kind.prepare = { try ComputeManager.prepare(&$0, $1) }
            kind.settled = { state, path, now in ComputeManager.adjust(path, &state, now) }
            kind.users = { state, manager in
                let group = manager.path.replacing("/instanceGroupManagers/", with: "/instanceGroups/")
                return state.referring(to: group, in: ["backendServices"])
                    + state.referring(to: manager.path, in: ["autoscalers"])
            }
            kind.leaves = { state, manager, now in ComputeManager.leave(manager.path, &state, now) }
        }
    }

    private var autoscalerKind: ComputeKind {
        ComputeKind("autoscalers", "autoscaler", .zone, [.get, .list, .aggregatedList, .insert, .delete]).with { kind in
            kind.status = ("PENDING", "ACTIVE")
            kind.prepare = { state, draft in
                var draft = draft
                _ = try draft.resolve("target", state)
                try ComputeManager.checkPolicy(draft.body)
                return draft
            }
            kind.settled = { state, path, now in ComputeManager.scale(path, &state, now) }
        }
    }

    var groupMethods: [GoogleMethod] {
        let kind = managerKind
        return [
            method(kind, "resize", "POST", "/resize", permission: "update") { call in
                guard let text = call.query("size"), let size = Int(text), size >= 0 else {
                    throw GoogleError.invalid("size", call.query("size") ?? "", "Must be a whole number.")
                }
                return try change(call, "resize") { $0.body["targetSize"] = .int(Int64(size)) }
            },
            method(kind, "setInstanceTemplate", "POST", "/setInstanceTemplate", permission: "update") { call in
                guard let text = try call.text("instanceTemplate") else {
                    throw GoogleError.required("instanceTemplate")
                }
                let template = try world.read { state, _ in
                    try ComputeReference.resolve(text, field: "instanceTemplate", scope: call.scope, state)
                }
                return try change(call, "setInstanceTemplate") {
                    $0.body["instanceTemplate"] = ComputeReference.json(template)
                    $0.body["versions"] = [["instanceTemplate": ComputeReference.json(template)]]
                }
            },
            method(kind, "recreateInstances", "POST", "/recreateInstances", permission: "update") { call in
                try recreate(call)
            },
            method(kind, "listManagedInstances", "POST", "/listManagedInstances", permission: "get") { call in
                try managedInstances(call)
            },
        ] + autoscalerMethods
    }

    private func change(
        _ call: GoogleCall, _ type: String, _ body: @escaping @Sendable (inout GoogleResource) -> Void
    ) throws -> SandboxAnswer {
        try mutate(call) { state, now in
            let path = managerKind.path(call)
            let manager = try state.ready(path, now)
            return state.begin(type, on: path, id: manager.id, call, now) { state, now in
                state.update(path, body)
                ComputeManager.adjust(path, &state, now)
            }
        }
    }

    private func recreate(_ call: GoogleCall) throws -> SandboxAnswer {
        try mutate(call) { state, now in
            let path = managerKind.path(call)
            let manager = try state.ready(path, now)
            let instances = try (call.body["instances"]?.arrayValue ?? []).map {
                try ComputeReference.resolve($0.plainText, field: "instances[0]", scope: call.scope, state)
            }
            return state.begin("recreateInstances", on: path, id: manager.id, call, now) { state, now in
                for instance in instances { ComputeManager.remake(instance, of: path, &state, now) }
            }
        }
    }

    private func managedInstances(_ call: GoogleCall) throws -> SandboxAnswer {
        let items = try world.read { state, now -> [JSONValue] in
            let path = managerKind.path(call)
            _ = try state.found(path, now)
            let template = state.resources[path]?.body["instanceTemplate"] ?? ""
            return ComputeManager.members(of: path, state).map { instance in
                [
                    "instance": ComputeReference.json(instance), "id": .string(state.resources[instance]?.id ?? "0"),
                    "instanceStatus": .string(state.resources[instance]?.status ?? "STOPPED"), "currentAction": "NONE",
                    "name": .string(GoogleState.last(instance)), "version": ["instanceTemplate": template],
                ]
            }
        }
        let page = try GooglePage(items, call)
        var members: [String: JSONValue] = ["managedInstances": .array(page.items)]
        if let next = page.next { members["nextPageToken"] = .string(next) }
        return .json(200, .object(members))
    }

    /// An autoscaler is changed at its collection, and named by a parameter or in the body.
    private var autoscalerMethods: [GoogleMethod] {
        let kind = autoscalerKind
        return [("patch", "PATCH"), ("update", "PUT")].map { word, verb in
            GoogleMethod(
                "compute.autoscalers.\(word)", verb, kind.path,
                permissions: { [GooglePermission("compute.autoscalers.update", on: kind.collection($0))] }
            ) { call in
                try mutate(call) { state, now in
                    let name = call.query("autoscaler") ?? call.body["name"]?.stringValue ?? ""
                    let path = "\(kind.collection(call))/\(name)"
                    let changing = kind.with { kind in
                        kind.patchable = ["autoscalingPolicy", "description"]
                        kind.check = { _, _, body in try ComputeManager.checkPolicy(body) }
                    }
                    return try change(changing, word, path, call, isWhole: verb == "PUT", &state, now)
                }
            }
        }
    }
}
