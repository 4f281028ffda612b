import Domain
import Foundation

extension HetznerAPI {
    var serverMethods: [HetznerMethod] {
        readsAndUpdate(.servers) + [
            HetznerMethod("create_server", "POST", "servers") { call in
                try world.change { state, now in
                    let order = try HetznerServerOrder(call, state)
                    return try order.place(&state, now)
                }
            },
            HetznerMethod("delete_server", "DELETE", "servers/{id}") { call in
                try world.change { state, now in
                    let server = try state.free(.servers, call.id)
                    guard !server.isProtected() else { throw HetznerError.protected(.servers) }
                    state.update(server.reference) { $0.body["status"] = "deleting" }
                    let action = state.begin("delete_server", on: server.reference, now: now) { state, _ in
                        state.remove(server: server.reference)
                    }
                    return .json(200, ["action": action.json(now)])
                }
            },
            protection(.servers, ["delete", "rebuild"]),
        ] + powerMethods + serverNetworkMethods + serverChangeMethods
    }

    private var powerMethods: [HetznerMethod] {
        [
            action("poweron_server", .servers, "poweron") { state, server, _, now in
                state.start(server.reference, now: now)
            },
            action("poweroff_server", .servers, "poweroff") { state, server, _, now in
                state.stop(server.reference, now: now)
            },
            action("shutdown_server", .servers, "shutdown") { state, server, _, now in
                // It says only that the server was asked; a server may take its time, or be deaf.
                state.begin("shutdown_server", on: server.reference, now: now) { state, now in
                    guard !state.failures.deaf.contains(server.name) else { return }
                    state.later(server.reference, after: state.configuration.shutdownTakes, now: now) { state, _ in
                        guard state[server.reference]?.status == "running" else { return }
                        state.update(server.reference) { $0.body["status"] = "off" }
                    }
                }
            },
            action("reboot_server", .servers, "reboot") { state, server, _, now in
                try HetznerAPI.boot("reboot_server", server, &state, now)
            },
            action("reset_server", .servers, "reset") { state, server, _, now in
                try HetznerAPI.boot("reset_server", server, &state, now)
            },
        ]
    }

    private static func boot(
        _ command: String, _ server: HetznerResource, _ state: inout HetznerState, _ now: Date
    ) throws -> HetznerAction {
        guard server.status == "running" else {
            throw HetznerError(422, "service_error", "server must be running, it is \(server.status)")
        }
        return state.begin(command, on: server.reference, now: now) { state, _ in state.runs(server.reference) }
    }

    private var serverChangeMethods: [HetznerMethod] {
        [
            action("change_server_type", .servers, "change_type") { state, server, call, now in
                let type = try state.named(.serverTypes, try call.need("server_type"), field: "server_type")
                return try state.change(server, to: type, upgradesDisk: try call.needFlag("upgrade_disk"), now: now)
            },
            HetznerMethod("rebuild_server", "POST", "servers/{id}/actions/rebuild") { call in
                try world.change { state, now in
                    let server = try state.free(.servers, call.id)
                    guard !server.isProtected("rebuild") else {
                        throw HetznerError.protected(.servers, "rebuild")
                    }
                    let image = try state.image(try call.need("image"), of: server.links["server_type"])
                    let data = try call.text("user_data")
                    let wasOn = server.status == "running"
                    state.update(server.reference) { $0.body["status"] = "rebuilding" }
                    let action = state.begin("rebuild_server", on: server.reference, now: now) { state, _ in
                        if let data { state.userData[server.id] = data }
                        state.update(server.reference) { server in
                            server.links["image"] = image.id
                            server.body["status"] = "off"
                        }
                        if wasOn { state.runs(server.reference) }
                    }
                    return .json(201, ["action": action.json(now), "root_password": .null])
                }
            },
            HetznerMethod("create_server_image", "POST", "servers/{id}/actions/create_image") { call in
                try world.change { state, now in
                    let server = try state.free(.servers, call.id)
                    return try state.makeImage(of: server, call, now)
                }
            },
            action("add_server_to_placement_group", .servers, "add_to_placement_group") { state, server, call, now in
                let group = try state.numbered(.placementGroups, try call.needNumber("placement_group"))
                guard server.links["placement_group"] == 0 else {
                    throw HetznerError(
                        422, "already_in_placement_group", "server is already part of a placement group")
                }
                try HetznerState.checkStopped(server)
                try state.checkRoom(in: group)
                return state.begin("add_to_placement_group", on: server.reference, now: now) { state, _ in
                    state.update(server.reference) { $0.links["placement_group"] = group.id }
                }
            },
            action("remove_server_from_placement_group", .servers, "remove_from_placement_group") {
                state, server, _, now in
                state.begin("remove_from_placement_group", on: server.reference, now: now) { state, _ in
                    state.update(server.reference) { $0.links["placement_group"] = 0 }
                }
            },
        ]
    }
}
