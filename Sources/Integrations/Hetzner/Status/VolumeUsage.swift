import Domain

/// How full volumes are, as the hosts say that they are mounted on. What cannot be known is left out: a status is shown
/// all the same.
struct VolumeUsage: Sendable {
    /// How long a host may take.
    static let patience = Duration.seconds(8)
    /// Hosts that are asked at the same time.
    static let atOnce = 8

    let hosts: any HostAccess

    /// By the volume's number; `servers` are names by number.
    func of(_ volumes: [JSONValue], on servers: [Int: String]) async -> [Int: DiskUsage] {
        let asked = volumes.compactMap { volume -> (id: Int, device: String, host: String)? in
            guard let id = volume["id"]?.intValue, let device = volume["linux_device"]?.stringValue,
                let host = volume["server"]?.intValue.flatMap({ servers[$0] }), hosts.names.contains(host)
            else { return nil }
            return (id, device, host)
        }
        var found: [Int: DiskUsage] = [:]
        // One after the other on a host, several hosts at the same time.
        let groups = Array(Dictionary(grouping: asked) { $0.host }.values)
        let outcomes = await Parallel.run(groups, atOnce: Self.atOnce) { group in
            var known: [(Int, DiskUsage)] = []
            for volume in group {
                guard let usage = await usage(of: volume.device, on: volume.host) else { continue }
                known.append((volume.id, usage))
            }
            return known
        }
        for case .success(let known)? in outcomes { for (id, usage) in known { found[id] = usage } }
        return found
    }

    private func usage(of device: String, on host: String) async -> DiskUsage? {
        let command = HostCommand(DiskUsage.command(device), limit: Self.patience)
        // A host that does not answer is not what the status is about.
        guard let result = try? await hosts.run(command, on: host, for: 0), result.isSuccess,
            let usage = DiskUsage(result.output.text),
            // Of a device that is not mounted df tells about /dev.
            usage.type != "devtmpfs", usage.type != "tmpfs"
        else { return nil }
        return usage
    }
}
