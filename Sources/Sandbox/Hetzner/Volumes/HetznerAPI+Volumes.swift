import Domain
import Foundation

extension HetznerAPI {
    /// Sizes of volumes in gigabytes.
    private static let volumeSizes = 10...10_240
    /// Volumes that one server may have.
    fileprivate static let mostVolumes = 16

    var volumeMethods: [HetznerMethod] {
        readsAndUpdate(.volumes) + [
            HetznerMethod("create_volume", "POST", "volumes") { call in
                try world.change { state, now in try HetznerAPI.makeVolume(call, &state, now) }
            },
            deletion(.volumes) { _, volume in
                guard volume.body["server"] == .null else {
                    throw HetznerError(423, "locked", "volume is still attached to a server")
                }
            },
            protection(.volumes),
            action("attach_volume", .volumes, "attach") { state, volume, call, now in
                let server = try state.numbered(.servers, try call.needNumber("server"))
                try state.checkFree(server.reference)
                try state.checkAttachable(volume, to: server)
                return state.attach(volume.reference, to: server.reference, now: now)
            },
            action("detach_volume", .volumes, "detach") { state, volume, _, now in
                guard let id = volume.body["server"]?.intValue else {
                    throw HetznerError.invalid("volume", "volume is not attached to a server")
                }
                let server = HetznerReference(.servers, id)
                try state.checkFree(server)
                return state.begin("detach_volume", on: volume.reference, server, now: now) { state, _ in
                    state.update(volume.reference) { $0.body["server"] = .null }
                }
            },
            action("resize_volume", .volumes, "resize") { state, volume, call, now in
                let size = try call.needNumber("size")
                guard size > volume.number("size") else {
                    throw HetznerError.invalid("size", "must be greater than the current size")
                }
                guard size <= HetznerAPI.volumeSizes.upperBound else {
                    throw HetznerError.invalid("size", "must be at most \(HetznerAPI.volumeSizes.upperBound)")
                }
                try state.checkRoom(at: volume.links["location"] ?? 0, for: "volumes")
                return state.begin("resize_volume", on: volume.reference, now: now) { state, _ in
                    state.update(volume.reference) { $0.body["size"] = .int(Int64(size)) }
                }
            },
        ]
    }

    private static func makeVolume(
        _ call: HetznerCall, _ state: inout HetznerState, _ now: Date
    ) throws -> SandboxAnswer {
        let name = try call.needText("name")
        try HetznerName.check(name, .volumes)
        try state.checkName(.volumes, name)
        let size = try call.needNumber("size")
        guard HetznerAPI.volumeSizes.contains(size) else {
            throw HetznerError.invalid(
                "size", "must be between \(HetznerAPI.volumeSizes.lowerBound) and \(HetznerAPI.volumeSizes.upperBound)")
        }
        let format = try call.text("format")
        guard ["ext4", "xfs", nil].contains(format) else {
            throw HetznerError.invalid("format", "must be one of ext4, xfs")
        }
        let server = try call.number("server").map { try state.numbered(.servers, $0) }
        if let server { try state.checkFree(server.reference) }
        guard (server == nil) != (call.body["location"] == nil) else {
            throw HetznerError.invalid("location", "either location or server must be given")
        }
        let location =
            try call.body["location"].map { try state.named(.locations, $0, field: "location").id }
            ?? server?.links["location"] ?? 0
        let labels = try call.labels() ?? [:]
        try state.checkLimit(.volumes)
        guard !state.failures.exhausted.contains(state.resources[.locations]?[location]?.name ?? "") else {
            throw HetznerError(
                422, "no_space_left_in_location", "there is no volume space left in the given location")
        }
        let volume = state.add(
            .volumes,
            [
                "name": .string(name), "size": .int(Int64(size)), "server": .null, "labels": labels,
                "protection": ["delete": false], "status": "creating", "format": format.map { .string($0) } ?? .null,
            ], links: ["location": location], now)
        state.update(volume) { $0.body["linux_device"] = .string("/dev/disk/by-id/scsi-0HC_Volume_\(volume.id)") }
        let created = state.begin("create_volume", on: volume, now: now) { state, _ in
            state.update(volume) { $0.body["status"] = "available" }
        } onFailure: { state, _ in
            state[volume] = nil
        }
        var next: [HetznerAction] = []
        if let server { next.append(state.attach(volume, to: server.reference, after: created, now: now)) }
        return made(state, volume, created, now, ["next_actions": .array(next.map { $0.json(now) })])
    }
}

extension HetznerState {
    @discardableResult
    mutating func attach(
        _ volume: HetznerReference, to server: HetznerReference, after: HetznerAction? = nil, now: Date
    ) -> HetznerAction {
        begin("attach_volume", on: volume, server, after: after, now: now) { state, _ in
            state.update(volume) { $0.body["server"] = .int(Int64(server.id)) }
        }
    }

    fileprivate func checkAttachable(_ volume: HetznerResource, to server: HetznerResource) throws {
        guard volume.body["server"] == .null else {
            throw HetznerError.invalid("volume", "volume is already attached to a server")
        }
        guard volume.links["location"] == server.links["location"] else {
            throw HetznerError.invalid("server", "server and volume must be in the same location")
        }
        let count = all(.volumes).count { $0.body["server"] == .int(Int64(server.id)) }
        guard count < HetznerAPI.mostVolumes else {
            throw HetznerError.limit(.volumes)
        }
    }
}
