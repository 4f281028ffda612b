import Domain
import Foundation

extension ComputeAPI {
    /// Labels, metadata, tags, scheduling, deletion protection, service account.
    var settingMethods: [GoogleMethod] {
        let kind = instanceKind
        return [
            method(kind, "setLabels", "POST", "/setLabels", permission: "setLabels") { call in
                try mutate(call) { try setLabels(kind, kind.path(call), call, &$0, $1) }
            },
            method(kind, "setMetadata", "POST", "/setMetadata", permission: "setMetadata") { call in
                try mutate(call) { try setMarked("metadata", kind.path(call), call, &$0, $1) }
            },
            method(kind, "setTags", "POST", "/setTags", permission: "setTags") { call in
                try mutate(call) { try setMarked("tags", kind.path(call), call, &$0, $1) }
            },
            method(kind, "setScheduling", "POST", "/setScheduling", permission: "setScheduling") { call in
                let body = call.body
                return try set("setScheduling", call) { instance in
                    let old = instance.body["scheduling"]?.objectValue ?? [:]
                    instance.body["scheduling"] = .object(old.merging(body) { $1 })
                }
            },
            method(
                kind, "setDeletionProtection", "POST", "/setDeletionProtection", permission: "setDeletionProtection",
                parameter: "resource"
            ) { call in
                let isOn = call.query("deletionProtection") != "false"
                return try set("setDeletionProtection", call, parameter: "resource") { instance in
                    instance.body["deletionProtection"] = .bool(isOn)
                }
            },
            method(
                kind, "setServiceAccount", "POST", "/setServiceAccount", permission: "setServiceAccount",
                also: { call in
                    let email = call.body["email"]?.stringValue ?? "default"
                    return [
                        GooglePermission(
                            "iam.serviceAccounts.actAs", on: "projects/\(call.project)/serviceAccounts/\(email)")
                    ]
                }
            ) { call in
                let account = JSONValue.object(call.body)
                return try set("setServiceAccount", call, onlyStopped: true) { instance in
                    instance.body["serviceAccounts"] = [account]
                }
            },
        ]
    }

    private func set(
        _ type: String, _ call: GoogleCall, parameter: String? = nil, onlyStopped: Bool = false,
        _ body: @escaping @Sendable (inout GoogleResource) -> Void
    ) throws -> SandboxAnswer {
        try mutate(call) { state, now in
            let path = instanceKind.path(call, parameter)
            let instance = try state.ready(path, now)
            guard !onlyStopped || instance.status == "TERMINATED" else {
                throw GoogleError(
                    400, "badRequest",
                    "Invalid resource usage: 'The instance must be stopped before the service account can be changed.'."
                )
            }
            return state.begin(type, on: path, id: instance.id, call, now) { state, _ in state.update(path, body) }
        }
    }

    /// Tags and metadata carry the fingerprint of what they replace.
    private func setMarked(
        _ member: String, _ path: String, _ call: GoogleCall, _ state: inout GoogleState, _ now: Date
    ) throws -> GoogleOperation {
        let instance = try state.found(path, now)
        guard let given = call.body["fingerprint"] else { throw GoogleError.required("resource.fingerprint") }
        guard given == instance.body[member]?["fingerprint"] else { throw GoogleError.invalidFingerprint }
        let value = JSONValue.object(call.body)
        let type = member == "tags" ? "setTags" : "setMetadata"
        return state.begin(type, on: path, id: instance.id, call, now) { state, _ in
            state.update(path) { instance in
                let version = String(instance.version + 1)
                instance.body[member] =
                    member == "tags"
                    ? ComputeInstance.tags(value, version: version, of: path)
                    : ComputeInstance.metadata(value, version: version, of: path)
            }
        }
    }

    /// Disks of instances that are there.
    var attachmentMethods: [GoogleMethod] {
        let kind = instanceKind
        return [
            method(
                kind, "attachDisk", "POST", "/attachDisk", permission: "attachDisk",
                also: { call in
                    let disk = ComputeReference.path(call.body["source"]?.stringValue ?? "", scope: call.scope)
                    return disk.map { [GooglePermission("compute.disks.use", on: $0)] } ?? []
                }
            ) { call in try mutate(call) { try attach(kind.path(call), call, &$0, $1) } },
            method(kind, "detachDisk", "POST", "/detachDisk", permission: "detachDisk") { call in
                try mutate(call) { try detach(kind.path(call), call, &$0, $1) }
            },
        ]
    }

    private func attach(
        _ path: String, _ call: GoogleCall, _ state: inout GoogleState, _ now: Date
    ) throws -> GoogleOperation {
        let instance = try state.ready(path, now)
        guard let text = try call.text("source") else { throw GoogleError.required("resource.source") }
        let disk = try ComputeReference.resolve(text, field: "resource.source", scope: call.scope, state)
        try ComputeAttachment.check(disk, mode: call.body["mode"], for: path, state)
        let disks = instance.body["disks"]?.arrayValue ?? []
        guard disks.count < ComputeInstance.mostDisks else {
            throw GoogleError.invalid("resource.disks", "\(disks.count + 1)", "Too many disks.")
        }
        let device = call.body["deviceName"]
        if let device, disks.contains(where: { $0["deviceName"] == device }) {
            throw GoogleError.invalid("resource.deviceName", device.plainText, "The device name is in use already.")
        }
        var members = call.body
        let index = (disks.compactMap { $0["index"]?.intValue }.max() ?? -1) + 1
        // From now on nobody else gets it.
        let shaped = try ComputeAttachment.shape(&members, source: disk, index: index, instance: path, &state)
        return state.begin("attachDisk", on: path, id: instance.id, call, now) { state, _ in
            state.update(path) { $0.body["disks"] = .array(($0.body["disks"]?.arrayValue ?? []) + [shaped]) }
        }
    }

    private func detach(
        _ path: String, _ call: GoogleCall, _ state: inout GoogleState, _ now: Date
    ) throws -> GoogleOperation {
        let instance = try state.ready(path, now)
        guard let name = call.query("deviceName") else { throw GoogleError.required("deviceName") }
        let disks = instance.body["disks"]?.arrayValue ?? []
        guard let disk = disks.first(where: { $0["deviceName"]?.stringValue == name }) else {
            throw GoogleError.invalid("deviceName", name, "No attached disk found with device name '\(name)'")
        }
        guard disk["boot"] != true || instance.status == "TERMINATED" else {
            throw GoogleError(
                400, "badRequest",
                "Invalid resource usage: 'The boot disk can only be detached from a stopped instance.'.")
        }
        let source = ComputeReference.path(disk["source"]?.stringValue ?? "", scope: path) ?? ""
        return state.begin(
            "detachDisk", on: path, id: instance.id, call, now,
            onEnd: { state, _ in
                state.detach(source, from: path, deletes: false)
                state.update(path) { instance in
                    instance.body["disks"] = .array(
                        (instance.body["disks"]?.arrayValue ?? []).filter { $0["deviceName"]?.stringValue != name })
                }
            })
    }
}
