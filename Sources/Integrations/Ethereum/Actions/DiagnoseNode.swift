import Domain

/// `ethereum.diagnose`: looks at a node until it is clear what is wrong with it.
struct DiagnoseNode: RepeatableAction {
    private static let shortestPoll = Duration.milliseconds(100)
    private static let longestWatch = Duration.seconds(600)
    /// Looks in a row that must say the same of what is seen at once.
    private static let looksAlike = 2

    private let node: String
    private let standard: NodeReading.Standard
    private let watch: Duration
    private let poll: Duration
    private let diskFreePercent: Int?
    private let nodes: EthereumNodes

    static func type(_ nodes: EthereumNodes) -> ActionType {
        ActionType(
            "ethereum.diagnose", "Looks at a node until it is clear what is wrong with it, and which remedy that wants",
            effect: .reads,
            outputs: [
                .init("cause", .choice(NodeCause.allCases.map(\.rawValue)), "What is wrong with it"),
                .init("remedy", .choice(NodeCause.Remedy.allCases.map(\.rawValue)), "What helps against that"),
                .init(
                    "restart_allowed", .flag,
                    "Whether a restart of Geth does no harm: it is down, stands still, or is in sync"),
                .init("is_down", .flag, "Whether the process that the remedy starts is not there"),
                .init(
                    "runs_on", .choice(["kubernetes", "host", "unknown"]), "Where it runs, as the settings say"),
                .init("host", .text(nil), "Name of its host in the settings; empty where it runs on none"),
                .init("node", .text(nil), "The node's name in the settings"),
                .init("execution", .text(nil), "Name of Geth's workload or unit; empty when the settings do not say"),
                .init("consensus", .text(nil), "Name of Lighthouse's; empty when the settings do not say"),
                .init("summary", .text(nil), "One line for people"),
                .init("details", .text(nil), "What was seen"),
            ]
        ) { DiagnoseNode(&$0, nodes) }
    }

    init(_ input: inout InputReader, _ nodes: EthereumNodes) {
        node = EthereumActions.node("node", "The node to look at", &input, nodes)
        standard = EthereumActions.standard(&input, nodes)
        watch = input.duration(
            "watch", "How long it must stand still before that counts; what is seen at once is said sooner",
            default: .seconds(30))
        poll = input.duration("poll", "The time between two looks", default: .seconds(5))
        diskFreePercent = input.optionalInteger(
            "disk_free_percent", "How much of its disk is free, where an earlier step knows it", in: 0...100)
        if poll < DiagnoseNode.shortestPoll {
            input.report("input 'poll' is too short", field: "poll", fix: "a node is asked at most every 100ms")
        }
        if watch < poll || watch > DiagnoseNode.longestWatch {
            input.report("input 'watch' does not fit", field: "watch", fix: "it is at least 'poll' and at most 10m")
        }
        self.nodes = nodes
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let begin = context.time.now
        var first: NodeLook?
        var alike = 0
        var known: NodeCause?
        while true {
            guard let look = try await nodes.look(at: node, time: context.time) else {
                throw EthereumActions.unknown(node, nodes)
            }
            let diagnosis = Diagnosis(
                first: first ?? look, last: look, standard: standard, diskFreePercent: diskFreePercent)
            alike = diagnosis.cause == known ? alike + 1 : 1
            known = diagnosis.cause
            if isSettled(diagnosis.cause, alike, context.time.now.since(begin)) {
                return outputs(diagnosis, look)
            }
            first = first ?? look
            context.progress("\(node): \(diagnosis.reason)")
            try await context.time.sleep(for: poll)
        }
    }

    private func isSettled(_ cause: NodeCause, _ alike: Int, _ passed: Duration) -> Bool {
        switch cause {
        case .healthy, .catchingUp: true
        case _ where cause.isSeenAtOnce: alike >= DiagnoseNode.looksAlike
        default: passed >= watch
        }
    }

    private func outputs(_ diagnosis: Diagnosis, _ look: NodeLook) -> JSONValue {
        let cause = diagnosis.cause
        let place = nodes.place(of: node)
        return [
            "cause": .string(cause.rawValue), "remedy": .string(cause.remedy.rawValue),
            "restart_allowed": .bool(cause == .healthy || cause.half == .execution), "is_down": .bool(cause.isDown),
            "node": .string(node), "runs_on": .string(place?.word ?? "unknown"),
            "host": .string(place?.host ?? ""),
            "execution": .string(place?.execution ?? ""),
            "consensus": .string(place?.consensus ?? ""),
            "summary": .string("\(node): \(cause.rawValue) – \(diagnosis.reason)"),
            "details": .string(
                NodeTable.text(look, standard, diskFreePercent: diskFreePercent) + "\n\nNext: " + cause.advice),
        ]
    }
}
