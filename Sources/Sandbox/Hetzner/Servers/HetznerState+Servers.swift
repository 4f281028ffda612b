import Domain
import Foundation

extension HetznerState {
    /// Servers that one spread placement group may hold.
    static let mostSpread = 10

    @discardableResult
    mutating func start(_ server: HetznerReference, after: HetznerAction? = nil, now: Date) -> HetznerAction {
        begin("start_server", on: server, after: after, now: now) { state, _ in
            guard state[server]?.status != "running" else { return }
            state.runs(server)
        } onStart: { state, _ in
            guard state[server]?.status != "running" else { return }
            state.update(server) { $0.body["status"] = "starting" }
        } onFailure: { state, _ in
            state.update(server) { $0.body["status"] = "off" }
        }
    }

    mutating func stop(_ server: HetznerReference, now: Date) -> HetznerAction {
        begin("stop_server", on: server, now: now) { state, _ in
            state.update(server) { $0.body["status"] = "off" }
        } onStart: { state, _ in
            guard state[server]?.status == "running" else { return }
            state.update(server) { $0.body["status"] = "stopping" }
        }
    }

    /// The machine runs from its beginning.
    mutating func runs(_ server: HetznerReference) {
        update(server) { $0.body["status"] = "running" }
        if let resource = self[server] { events.append(.running(shown(resource))) }
    }

    /// A server goes; what was its own goes with it, the rest is free.
    mutating func remove(server: HetznerReference) {
        guard let resource = self[server] else { return }
        let shown = shown(resource)
        let id = JSONValue.int(Int64(server.id))
        for volume in all(.volumes) where volume.body["server"] == id {
            update(volume.reference) { $0.body["server"] = .null }
        }
        for address in all(.floatingIPs) where address.body["server"] == id {
            update(address.reference) { $0.body["server"] = .null }
        }
        for address in all(.primaryIPs) where address.body["assignee_id"] == id {
            if address.body["auto_delete"] == true {
                self[address.reference] = nil
            } else {
                update(address.reference) { $0.body["assignee_id"] = .null }
            }
        }
        for firewall in all(.firewalls) { forget(server.id, in: firewall.reference, "applied_to") }
        for balancer in all(.loadBalancers) { forget(server.id, in: balancer.reference, "targets") }
        for image in all(.images) where image.body["bound_to"] == id { self[image.reference] = nil }
        self[server] = nil
        userData[server.id] = nil
        sick.remove(server.id)
        events.append(.gone(shown))
    }

    private mutating func forget(_ server: Int, in reference: HetznerReference, _ member: String) {
        update(reference) { resource in
            resource.body[member] = .array(
                resource.list(member).filter { $0.at(path: "server.id") != .int(Int64(server)) })
        }
    }

    static func checkStopped(_ server: HetznerResource) throws {
        guard server.status == "off" else {
            throw HetznerError(422, "server_not_stopped", "server must be stopped")
        }
    }

    /// Another type: never with a smaller disk.
    mutating func change(
        _ server: HetznerResource, to type: HetznerResource, upgradesDisk: Bool, now: Date
    ) throws -> HetznerAction {
        try HetznerState.checkStopped(server)
        let old = resources[.serverTypes]?[server.links["server_type"] ?? 0]
        guard type.id != old?.id, type.text("architecture") == old?.text("architecture") else {
            throw HetznerError(422, "invalid_server_type", "server type does not fit for the given server")
        }
        guard type.number("disk") >= server.number("primary_disk_size") else {
            throw HetznerError(
                422, "invalid_server_type",
                "server type has a disk of \(type.number("disk")) GB, smaller than the server's of "
                    + "\(server.number("primary_disk_size")) GB")
        }
        try checkRoom(at: server.links["location"] ?? 0, for: "servers")
        update(server.reference) { $0.body["status"] = "migrating" }
        return begin("change_server_type", on: server.reference, now: now) { state, _ in
            state.update(server.reference) { server in
                server.body["status"] = "off"
                server.links["server_type"] = type.id
                if upgradesDisk { server.body["primary_disk_size"] = type.body["disk"] }
            }
        } onFailure: { state, _ in
            state.update(server.reference) { $0.body["status"] = "off" }
        }
    }

    /// Throws `resource_unavailable` when a location has nothing more to give.
    func checkRoom(at location: Int, for words: String) throws {
        guard failures.exhausted.contains(resources[.locations]?[location]?.name ?? "") else { return }
        throw HetznerError.exhausted(words)
    }

    /// Throws `placement_error` when a group is full.
    func checkRoom(in group: HetznerResource) throws {
        let count = all(.servers).count { $0.links["placement_group"] == group.id }
        guard count >= HetznerState.mostSpread else { return }
        throw HetznerError(
            422, "placement_error", "placement group '\(group.name)' has \(HetznerState.mostSpread) servers already")
    }

    /// The image that a request names, for a type's processor.
    func image(_ value: JSONValue, of type: Int?) throws -> HetznerResource {
        let architecture = resources[.serverTypes]?[type ?? 0]?.text("architecture") ?? "x86"
        let text = value.plainText
        let all = all(.images)
        guard
            let image = all.first(where: { String($0.id) == text })
                ?? all.first(where: { $0.name == text && $0.text("architecture") == architecture })
        else { throw HetznerError.invalid("image", "image '\(text)' not found") }
        guard image.text("architecture") == architecture else {
            throw HetznerError(422, "service_error", "the server type is not supported by the image")
        }
        guard image.status == "available" else { throw HetznerError.invalid("image", "image is not available") }
        return image
    }
}
