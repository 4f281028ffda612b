import Domain
import Foundation

/// What Google makes of a new instance.
enum ComputeInstance {
    /// Disks that one instance may have.
    static let mostDisks = 128

    static func prepare(_ state: inout GoogleState, _ draft: ComputeDraft) throws -> ComputeDraft {
        var draft = draft
        if draft.call.query("sourceInstanceTemplate") != nil { try template(&draft, state) }
        let machine = try draft.resolve("machineType", state)
        try accelerators(&draft, state, machine)
        _ = try ComputeName.labels(draft.body["labels"])
        try networks(&draft, &state)
        try state.checkQuota("INSTANCES", of: draft.path, adding: 1)
        try disks(&draft, &state)
        let id = draft.path
        draft.body["tags"] = tags(draft.body["tags"], version: "1", of: id)
        draft.body["metadata"] = metadata(draft.body["metadata"], version: "1", of: id)
        draft.fill("canIpForward", false)
        draft.fill("deletionProtection", false)
        draft.fill("startRestricted", false)
        draft.fill("cpuPlatform", "Intel Broadwell")
        draft.fill(
            "scheduling",
            [
                "automaticRestart": true, "onHostMaintenance": "MIGRATE", "preemptible": false,
                "provisioningModel": "STANDARD",
            ])
        draft.fill(
            "shieldedInstanceConfig",
            ["enableSecureBoot": false, "enableVtpm": true, "enableIntegrityMonitoring": true])
        draft.body["fingerprint"] = GoogleResource.fingerprint([draft.path, "1"])
        begins(&draft)
        return draft
    }

    /// From PROVISIONING over STAGING to RUNNING, unless there is no room.
    private static func begins(_ draft: inout ComputeDraft) {
        let path = draft.path
        draft.onStart = { state, _ in
            state.update(path) { $0.body["status"] = "STAGING" }
            for disk in attached(to: path, state) { state.makeReady(disk) }
        }
        draft.onEnd = { state, now in
            do {
                try state.checkRoom(path)
            } catch {
                for disk in attached(to: path, state) { state.detach(disk, from: path, deletes: true) }
                throw error
            }
            state.boot(path, now)
        }
    }

    static func attached(to instance: String, _ state: GoogleState) -> [String] {
        (state.resources[instance]?.body["disks"]?.arrayValue ?? []).compactMap { disk in
            disk["source"]?.stringValue.flatMap { ComputeReference.path($0, scope: instance) }
        }
    }

    private static func template(_ draft: inout ComputeDraft, _ state: GoogleState) throws {
        let text = draft.call.query("sourceInstanceTemplate") ?? ""
        let path = try ComputeReference.resolve(text, field: "sourceInstanceTemplate", scope: draft.call.scope, state)
        let properties = state.resources[path]?.body["properties"]?.objectValue ?? [:]
        draft.body = spread(properties, zone: draft.call.scope).merging(draft.body) { $1 }
    }

    /// A template's properties as an instance's members: types are named there by their last part alone.
    static func spread(_ properties: [String: JSONValue], zone: String) -> [String: JSONValue] {
        var body = properties
        if let machine = properties["machineType"]?.stringValue, !machine.contains("/") {
            body["machineType"] = .string("\(zone)/machineTypes/\(machine)")
        }
        body["disks"] = properties["disks"]?.arrayValue.map { disks in
            .array(
                disks.map { disk in
                    guard var members = disk.objectValue, var made = members["initializeParams"]?.objectValue,
                        let type = made["diskType"]?.stringValue, !type.contains("/")
                    else { return disk }
                    made["diskType"] = .string("\(zone)/diskTypes/\(type)")
                    members["initializeParams"] = .object(made)
                    return .object(members)
                })
        }
        return body
    }

    private static func accelerators(_ draft: inout ComputeDraft, _ state: GoogleState, _ machine: String) throws {
        let asked = draft.body["guestAccelerators"]?.arrayValue ?? []
        for accelerator in asked {
            let text = accelerator["acceleratorType"]?.stringValue ?? ""
            _ = try ComputeReference.resolve(
                text, field: "resource.guestAccelerators[0].acceleratorType", scope: draft.call.scope, state)
        }
        guard !asked.isEmpty || state.resources[machine]?.body["accelerators"] != nil else { return }
        guard draft.body["scheduling"]?["onHostMaintenance"] == "TERMINATE" else {
            throw GoogleError(
                400, "badRequest",
                "[\(draft.text("name") ?? "")] features are not compatible for creating instance. Instances with guest "
                    + "accelerators do not support live migration.")
        }
    }

    private static func networks(_ draft: inout ComputeDraft, _ state: inout GoogleState) throws {
        guard let interfaces = draft.body["networkInterfaces"]?.arrayValue, !interfaces.isEmpty else {
            throw GoogleError(400, "required", "Required field 'resource.networkInterfaces' not specified")
        }
        var result: [JSONValue] = []
        for (index, interface) in interfaces.enumerated() {
            var members = interface.objectValue ?? [:]
            let field = "resource.networkInterfaces[\(index)]"
            let (network, range) = try place(&members, field, draft, state)
            members["network"] = ComputeReference.json(network)
            members["kind"] = "compute#networkInterface"
            members["name"] = .string("nic\(index)")
            members["stackType"] = members["stackType"] ?? "IPV4_ONLY"
            members["fingerprint"] = GoogleResource.fingerprint([draft.path, "nic\(index)"])
            let number = UInt32(truncatingIfNeeded: state.newNumber() % 200 + 2)
            members["networkIP"] =
                members["networkIP"] ?? .string(range?.address(number) ?? state.newAddress(isInside: true))
            members["accessConfigs"] = try access(members["accessConfigs"], field, &state, draft)
            result.append(.object(members))
        }
        draft.body["networkInterfaces"] = .array(result)
    }

    private static func place(
        _ members: inout [String: JSONValue], _ field: String, _ draft: ComputeDraft, _ state: GoogleState
    ) throws -> (network: String, range: IPv4Range?) {
        if let text = members["subnetwork"]?.stringValue {
            let path = try ComputeReference.resolve(
                text, field: "\(field).subnetwork", scope: draft.call.scope, state)
            guard ComputeReference.region(of: path) == ComputeReference.region(of: draft.path) else {
                throw GoogleError.invalid("\(field).subnetwork", text, "The subnetwork is in another region.")
            }
            members["subnetwork"] = ComputeReference.json(path)
            let body = state.resources[path]?.body ?? [:]
            let network = ComputeReference.path(body["network"]?.stringValue ?? "", scope: path) ?? ""
            return (network, IPv4Range(body["ipCidrRange"]?.stringValue ?? ""))
        }
        let text = members["network"]?.stringValue ?? "global/networks/default"
        let path = try ComputeReference.resolve(text, field: "\(field).network", scope: draft.call.scope, state)
        guard state.resources[path]?.body["autoCreateSubnetworks"] == true else {
            throw GoogleError.invalid(
                "\(field).subnetwork", "", "Subnetwork should be specified for custom subnetmode network")
        }
        return (path, nil)
    }

    private static func access(
        _ configs: JSONValue?, _ field: String, _ state: inout GoogleState, _ draft: ComputeDraft
    ) throws -> JSONValue? {
        guard let configs = configs?.arrayValue else { return nil }
        var result: [JSONValue] = []
        for config in configs {
            var members = config.objectValue ?? [:]
            members["kind"] = "compute#accessConfig"
            members["type"] = members["type"] ?? "ONE_TO_ONE_NAT"
            members["name"] = members["name"] ?? "external-nat"
            members["networkTier"] = members["networkTier"] ?? "PREMIUM"
            if let address = members["natIP"]?.stringValue {
                let reserved = state.resources.values.first {
                    $0.body["kind"] == "compute#address" && $0.body["address"]?.stringValue == address
                }
                guard let reserved else {
                    throw GoogleError.invalid(
                        "\(field).accessConfigs[0].natIP", address, "The specified external IP address was not found.")
                }
                if let user = reserved.body["users"]?.arrayValue?.first?.stringValue {
                    throw GoogleError.inUse(reserved.path, by: String(user.dropFirst(ComputeReference.base.count)))
                }
                state.use(reserved.path, by: draft.path, true)
            } else {
                members["natIP"] = .string(state.newAddress(isInside: false))
            }
            result.append(.object(members))
        }
        return .array(result)
    }

    private static func disks(_ draft: inout ComputeDraft, _ state: inout GoogleState) throws {
        guard let disks = draft.body["disks"]?.arrayValue, !disks.isEmpty else {
            throw GoogleError(
                400, "required", "Invalid value for field 'resource.disks': ''. At least one disk is required.")
        }
        guard disks.count <= mostDisks else {
            throw GoogleError.invalid("resource.disks", "\(disks.count)", "At most \(mostDisks) disks are allowed.")
        }
        guard disks[0]["boot"] == true else {
            throw GoogleError.invalid("resource.disks[0].boot", "false", "The first disk must be the boot disk.")
        }
        var result: [JSONValue] = []
        for (index, disk) in disks.enumerated() {
            result.append(try ComputeAttachment.attach(disk, index: index, to: draft, &state))
        }
        draft.body["disks"] = .array(result)
    }

    static func tags(_ value: JSONValue?, version: String, of path: String) -> JSONValue {
        var members = value?.objectValue ?? [:]
        members["fingerprint"] = GoogleResource.fingerprint([path, "tags", version])
        return .object(members)
    }

    static func metadata(_ value: JSONValue?, version: String, of path: String) -> JSONValue {
        var members = value?.objectValue ?? [:]
        members["kind"] = "compute#metadata"
        members["fingerprint"] = GoogleResource.fingerprint([path, "metadata", version])
        return .object(members)
    }
}
