import Domain
import Foundation

/// What Google makes of disks and snapshots.
enum ComputeDisk {
    /// Gigabytes that a persistent disk may have.
    static let sizes = 10...65_536

    static func check(size: Int, field: String) throws {
        guard sizes.contains(size) else {
            throw GoogleError.invalid(
                field, String(size), "Disk size must be from \(sizes.lowerBound) GB to \(sizes.upperBound) GB.")
        }
    }

    /// Checks a new disk: its type, its source and its size.
    static func prepare(_ state: inout GoogleState, _ draft: ComputeDraft) throws -> ComputeDraft {
        var draft = draft
        let zone = ComputeReference.scope(of: draft.path)
        draft.fill("type", .string("\(zone)/diskTypes/pd-standard"))
        _ = try draft.resolve("type", state)
        let least = try source(&draft, state)
        let asked = draft.body["sizeGb"]?.plainText
        let size = asked.flatMap(Int.init) ?? least.size ?? 500
        try check(size: size, field: "resource.sizeGb")
        if let smallest = least.size, size < smallest {
            throw GoogleError.invalid(
                "resource.sizeGb", String(size),
                "Requested disk size cannot be smaller than the \(least.word) size (\(smallest) GB)")
        }
        draft.body["sizeGb"] = .string(String(size))
        try state.checkQuota(GoogleState.metric(ofDisk: draft.body), of: draft.path, adding: size)
        draft.fill("physicalBlockSizeBytes", "4096")
        _ = try ComputeName.labels(draft.body["labels"])
        if let smallest = least.size, size > smallest, least.word == "image" {
            draft.warnings.append([
                "code": "DISK_SIZE_LARGER_THAN_IMAGE_SIZE",
                "message": .string(
                    "Disk size: '\(size) GB' is larger than image size: '\(smallest) GB'. You might need to resize the "
                        + "root repartition manually if the operating system does not support automatic resizing. See "
                        + "https://cloud.google.com/compute/docs/disks/add-persistent-disk#resize_pd for details."),
            ])
        }
        return draft
    }

    /// The image or snapshot that a disk is made of, and its size.
    private static func source(_ draft: inout ComputeDraft, _ state: GoogleState) throws -> (size: Int?, word: String) {
        if let image = draft.text("sourceImage") ?? draft.call.query("sourceImage") {
            let found = try self.image(image, scope: draft.call.scope, state)
            draft.body["sourceImage"] = ComputeReference.json(found.path)
            draft.body["sourceImageId"] = .string(found.id)
            return (found.number("diskSizeGb"), "image")
        }
        guard draft.body["sourceSnapshot"] != nil else { return (nil, "") }
        let path = try draft.resolve("sourceSnapshot", state)
        draft.body["sourceSnapshotId"] = .string(state.resources[path]?.id ?? "")
        return (state.resources[path]?.number("diskSizeGb"), "snapshot")
    }

    /// An image by itself or by its family: `projects/debian-cloud/global/images/family/debian-12`.
    static func image(_ text: String, scope: String, _ state: GoogleState) throws -> GoogleResource {
        let field = "resource.sourceImage"
        guard let path = ComputeReference.path(text, scope: scope) else {
            throw GoogleError.invalid(field, text, "The URL is malformed.")
        }
        let parts = path.split(separator: "/").map(String.init)
        if parts.count == 6, parts[4] == "family", let found = state.image(family: parts[5], in: parts[1]) {
            return found
        }
        guard let found = state.resources[path], found.body["kind"] == "compute#image" else {
            throw GoogleError(404, "notFound", "The resource '\(path)' was not found")
        }
        return found
    }

    /// What a snapshot has of its disk; it is uploaded while its operation runs.
    static func snapshot(of disk: String, _ state: inout GoogleState, _ draft: ComputeDraft) throws -> ComputeDraft {
        var draft = draft
        guard let source = state.resources[disk] else { throw GoogleError.notFound(disk) }
        guard source.isReady else { throw GoogleError.notReady(disk) }
        _ = try ComputeName.labels(draft.body["labels"])
        draft.body["sourceDisk"] = ComputeReference.json(disk)
        draft.body["sourceDiskId"] = .string(source.id)
        draft.body["diskSizeGb"] = .string(String(source.number("sizeGb")))
        draft.fill("snapshotType", "STANDARD")
        draft.fill("autoCreated", false)
        draft.fill("storageLocations", [.string(ComputeReference.region(of: disk) ?? "eu")])
        let path = draft.path
        draft.onStart = { state, _ in state.update(path) { $0.body["status"] = "UPLOADING" } }
        draft.onEnd = { state, _ in
            state.update(path) { snapshot in
                let bytes = String(snapshot.number("diskSizeGb") * 100_000_000)
                snapshot.body["storageBytes"] = .string(bytes)
                snapshot.body["storageBytesStatus"] = "UP_TO_DATE"
                snapshot.body["downloadBytes"] = .string(bytes)
            }
        }
        return draft
    }
}
