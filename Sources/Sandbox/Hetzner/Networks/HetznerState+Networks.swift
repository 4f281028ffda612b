import Domain

extension HetznerState {
    /// Addresses of a network that are taken.
    private func taken(in network: HetznerResource) -> Set<String> {
        let id = JSONValue.int(Int64(network.id))
        let entries = (all(.servers) + all(.loadBalancers)).flatMap { $0.list("private_net") }
        return Set(
            entries.filter { $0["network"] == id }.flatMap { entry in
                [entry["ip"]?.stringValue ?? ""] + (entry["alias_ips"]?.arrayValue ?? []).compactMap(\.stringValue)
            })
    }

    /// The ranges in which servers of a network zone get addresses.
    private func ranges(of network: HetznerResource, zone: String) -> [IPv4Range] {
        network.list("subnets").filter { $0["network_zone"]?.stringValue == zone && $0["type"] != "vswitch" }
            .compactMap { $0["ip_range"]?.stringValue.flatMap(IPv4Range.init) }
    }

    /// An address that nobody has. Throws `no_subnet_available`. The first of a subnet is its gateway.
    func freeAddress(in network: HetznerResource, zone: String) throws -> String {
        let taken = taken(in: network)
        for range in ranges(of: network, zone: zone) {
            let size = UInt32(1) << UInt32(32 - max(range.prefix, 8))
            for offset in 2..<max(size - 1, 2) where !taken.contains(range.address(offset)) {
                return range.address(offset)
            }
        }
        throw HetznerError(422, "no_subnet_available", "no subnet or IP is available within the network")
    }

    /// The address that was asked for, or a free one. Throws `ip_not_available`.
    func address(_ wanted: String?, in network: HetznerResource, zone: String) throws -> String {
        guard let wanted else { return try freeAddress(in: network, zone: zone) }
        let ranges = ranges(of: network, zone: zone)
        guard let number = IPv4Range(wanted), number.prefix == 32,
            let range = ranges.first(where: { $0.contains(number) }),
            number.base > range.base + 1, number.base < range.base | ~range.mask,
            !taken(in: network).contains(wanted)
        else { throw HetznerError(422, "ip_not_available", "the provided network IP is not available") }
        return wanted
    }
}
