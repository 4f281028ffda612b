import Domain

extension HetznerAPI {
    var placementMethods: [HetznerMethod] {
        readsAndUpdate(.placementGroups) + [
            HetznerMethod("create_placement_group", "POST", "placement_groups") { call in
                try world.change { state, now in
                    let name = try call.needText("name")
                    try HetznerName.check(name, .placementGroups)
                    try state.checkName(.placementGroups, name)
                    guard try call.needText("type") == "spread" else {
                        throw HetznerError.invalid("type", "must be one of spread")
                    }
                    let labels = try call.labels() ?? [:]
                    try state.checkLimit(.placementGroups)
                    let group = state.add(
                        .placementGroups, ["name": .string(name), "type": "spread", "labels": labels], now)
                    return HetznerAPI.made(state, group, nil, now, ["action": .null])
                }
            },
            deletion(.placementGroups) { state, group in
                guard !state.all(.servers).contains(where: { $0.links["placement_group"] == group.id }) else {
                    throw HetznerError(422, "resource_in_use", "placement group is still used by servers")
                }
            },
        ]
    }
}
