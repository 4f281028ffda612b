import Domain

/// `ethereum.allow-restart`: says whether what was diagnosed calls for a restart, and ends the job when it does not.
struct AllowRestart: RepeatableAction {
    private let node: String
    private let half: NodeCause.Half
    private let cause: NodeCause
    private let person: String
    private let isForced: Bool
    private let places: [String]
    private let standard: NodeReading.Standard
    private let nodes: EthereumNodes

    static func type(_ nodes: EthereumNodes) -> ActionType {
        ActionType(
            "ethereum.allow-restart",
            "Passes when a restart is the remedy for what was diagnosed and does no harm; else says what is",
            effect: .reads,
            outputs: [
                .init("restart", .flag, "False when there is nothing to mend and no person asked"),
                .init("others", .list(.text(nil)), "Names of the other nodes that are in sync"),
                .init("summary", .text(nil), "One line for people"),
                .init("details", .text(nil), "How the other nodes are"),
            ]
        ) { AllowRestart(&$0, nodes) }
    }

    init(_ input: inout InputReader, _ nodes: EthereumNodes) {
        node = EthereumActions.node("node", "The node that is to be restarted", &input, nodes)
        half =
            input.choice(
                "half", "Geth (execution) or Lighthouse (consensus)", of: NodeCause.Half.self, default: .execution)
            ?? .execution
        cause = input.choice("cause", "What ethereum.diagnose has found", of: NodeCause.self) ?? .unclear
        person = input.text("asked_by", "The person who asked, empty for a rule: {{job.person}}", default: "")
        isForced = input.flag(
            "force", "Also when no other node is in sync, and whatever the cause; never while it catches up")
        places = input.texts(
            "places", "Where the command has steps to restart it, of kubernetes and host; anywhere when left out")
        standard = EthereumActions.standard(&input, nodes)
        for place in places where !NodePlace.words.contains(place) {
            input.report(
                "'\(place)' is no place", field: "places", fix: "write \(NodePlace.words.joined(separator: " or "))")
        }
        self.nodes = nodes
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        guard nodes.names.contains(node) else { throw EthereumActions.unknown(node, nodes) }
        let program = half == .execution ? "Geth" : "Lighthouse"
        guard cause != .catchingUp else {
            throw ActionError(
                "\(node) catches up by itself: it is not restarted while its distance to the head becomes smaller",
                hint:
                    "wait; /defimon status shows how far it is. What comes back slower than you like is still faster than a restart"
            )
        }
        guard half == .execution || nodes.place(of: node) != nil else {
            throw ActionError(
                "the settings do not say where Lighthouse of \(node) runs", hint: "set ethereum.nodes.\(node).runs_on")
        }
        if let place = nodes.place(of: node), !places.isEmpty, !places.contains(place.word) {
            throw ActionError(
                "\(node) runs on \(place.word), and this command works on \(places.joined(separator: ", ")) alone",
                hint: "restart it by hand: \(half == .execution ? place.execution : place.consensus)")
        }
        let others = try await others(context)
        if !isForced { try check(program, others) }
        let isNeeded = cause != .healthy || !person.isEmpty || isForced
        return [
            "restart": .bool(isNeeded), "others": .array(others.good.map(JSONValue.string)),
            "summary": .string(summary(program, others, isNeeded)),
            "details": .string(others.lines.joined(separator: "\n")),
        ]
    }

    /// Throws when a restart is not the remedy, or would take the last node in sync away.
    private func check(_ program: String, _ others: Others) throws {
        guard cause == .healthy || cause.half == half else {
            throw ActionError(
                "a restart of \(program) is no remedy: \(node) is \(cause.rawValue)", hint: cause.advice,
                details: others.lines.joined(separator: "\n"))
        }
        // A process that is not there serves nobody: to start it takes nothing away.
        guard others.good.isEmpty, !cause.isDown else { return }
        // A rule found nothing wrong: it restarts nothing, whatever the others do.
        if cause == .healthy, person.isEmpty { return }
        let words =
            others.lines.isEmpty
            ? "there is no other node than \(node)"
            : "no other node is in sync: " + others.lines.joined(separator: " | ")
        let isBad = cause == .healthy ? "" : "; \(node) is \(cause.rawValue) too, so none serves well"
        throw ActionError(
            words + isBad, hint: "bring another node back in sync first, or use --force if the command has it",
            details: others.lines.joined(separator: "\n"))
    }

    private func summary(_ program: String, _ others: Others, _ isNeeded: Bool) -> String {
        let serving =
            others.good.isEmpty
            ? "no other node is in sync" : "\(others.good.joined(separator: ", ")) in sync"
        if !isNeeded { return "\(node) is in sync: nothing is restarted, \(serving)" }
        if cause.isDown { return "\(program) of \(node) is down and is started, \(serving)" }
        return "\(program) of \(node) is restarted (\(cause.rawValue)\(isForced ? ", by force" : "")), \(serving)"
    }

    private struct Others {
        var good: [String]
        var lines: [String]
    }

    private func others(_ context: ActionContext) async throws -> Others {
        let readings = try await nodes.readings(of: nodes.names.filter { $0 != node }, time: context.time)
        return Others(
            good: readings.filter { $0.obstacles(standard).isEmpty }.map(\.node),
            lines: readings.map { $0.line(standard) })
    }
}
