import Domain

extension HetznerServer {
    func body(_ names: HetznerNames) async throws -> [String: JSONValue] {
        var network: [String: JSONValue] = ["enable_ipv4": .bool(hasIPv4), "enable_ipv6": .bool(hasIPv6)]
        if let primaryIP { network["ipv4"] = .int(Int64(try await names.id(.primaryIP, primaryIP))) }
        var body: [String: JSONValue] = [
            "server_type": .string(type), "image": .string(image),
            "location": .string(try names.client.location(location)), "public_net": .object(network),
            "start_after_create": .bool(!isStartedLater),
        ]
        if let placementGroup {
            body["placement_group"] = .int(Int64(try await names.id(.placementGroup, placementGroup)))
        }
        if !sshKeys.isEmpty { body["ssh_keys"] = Field.strings(sshKeys) }
        var ids: [JSONValue] = []
        for attachment in networks { ids.append(.int(Int64(try await names.id(.network, attachment.network)))) }
        if !isStartedLater, !ids.isEmpty { body["networks"] = .array(ids) }
        var walls: [JSONValue] = []
        for name in firewalls { walls.append(["firewall": .int(Int64(try await names.id(.firewall, name)))]) }
        if !walls.isEmpty { body["firewalls"] = .array(walls) }
        if let text = try userData.text(names.client, for: title) { body["user_data"] = .string(text) }
        return body
    }

    func fields(_ names: HetznerNames) async throws -> [WantedField] {
        var fields = [
            WantedField(
                name: "type", wanted: .string(type), present: Field.value("server_type.name"),
                change: .replacement(hint: "hetzner.server-rescale stops it, changes the type and starts it")),
            imageField, HetznerPlace.field(try names.client.location(location)),
        ]
        if let placementGroup {
            let id = try await names.known(.placementGroup, placementGroup)
            fields.append(
                WantedField(
                    name: "placement_group", wanted: .string(placementGroup),
                    present: { HetznerReference.shown($0.at(path: "placement_group.id"), placementGroup, id) },
                    change: .replacement(hint: "power it off, and put it into the group in Hetzner's console")))
        }
        if let primaryIP {
            let id = try await names.known(.primaryIP, primaryIP)
            fields.append(
                WantedField(
                    name: "primary_ip", wanted: .string(primaryIP),
                    present: { HetznerReference.shown($0.at(path: "public_net.ipv4.id"), primaryIP, id) },
                    change: .replacement(hint: "power it off, and give it the address in Hetzner's console")))
        }
        if !networks.isEmpty { fields.append(try await networkField(names)) }
        if !firewalls.isEmpty { fields.append(try await firewallField(names)) }
        fields.append(protectionField)
        if isStartedLater { fields.append(startField) }
        return fields
    }

    /// An image that Hetzner does not show any more is as good as the right one.
    private var imageField: WantedField {
        WantedField(
            name: "image", wanted: .string(image),
            present: { [image] thing in
                let number = thing.at(path: "image.id")?.intValue.map { String($0) }
                if number == image { return .string(image) }
                return thing.at(path: "image.name") ?? .null
            },
            change: .replacement(hint: "hetzner.server-rebuild makes it anew of an image, and its disk's content goes"),
            isSame: { present, wanted in present == .null || present == wanted })
    }

    private func networkField(_ names: HetznerNames) async throws -> WantedField {
        var ids: [String: Int] = [:]
        for attachment in networks { ids[attachment.network] = try await names.known(.network, attachment.network) }
        let (known, wanted) = (ids, networks)
        /// Its address in a network; nil when it is not in it.
        @Sendable func address(_ attachment: Attachment, _ thing: JSONValue) -> String? {
            guard let id = known[attachment.network] else { return nil }
            return (thing["private_net"]?.arrayValue ?? []).first { $0["network"]?.intValue == id }?["ip"]?.stringValue
        }
        return WantedField(
            name: "networks", wanted: Field.strings(wanted.map(\.words)),
            present: { thing in
                Field.strings(
                    wanted.compactMap { attachment in
                        address(attachment, thing).map {
                            attachment.address == nil ? attachment.network : "\(attachment.network) \($0)"
                        }
                    })
            },
            change: .call { thing, path in
                guard let missing = wanted.first(where: { address($0, thing) == nil }), let id = known[missing.network]
                else { return nil }
                var body: [String: JSONValue] = ["network": .int(Int64(id))]
                if let address = missing.address { body["ip"] = .string(address) }
                return .action("attach_to_network", of: path, .object(body))
            })
    }

    private func firewallField(_ names: HetznerNames) async throws -> WantedField {
        var ids: [String: Int] = [:]
        for name in firewalls { ids[name] = try await names.known(.firewall, name) }
        let (known, wanted) = (ids, firewalls)
        @Sendable func has(_ name: String, _ thing: JSONValue) -> Bool {
            let there = (thing.at(path: "public_net.firewalls")?.arrayValue ?? []).compactMap { $0["id"]?.intValue }
            return known[name].map(there.contains) ?? false
        }
        return WantedField(
            name: "firewalls", wanted: Field.strings(wanted),
            present: { thing in Field.strings(wanted.filter { has($0, thing) }) },
            change: .call { thing, _ in
                guard let missing = wanted.first(where: { !has($0, thing) }), let wall = known[missing],
                    let id = thing["id"]
                else { return nil }
                return .action(
                    "apply_to_resources", of: "firewalls/\(wall)",
                    ["apply_to": [["type": "server", "server": ["id": id]]]])
            })
    }

    /// Hetzner wants both to be the same.
    private var protectionField: WantedField {
        let wanted = JSONValue.bool(isProtected)
        return WantedField(
            name: "delete_protection", wanted: wanted, present: Field.value("protection.delete", usual: false),
            change: .call { _, path in .action("change_protection", of: path, ["delete": wanted, "rebuild": wanted]) })
    }

    /// The first start, once it has its address; later it is nobody's business here whether it runs.
    private var startField: WantedField {
        WantedField(
            name: "start", wanted: "",
            present: { $0["labels"]?[HetznerMark.start] == nil ? "" : "pending" },
            change: .call { thing, path in
                thing["status"] == "off"
                    ? .action("poweron", of: path)
                    : HetznerMark.labelling(path, thing, adding: [:], without: HetznerMark.start)
            }, words: { _, _ in "started" })
    }
}
