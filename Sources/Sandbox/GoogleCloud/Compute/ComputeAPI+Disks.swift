import Domain
import Foundation

extension ComputeAPI {
    var diskKinds: [ComputeKind] { [diskKind, snapshotKind] }

    var diskKind: ComputeKind {
        ComputeKind("disks", "disk", .zone, [.get, .list, .aggregatedList, .insert, .delete, .setLabels]).with { kind in
            kind.isLabelled = true
            kind.status = ("CREATING", "READY")
            kind.prepare = { try ComputeDisk.prepare(&$0, $1) }
            kind.users = { _, disk in
                (disk.body["users"]?.arrayValue ?? []).compactMap {
                    $0.stringValue.map { String($0.dropFirst(ComputeReference.base.count)) }
                }
            }
        }
    }

    var snapshotKind: ComputeKind {
        ComputeKind("snapshots", "snapshot", .global, [.get, .list, .delete, .setLabels, .insert]).with { kind in
            kind.isLabelled = true
            kind.status = ("CREATING", "READY")
            kind.prepare = { state, draft in
                var draft = draft
                let disk = try draft.resolve("sourceDisk", state)
                return try ComputeDisk.snapshot(of: disk, &state, draft)
            }
            kind.insertPermissions = { call in
                let disk = ComputeReference.path(call.body["sourceDisk"]?.stringValue ?? "", scope: call.scope)
                return disk.map { [GooglePermission("compute.disks.createSnapshot", on: $0)] } ?? []
            }
        }
    }

    var diskMethods: [GoogleMethod] {
        let (disk, snapshot) = (diskKind, snapshotKind)
        return [
            method(disk, "resize", "POST", "/resize", permission: "resize") { call in
                try mutate(call) { try resize(disk.path(call), call, &$0, $1) }
            },
            method(
                disk, "createSnapshot", "POST", "/createSnapshot", permission: "createSnapshot",
                also: { call in
                    let name = call.body["name"]?.stringValue ?? ""
                    return [
                        GooglePermission(
                            "compute.snapshots.create", on: "projects/\(call.project)/global/snapshots/\(name)")
                    ]
                }
            ) { call in
                try mutate(call) { state, now in
                    let path = disk.path(call)
                    _ = try state.found(path, now)
                    var body = call.body
                    body["sourceDisk"] = ComputeReference.json(path)
                    return try insert(
                        snapshot, body: body, call, &state, now, type: "createSnapshot",
                        target: "projects/\(call.project)/global/snapshots", operationAt: path)
                }
            },
        ]
    }

    private func resize(
        _ path: String, _ call: GoogleCall, _ state: inout GoogleState, _ now: Date
    ) throws -> GoogleOperation {
        let disk = try state.ready(path, now)
        let text = call.body["sizeGb"]?.plainText ?? ""
        guard !text.isEmpty else { throw GoogleError.required("sizeGb") }
        guard let size = Int(text), size > 0 else {
            throw GoogleError.invalid("sizeGb", text, "Must be a whole number of gigabytes.")
        }
        let old = disk.number("sizeGb")
        guard size >= old else {
            throw GoogleError.invalid(
                "sizeGb", text, "New disk size '\(size)' must be larger than existing size '\(old)'.")
        }
        try ComputeDisk.check(size: size, field: "sizeGb")
        try state.checkQuota(GoogleState.metric(ofDisk: disk.body), of: path, adding: size - old)
        return state.begin("resizeDisk", on: path, id: disk.id, call, now) { state, _ in
            state.update(path) { $0.body["sizeGb"] = .string(String(size)) }
        }
    }
}
