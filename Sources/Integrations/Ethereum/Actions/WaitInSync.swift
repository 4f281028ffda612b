import Domain

/// `ethereum.wait-in-sync`. It has no end of its own: the step's time-out ends it.
struct WaitInSync: RepeatableAction {
    private static let shortestPoll = Duration.milliseconds(100)

    private let node: String
    private let standard: NodeReading.Standard
    private let stall: Duration?
    private let poll: Duration
    private let nodes: EthereumNodes

    init(_ input: inout InputReader, nodes: EthereumNodes) {
        node = EthereumActions.node("node", "The node to wait for", &input, nodes)
        standard = EthereumActions.standard(&input, nodes)
        stall = input.optionalDuration(
            "stall",
            "Without any progress for so long it fails, with the reason; only the step's time-out ends it when left out"
        )
        poll = input.duration("poll", "How often it is asked", default: .seconds(5))
        if poll < WaitInSync.shortestPoll {
            input.report("input 'poll' is too short", field: "poll", fix: "a node is asked at most every 100ms")
        }
        self.nodes = nodes
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        var last: NodeReading?
        var since = context.time.now
        while true {
            guard let reading = try await nodes.reading(of: node, time: context.time) else {
                throw EthereumActions.unknown(node, nodes)
            }
            let obstacles = reading.obstacles(standard)
            if obstacles.isEmpty { return outputs(reading) }
            if let refusal = reading.refusal(standard) {
                throw ActionError(
                    "\(node) cannot be asked: \(refusal.message)", hint: refusal.hint,
                    details: obstacles.joined(separator: "\n"))
            }
            // Nearer to the head than a moment ago: one that was restarted is farther than before it stopped.
            if last.map({ reading.isCloser(than: $0, standard) }) ?? true { since = context.time.now }
            last = reading
            if let stall, context.time.now.since(since) >= stall { throw stalled(reading, obstacles, stall) }
            context.progress(progress(reading, obstacles))
            try await context.time.sleep(for: poll)
        }
    }

    /// `head 42 s old, 12 peers`, with what else keeps it; what is not reached just now is told as it is.
    private func progress(_ reading: NodeReading, _ obstacles: [String]) -> String {
        // The facts say the age and the peers already.
        let others = obstacles.filter { !$0.hasPrefix("head ") && !$0.contains(" peer") }
        return ([reading.facts].filter { !$0.isEmpty } + others).joined(separator: "; ")
    }

    private func stalled(_ reading: NodeReading, _ obstacles: [String], _ stall: Duration) -> ActionError {
        ActionError(
            "\(node) makes no progress for \(DurationText.human(stall)): " + obstacles.joined(separator: "; "),
            hint: "diagnose-geth \(node) looks for the cause; its last log lines tell more",
            details: obstacles.joined(separator: "\n"))
    }

    private func outputs(_ reading: NodeReading) -> JSONValue {
        [
            "block": reading.block.map(JSONValue.int) ?? .null,
            "head_age": .string(DurationText.canonical(.seconds((reading.headAge ?? .zero).milliseconds / 1000))),
            "peers": .int(Int64(reading.peers ?? 0)),
            "client": .string(reading.client ?? ""),
            "summary": .string(
                "in sync: block \(reading.block ?? 0), " + reading.facts
                    + (reading.client.map { ", \($0)" } ?? "")),
        ]
    }
}
