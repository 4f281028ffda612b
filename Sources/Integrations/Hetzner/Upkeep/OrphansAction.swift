import Domain

/// Lists what carries our labels and is not among the things that are listed. Reads only.
struct OrphansAction: RepeatableAction {
    private let cloud: HetznerConnection
    private let list: ThingList<HetznerThing>
    private let pool: String?

    static func type(_ cloud: HetznerConnection, root: String) -> ActionType {
        ActionType(
            "hetzner.orphans", "Lists what carries the bot's labels and is not among the things that are listed",
            effect: .reads,
            outputs: [
                .init("orphans", .list(.any), "Each with its kind, name and id, and its pool, job and step"),
                .init("count", .integer(nil), "How many they are"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { OrphansAction(&$0, cloud, root: root) }
    }

    init(_ input: inout InputReader, _ cloud: HetznerConnection, root: String) {
        self.cloud = cloud
        list = ThingList(&input, root: root)
        pool = input.optionalText(
            "pool", "Only of that pool, and what belongs to none; of all when left out", pattern: HetznerName.label)
    }

    private struct Orphan: Sendable {
        var kind: HetznerKind
        var thing: JSONValue

        var name: String {
            let name = thing["name"]?.stringValue ?? "without a name"
            return kind == .records ? "\(name) \(thing["type"]?.stringValue ?? "")" : name
        }

        private func label(_ name: String) -> JSONValue { thing["labels"]?[name] ?? "" }

        var json: JSONValue {
            [
                "kind": .string(kind.title), "name": .string(name), "id": thing["id"] ?? .null,
                "pool": label(HetznerMark.pool), "job": label(HetznerMark.job), "step": label(HetznerMark.step),
            ]
        }

        var words: String {
            let job = label(HetznerMark.job).stringValue ?? ""
            let pool = HetznerMark.pool(of: thing).map { "pool \($0)" } ?? "no pool"
            return "\(kind.title) \(name), \(pool)" + (job.isEmpty ? "" : ", made by job \(job)")
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await cloud.attempt("what is there cannot be looked at") { client in
            let wishes = try await list.all().wishes(context.kept)
            let known = Set(wishes.map(\.resource.key))
            let orphans = try await found(client).filter { orphan in
                let owner = HetznerMark.pool(of: orphan.thing)
                return (pool == nil || owner == nil || owner == pool) && !known.contains(key(orphan))
            }
            let lines = orphans.map(\.words)
            let count = orphans.count == 1 ? "1 thing belongs" : "\(orphans.count) things belong"
            return [
                "orphans": .array(orphans.map(\.json)), "count": .int(Int64(orphans.count)),
                "summary": .string(
                    orphans.isEmpty ? "all that has the bot's labels is listed" : "\(count) to nothing that is listed"),
                "details": .string(lines.joined(separator: "\n")), "table": .string(lines.joined(separator: "\n")),
            ]
        }
    }

    private func key(_ orphan: Orphan) -> String {
        let name = orphan.thing["name"]?.stringValue ?? ""
        guard orphan.kind == .records else { return "\(orphan.kind.collection)/\(name)" }
        let zone = orphan.thing["zone_name"]?.stringValue ?? ""
        return "zones/\(zone)/rrsets/\(name)-\(orphan.thing["type"]?.stringValue ?? "")"
    }

    /// All that has one of our labels. Images of servers end by themselves.
    private func found(_ client: HetznerClient) async throws -> [Orphan] {
        let lists = try await Parallel.values(HetznerKind.collections, atOnce: 4) { kind in
            try await marked(client, kind.collection).map { Orphan(kind: kind, thing: $0) }
        }
        // Records may be ours in a zone that is not.
        let zones = try await client.list(HetznerKind.zone.collection).compactMap { $0["name"]?.stringValue }
        let records = try await Parallel.values(zones, atOnce: 4) { zone in
            try await marked(client, "zones/\(zone)/rrsets", member: "rrsets").map { record in
                var record = record.objectValue ?? [:]
                record["zone_name"] = .string(zone)
                return Orphan(kind: .records, thing: .object(record))
            }
        }
        return (lists + records).flatMap { $0 }
    }

    private func marked(_ client: HetznerClient, _ path: String, member: String? = nil) async throws -> [JSONValue] {
        var all: [JSONValue] = []
        for label in [HetznerMark.pool, HetznerMark.job] {
            let some = try await client.list(path, member: member, [.init("label_selector", label)])
            all += some.filter { new in !all.contains { $0["id"] == new["id"] } }
        }
        return all
    }
}
