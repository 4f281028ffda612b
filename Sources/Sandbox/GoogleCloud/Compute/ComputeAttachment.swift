import Domain
import Foundation

/// Disks at instances.
enum ComputeAttachment {
    /// Attaches a disk that is there, or one that is made for the instance.
    static func attach(
        _ wanted: JSONValue, index: Int, to draft: ComputeDraft, _ state: inout GoogleState
    ) throws -> JSONValue {
        var members = wanted.objectValue ?? [:]
        let field = "resource.disks[\(index)]"
        let source: String
        if let text = members["source"]?.stringValue {
            source = try ComputeReference.resolve(text, field: "\(field).source", scope: draft.call.scope, state)
            try check(source, mode: members["mode"], for: draft.path, state)
        } else {
            source = try make(members, index: index, field: field, for: draft, &state)
        }
        members["initializeParams"] = nil
        return try shape(&members, source: source, index: index, instance: draft.path, &state)
    }

    /// As the instance shows it, and the disk has a user more.
    static func shape(
        _ members: inout [String: JSONValue], source: String, index: Int, instance: String, _ state: inout GoogleState
    ) throws -> JSONValue {
        members["kind"] = "compute#attachedDisk"
        members["type"] = "PERSISTENT"
        members["source"] = ComputeReference.json(source)
        members["mode"] = members["mode"] ?? "READ_WRITE"
        members["boot"] = members["boot"] ?? false
        members["autoDelete"] = members["autoDelete"] ?? false
        members["interface"] = members["interface"] ?? "SCSI"
        members["deviceName"] = members["deviceName"] ?? .string("persistent-disk-\(index)")
        members["index"] = .int(Int64(index))
        members["diskSizeGb"] = state.resources[source]?.body["sizeGb"]
        state.use(source, by: instance, true)
        return .object(members)
    }

    /// A disk may be written by one instance only. Throws otherwise.
    static func check(_ disk: String, mode: JSONValue?, for instance: String, _ state: GoogleState) throws {
        let users = state.resources[disk]?.body["users"]?.arrayValue ?? []
        guard let user = users.first?.stringValue, mode != "READ_ONLY" else { return }
        throw GoogleError.inUse(disk, by: String(user.dropFirst(ComputeReference.base.count)))
    }

    private static func make(
        _ members: [String: JSONValue], index: Int, field: String, for draft: ComputeDraft, _ state: inout GoogleState
    ) throws -> String {
        guard let made = members["initializeParams"]?.objectValue else {
            throw GoogleError.invalid(
                field, JSONValue.object(members).canonicalText, "One of 'source' and 'initializeParams' must be given.")
        }
        let instance = GoogleState.last(draft.path)
        let plain = index == 0 ? instance : "\(instance)-\(index)"
        let name = try ComputeName.checked(made["diskName"] ?? .string(plain))
        let path = "\(draft.call.scope)/disks/\(name)"
        guard state.resources[path] == nil else { throw GoogleError.exists(path) }
        var body: [String: JSONValue] = ["name": .string(name)]
        for (from, to) in [
            ("diskSizeGb", "sizeGb"), ("diskType", "type"), ("sourceImage", "sourceImage"),
            ("sourceSnapshot", "sourceSnapshot"), ("labels", "labels"), ("description", "description"),
        ] {
            body[to] = made[from]
        }
        var disk = try ComputeDisk.prepare(
            &state, ComputeDraft(call: draft.call, path: path, now: draft.now, body: body))
        let id = state.newID()
        disk.body.merge([
            "kind": "compute#disk", "id": .string(id), "selfLink": ComputeReference.json(path), "status": "CREATING",
            "zone": ComputeReference.json(draft.call.scope),
            "creationTimestamp": .string(ComputeOperationShape.time(draft.now)),
            "labelFingerprint": GoogleResource.fingerprint([id, "labels"]),
        ]) { $1 }
        state.resources[path] = GoogleResource(
            path: path, body: disk.body, isReady: false,
            visibleFrom: draft.now.advanced(by: .milliseconds(state.failures.hiddenFor)))
        return path
    }
}

extension GoogleState {
    /// A disk that was made for an instance is there.
    mutating func makeReady(_ disk: String) {
        guard resources[disk]?.isReady == false else { return }
        update(disk) { disk in
            disk.isReady = true
            disk.body["status"] = "READY"
        }
    }

    /// A disk has no longer that user; it goes when it was to go with it.
    mutating func detach(_ disk: String, from instance: String, deletes: Bool) {
        use(disk, by: instance, false)
        let attached = resources[instance]?.body["disks"]?.arrayValue ?? []
        let own = attached.first { $0["source"] == ComputeReference.json(disk) }
        if deletes, own?["autoDelete"] == true { resources[disk] = nil }
    }
}
