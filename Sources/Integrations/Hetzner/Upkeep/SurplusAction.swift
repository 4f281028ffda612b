import Domain

/// Tells which of several servers alike are more than are wanted. Reads only.
struct SurplusAction: RepeatableAction {
    private let cloud: HetznerConnection
    private let name: String
    private let count: Int
    private let keep: String?
    private let pool: String
    private let oneOfThem: String?

    static func type(_ cloud: HetznerConnection) -> ActionType {
        ActionType(
            "hetzner.surplus", "Tells which servers NAME-1, NAME-2, … of a pool are more than are wanted",
            effect: .reads,
            outputs: [
                .init("surplus", .list(.any), "The highest first, as bot.run-each takes them: {server: NAME-5}"),
                .init("count", .integer(nil), "How many they are"),
                .init("present", .integer(nil), "How many servers of the name there are"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { SurplusAction(&$0, cloud) }
    }

    init(_ input: inout InputReader, _ cloud: HetznerConnection) {
        self.cloud = cloud
        name = input.text("name", "What their names begin with, without the number", pattern: HetznerName.thing)
        count = input.integer("count", "How many are wanted", in: ServerGroup.counts)
        keep = input.optionalText(
            "keep", "The name under which hetzner.scale keeps their number, which goes before count",
            pattern: HetznerName.thing)
        pool = input.pool()
        oneOfThem = input.optionalText(
            "one_of_them", "Fails unless this server is one too many", pattern: HetznerName.thing)
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await cloud.attempt("the servers of \(pool) cannot be looked at") { client in
            let count = try await wanted(context.kept)
            let servers = try await client.list("servers", [.init("label_selector", "\(HetznerMark.pool)=\(pool)")])
            let numbers = servers.compactMap { $0["name"]?.stringValue.flatMap(number) }
            let surplus = numbers.filter { $0 > count }.sorted(by: >).map { "\(name)-\($0)" }
            if let oneOfThem, numbers.contains(where: { "\(name)-\($0)" == oneOfThem }), !surplus.contains(oneOfThem) {
                throw ActionError(
                    "server \(oneOfThem) is not one too many: \(count) are wanted, and the next deploy would order it again",
                    hint: "scale-workers says how many are wanted; the highest go")
            }
            let words = surplus.isEmpty ? "none is too many" : surplus.joined(separator: ", ") + " are too many"
            return [
                "surplus": .array(surplus.map { ["server": .string($0)] }), "count": .int(Int64(surplus.count)),
                "present": .int(Int64(numbers.count)),
                "summary": .string("\(numbers.count) servers \(name), \(count) are wanted: \(words)"),
            ]
        }
    }

    private func wanted(_ kept: any KeptValues) async throws -> Int {
        guard let keep else { return count }
        return try await CountOverride(pool: pool, name: keep).count(kept)?.count ?? count
    }

    /// Of `NAME-5` the 5.
    private func number(_ server: String) -> Int? {
        guard server.hasPrefix(name + "-"), let number = Int(server.dropFirst(name.count + 1)), number > 0,
            server == "\(name)-\(number)"
        else { return nil }
        return number
    }
}
