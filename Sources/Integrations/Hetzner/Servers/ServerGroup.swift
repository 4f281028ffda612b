import Domain

/// Several servers alike: NAME-1, NAME-2 and so on. It never deletes one.
struct ServerGroup: Sendable {
    static let counts = 0...100
    static let summary = "Makes several servers alike, NAME-1 to NAME-count; deletes none"

    let server: HetznerServer
    private let count: Int
    private let keep: String?

    init(_ input: inout InputReader) {
        count = input.integer("count", "How many there are to be", in: Self.counts)
        keep = input.optionalText(
            "keep", "The name under which hetzner.scale keeps their number, which goes before count",
            pattern: HetznerName.thing)
        server = HetznerServer(&input)
        if server.isStartedLater {
            input.report("servers alike cannot have the same 'private_ip'", field: "networks", fix: "leave it out")
        }
        if server.primaryIP != nil {
            input.report("servers alike cannot have the same 'primary_ip'", field: "primary_ip", fix: "leave it out")
        }
    }

    /// The servers as they are wanted, and what people should know of their number. Throws `ActionError`.
    func servers(_ kept: any KeptValues) async throws -> (servers: [HetznerServer], note: String?) {
        var wanted = count
        var note: String?
        if let keep, let found = try await CountOverride(pool: server.identity.pool, name: keep).count(kept) {
            wanted = found.count
            if wanted != count {
                note = "\(server.identity.name): \(wanted) instead of \(count), \(found.origin)"
            }
        }
        return ((0..<wanted).map { server.named("\(server.identity.name)-\($0 + 1)") }, note)
    }
}
