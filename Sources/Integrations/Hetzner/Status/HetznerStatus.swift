package import Domain

/// How a pool's servers, volumes and load balancers at Hetzner are, and what they cost, for `/defimon status`.
package struct HetznerStatus: Sendable {
    /// Things of a kind that are shown.
    static let most = 30

    private let cloud: HetznerConnection
    private let usage: VolumeUsage

    package init(_ cloud: HetznerConnection, hosts: any HostAccess) {
        self.cloud = cloud
        usage = VolumeUsage(hosts: hosts)
    }

    /// One field a thing; empty when the pool has none, or Hetzner Cloud is not set up. Throws `ActionError` or
    /// `CancellationError`.
    package func blocks(pool: String) async throws -> [Report.Block] {
        guard cloud.isThere else { return [] }
        return try await cloud.attempt("Hetzner Cloud cannot be asked") { client in
            let selector = HetznerCall.Parameter("label_selector", "\(HetznerMark.pool)=\(pool)")
            // Volumes of the CSI driver have no mark of ours: those count that are attached to the pool's servers.
            async let ours = client.list("servers", [selector])
            async let disks = client.list("volumes")
            async let balancers = client.list("load_balancers", [selector])
            async let addresses = client.list("primary_ips", [selector])
            let servers = try await sorted(ours)
            let names = Dictionary(
                servers.compactMap { server in server["id"]?.intValue.map { ($0, name(server)) } },
                uniquingKeysWith: { $1 })
            let volumes = try await sorted(disks.filter { isOurs($0, pool, names) })
            let loadBalancers = try await sorted(balancers)
            let used = await usage.of(Array(volumes.prefix(Self.most)), on: names)
            var fields = shown(servers, "Server") { self.server($0) }
            fields += shown(volumes, "Volume") { self.volume($0, names, used) }
            fields += shown(loadBalancers, "Load balancer") { self.loadBalancer($0, names) }
            guard !fields.isEmpty else { return [] }
            if let prices = client.settings.prices {
                let paid = try await addresses
                fields.append(.init("Cost", cost(prices, servers, volumes, loadBalancers, paid)))
            }
            return [.fields(fields)]
        }
    }

    private func isOurs(_ volume: JSONValue, _ pool: String, _ servers: [Int: String]) -> Bool {
        HetznerMark.pool(of: volume) == pool || volume["server"]?.intValue.flatMap { servers[$0] } != nil
    }

    private func name(_ thing: JSONValue) -> String { thing["name"]?.stringValue ?? "" }

    private func sorted(_ things: [JSONValue]) -> [JSONValue] { things.sorted { name($0) < name($1) } }

    private func shown(_ things: [JSONValue], _ kind: String, _ words: (JSONValue) -> String) -> [Report.Field] {
        var fields = things.prefix(Self.most).map { Report.Field("\(kind) \(name($0))", words($0)) }
        if things.count > Self.most { fields.append(.init("\(kind)s", "and \(things.count - Self.most) more")) }
        return fields
    }

    private func server(_ server: JSONValue) -> String {
        let inside = server.at(path: "private_net.0.ip")?.stringValue
        let parts: [String?] = [
            ServerTarget.status(server), server.at(path: "server_type.name")?.stringValue, HetznerPlace.name(server),
            server.at(path: "public_net.ipv4.ip")?.stringValue, inside.map { "\($0) inside" },
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }

    private func volume(_ volume: JSONValue, _ servers: [Int: String], _ used: [Int: DiskUsage]) -> String {
        let usage = volume["id"]?.intValue.flatMap { used[$0] }
        let parts: [String?] = [
            DiskSize.words(volume["size"]?.intValue ?? 0), HetznerPlace.name(volume),
            volume["server"]?.intValue.map { "on \(servers[$0] ?? "server number \($0)")" } ?? "attached to no server",
            volume["labels"]?["pvc-name"]?.stringValue.map { "for claim \($0)" },
            usage.map { usage in
                "\(usage.percent) % used, \(ByteText.human(usage.available)) of \(ByteText.human(usage.size)) free"
            },
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }

    private func loadBalancer(_ balancer: JSONValue, _ servers: [Int: String]) -> String {
        // A target by labels has the servers that it found as targets of its own.
        let targets = (balancer["targets"]?.arrayValue ?? []).flatMap { target in
            target["targets"]?.arrayValue ?? [target]
        }
        let words = targets.map { target -> String in
            let who =
                target.at(path: "server.id")?.intValue.map { servers[$0] ?? "server number \($0)" }
                ?? target.at(path: "ip.ip")?.stringValue ?? "unknown"
            return "\(who) \(health(target))"
        }.sorted()
        let more = words.count > Self.most ? "; and \(words.count - Self.most) more" : ""
        let parts: [String?] = [
            balancer.at(path: "load_balancer_type.name")?.stringValue, HetznerPlace.name(balancer),
            balancer.at(path: "public_net.ipv4.ip")?.stringValue,
            words.isEmpty ? "no targets" : "targets: " + words.prefix(Self.most).joined(separator: "; ") + more,
        ]
        return parts.compactMap { $0 }.joined(separator: ", ")
    }

    /// `healthy`, or what is not, by port.
    private func health(_ target: JSONValue) -> String {
        let states = (target["health_status"]?.arrayValue ?? []).map { state in
            (port: state["listen_port"]?.intValue ?? 0, word: state["status"]?.stringValue ?? "unknown")
        }
        let kinds = Set(states.map(\.word))
        guard kinds.count > 1 else { return kinds.first ?? "not looked at yet" }
        return states.sorted { $0.port < $1.port }.map { "\($0.word) on \($0.port)" }.joined(separator: " and ")
    }

    private func cost(
        _ prices: HetznerPrices, _ servers: [JSONValue], _ volumes: [JSONValue], _ balancers: [JSONValue],
        _ addresses: [JSONValue]
    ) -> String {
        var sum = HetznerPrices.Sum()
        for server in servers { prices.add(server: server.at(path: "server_type.name")?.stringValue ?? "", to: &sum) }
        for volume in volumes { prices.add(volume: volume["size"]?.intValue ?? 0, to: &sum) }
        for balancer in balancers {
            prices.add(loadBalancer: balancer.at(path: "load_balancer_type.name")?.stringValue ?? "", to: &sum)
        }
        // Addresses of the pool's own, and those that came with servers; none twice.
        let own = addresses.filter { $0["type"] == "ipv4" }.compactMap { $0["ip"]?.stringValue }
        let given = servers.compactMap { $0.at(path: "public_net.ipv4.ip")?.stringValue }
        for _ in Set(own + given) { prices.addPrimaryIPv4(to: &sum) }
        guard !sum.unknown.isEmpty else { return prices.words(sum) }
        return "\(prices.words(sum)), without a price for \(sum.unknown.sorted().joined(separator: ", "))"
    }
}
