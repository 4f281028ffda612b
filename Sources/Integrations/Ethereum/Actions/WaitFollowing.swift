import Domain

/// `ethereum.wait-following`: waits until all nodes are up, have peers, and get nearer to the head or are in sync. A first
/// sync takes hours or days, and nobody waits for its end here.
struct WaitFollowing: RepeatableAction {
    private static let shortestPoll = Duration.milliseconds(100)

    private let standard: NodeReading.Standard
    private let poll: Duration
    private let nodes: EthereumNodes

    static func type(_ nodes: EthereumNodes) -> ActionType {
        ActionType(
            "ethereum.wait-following",
            "Waits until all nodes have peers, and get nearer to the head of the chain or are in sync", effect: .reads,
            outputs: [
                .init("in_sync", .flag, "Whether all of them are in sync already"),
                .init("behind", .list(.text(nil)), "Names of those that are not"),
                .init("summary", .text(nil), "One line for people"),
                .init("details", .text(nil), "How each node is"),
            ]
        ) { WaitFollowing(&$0, nodes) }
    }

    init(_ input: inout InputReader, _ nodes: EthereumNodes) {
        standard = EthereumActions.standard(&input, nodes)
        poll = input.duration("poll", "The time between two looks", default: .seconds(5))
        if poll < WaitFollowing.shortestPoll {
            input.report("input 'poll' is too short", field: "poll", fix: "a node is asked at most every 100ms")
        }
        self.nodes = nodes
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        guard !nodes.names.isEmpty else {
            throw ActionError("the settings name no nodes", hint: "name them under ethereum.nodes")
        }
        var first: [String: NodeReading] = [:]
        var following: Set<String> = []
        while true {
            let readings = try await nodes.readings(of: nodes.names, time: context.time)
            for reading in readings {
                let isGood = reading.obstacles(standard).isEmpty
                let isNearer = first[reading.node].map { reading.isCloser(than: $0, standard) } ?? false
                let hasPeers = (reading.peers ?? 0) >= standard.minPeers
                if isGood || (isNearer && hasPeers) { following.insert(reading.node) }
                // What cannot be read yet is no beginning.
                if first[reading.node] == nil, reading.block != nil || reading.beacon != nil {
                    first[reading.node] = reading
                }
            }
            if readings.allSatisfy({ following.contains($0.node) }) { return outputs(readings) }
            let missing = readings.filter { !following.contains($0.node) }
            context.progress(missing.map { $0.line(standard) }.joined(separator: " | "))
            try await context.time.sleep(for: poll)
        }
    }

    private func outputs(_ readings: [NodeReading]) -> JSONValue {
        let behind = readings.filter { !$0.obstacles(standard).isEmpty }.map(\.node)
        let words =
            behind.isEmpty
            ? "all \(readings.count) nodes are in sync"
            : "\(readings.count) nodes follow the chain; not in sync yet: \(behind.joined(separator: ", "))"
        return [
            "in_sync": .bool(behind.isEmpty), "behind": .array(behind.map(JSONValue.string)), "summary": .string(words),
            "details": .string(readings.map { $0.line(standard) }.joined(separator: "\n")),
        ]
    }
}
