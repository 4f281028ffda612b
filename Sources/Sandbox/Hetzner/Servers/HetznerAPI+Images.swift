import Domain
import Foundation

extension HetznerAPI {
    var imageMethods: [HetznerMethod] {
        readsAndUpdate(.images, more: ["description"]) + [
            deletion(.images) { _, image in
                guard image.text("type") != "system" else {
                    throw HetznerError(403, "forbidden", "system images cannot be deleted")
                }
            },
            protection(.images),
        ]
    }
}

extension HetznerState {
    /// A snapshot of a server's disk.
    mutating func makeImage(of server: HetznerResource, _ call: HetznerCall, _ now: Date) throws -> SandboxAnswer {
        let type = try call.text("type") ?? "snapshot"
        guard type == "snapshot" || server.body["backup_window"] != .null else {
            throw HetznerError.invalid("type", "backups are not enabled for the server")
        }
        let labels = try call.labels() ?? [:]
        try checkLimit(.images)
        let old = resources[.images]?[server.links["image"] ?? 0]
        let disk = server.number("primary_disk_size")
        let image = add(
            .images,
            [
                "name": .null, "description": .string(try call.text("description") ?? ""), "type": .string(type),
                "status": "creating", "image_size": .null, "disk_size": .int(Int64(disk)),
                "created_from": ["id": .int(Int64(server.id)), "name": .string(server.name)],
                "bound_to": type == "backup" ? .int(Int64(server.id)) : .null,
                "os_flavor": old?.body["os_flavor"] ?? "unknown", "os_version": old?.body["os_version"] ?? .null,
                "rapid_deploy": false, "protection": ["delete": false], "deprecated": .null, "deleted": .null,
                "labels": labels, "architecture": old?.body["architecture"] ?? "x86",
            ], now)
        let action = begin("create_image", on: server.reference, image, now: now) { state, _ in
            state.update(image) { image in
                image.body["status"] = "available"
                image.body["image_size"] = .double(Double(disk) / 10)
            }
        } onFailure: { state, _ in
            state[image] = nil
        }
        return HetznerAPI.made(self, image, action, now)
    }
}
