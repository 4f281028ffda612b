import Domain
import Foundation

/// Managed instance groups: as many instances of a template as wanted.
enum ComputeManager {
    /// Instances that one group may have.
    static let most = 1000

    static func prepare(_ state: inout GoogleState, _ draft: ComputeDraft) throws -> ComputeDraft {
        var draft = draft
        if let version = draft.body["versions"]?.arrayValue?.first?["instanceTemplate"],
            draft.body["instanceTemplate"] == nil
        {
            draft.body["instanceTemplate"] = version
        }
        let template = try draft.resolve("instanceTemplate", state)
        draft.body["versions"] = [["instanceTemplate": ComputeReference.json(template)]]
        guard let size = draft.body["targetSize"]?.intValue, (0...most).contains(size) else {
            throw GoogleError.required("resource.targetSize")
        }
        draft.fill("baseInstanceName", .string(draft.text("name") ?? "instance"))
        let group = draft.path.replacing("/instanceGroupManagers/", with: "/instanceGroups/")
        draft.body["instanceGroup"] = ComputeReference.json(group)
        draft.fill("updatePolicy", ["type": "OPPORTUNISTIC", "minimalAction": "REPLACE"])
        draft.body["status"] = ["isStable": false]
        draft.body["currentActions"] = actions(none: 0, creating: size)
        let (id, now, scope) = (state.newID(), draft.now, draft.call.scope)
        draft.onEnd = { state, _ in
            state.resources[group] = GoogleResource(
                path: group,
                body: [
                    "kind": "compute#instanceGroup", "id": .string(id), "name": .string(GoogleState.last(group)),
                    "selfLink": ComputeReference.json(group), "zone": ComputeReference.json(scope), "size": 0,
                    "creationTimestamp": .string(ComputeOperationShape.time(now)),
                    "fingerprint": GoogleResource.fingerprint([id]),
                ], isReady: true, visibleFrom: now)
        }
        return draft
    }

    private static func actions(none: Int, creating: Int) -> JSONValue {
        var all: [String: JSONValue] = [:]
        for name in [
            "abandoning", "creatingWithoutRetries", "deleting", "recreating", "refreshing", "restarting", "verifying",
        ] {
            all[name] = 0
        }
        all["none"] = .int(Int64(none))
        all["creating"] = .int(Int64(creating))
        return .object(all)
    }

    static func members(of manager: String, _ state: GoogleState) -> [String] {
        state.members[manager.replacing("/instanceGroupManagers/", with: "/instanceGroups/")] ?? []
    }

    /// Makes and deletes instances until there are as many as wanted.
    static func adjust(_ manager: String, _ state: inout GoogleState, _ now: Date) {
        guard let resource = state.resources[manager] else { return }
        let wanted = min(resource.body["targetSize"]?.intValue ?? 0, most)
        var all = members(of: manager, state)
        while all.count > wanted { remove(all.removeLast(), &state) }
        let base = resource.body["baseInstanceName"]?.stringValue ?? "instance"
        let zone = ComputeReference.scope(of: manager)
        while all.count < wanted {
            let path = "\(zone)/instances/\(base)-\(suffix(state.newNumber()))"
            make(path, of: resource, &state, now)
            all.append(path)
        }
        let members = all
        let group = manager.replacing("/instanceGroupManagers/", with: "/instanceGroups/")
        state.members[group] = members
        state.update(group) { $0.body["size"] = .int(Int64(members.count)) }
        state.update(manager) { manager in
            manager.body["status"] = ["isStable": true]
            manager.body["currentActions"] = actions(none: members.count, creating: 0)
        }
    }

    /// Four letters and digits, as Google's.
    private static func suffix(_ number: Int) -> String {
        let text = String(number &* 7919 % 1_679_616, radix: 36)
        return String(repeating: "0", count: max(4 - text.count, 0)) + text
    }

    private static func make(_ path: String, of manager: GoogleResource, _ state: inout GoogleState, _ now: Date) {
        let link = manager.body["instanceTemplate"]?.stringValue ?? ""
        let template = ComputeReference.path(link, scope: path).flatMap { state.resources[$0] }
        let zone = ComputeReference.scope(of: path)
        var body = ComputeInstance.spread(template?.body["properties"]?.objectValue ?? [:], zone: zone)
        let machine = body["machineType"]?.stringValue ?? ""
        body["machineType"] = ComputeReference.path(machine, scope: path).map(ComputeReference.json) ?? .string(machine)
        let id = state.newID()
        body.merge([
            "kind": "compute#instance", "id": .string(id), "name": .string(GoogleState.last(path)),
            "selfLink": ComputeReference.json(path), "zone": ComputeReference.json(zone), "status": "PROVISIONING",
            "creationTimestamp": .string(ComputeOperationShape.time(now)),
            "labelFingerprint": GoogleResource.fingerprint([id, "labels"]),
        ]) { $1 }
        body["disks"] = []
        body["tags"] = ComputeInstance.tags(body["tags"], version: "1", of: path)
        body["metadata"] = ComputeInstance.metadata(body["metadata"], version: "1", of: path)
        state.resources[path] = GoogleResource(path: path, body: body, isReady: true, visibleFrom: now)
        state.boot(path, now)
    }

    private static func remove(_ instance: String, _ state: inout GoogleState) { state.resources[instance] = nil }

    /// An instance is made anew from the template of now, under its name.
    static func remake(_ instance: String, of manager: String, _ state: inout GoogleState, _ now: Date) {
        guard members(of: manager, state).contains(instance), let resource = state.resources[manager] else { return }
        remove(instance, &state)
        make(instance, of: resource, &state, now)
    }

    /// With the group go its instances.
    static func leave(_ manager: String, _ state: inout GoogleState, _ now: Date) {
        let group = manager.replacing("/instanceGroupManagers/", with: "/instanceGroups/")
        for instance in state.members[group] ?? [] { remove(instance, &state) }
        state.members[group] = nil
        state.resources[group] = nil
    }

    static func checkPolicy(_ body: [String: JSONValue]) throws {
        guard let most = body["autoscalingPolicy"]?["maxNumReplicas"]?.intValue else {
            throw GoogleError.required("resource.autoscalingPolicy.maxNumReplicas")
        }
        let least = body["autoscalingPolicy"]?["minNumReplicas"]?.intValue ?? 1
        guard (0...most).contains(least) else {
            throw GoogleError.invalid(
                "resource.autoscalingPolicy.minNumReplicas", String(least),
                "Must be from 0 to maxNumReplicas (\(most)).")
        }
    }

    /// The group has no fewer and no more instances than its autoscaler allows.
    static func scale(_ autoscaler: String, _ state: inout GoogleState, _ now: Date) {
        guard let body = state.resources[autoscaler]?.body, let policy = body["autoscalingPolicy"],
            let manager = ComputeReference.path(body["target"]?.stringValue ?? "", scope: autoscaler),
            let size = state.resources[manager]?.body["targetSize"]?.intValue
        else { return }
        let least = policy["minNumReplicas"]?.intValue ?? 1
        let wanted = min(max(size, least), policy["maxNumReplicas"]?.intValue ?? size)
        guard wanted != size else { return }
        state.update(manager) { $0.body["targetSize"] = .int(Int64(wanted)) }
        adjust(manager, &state, now)
    }
}
