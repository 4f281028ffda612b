import Domain

/// Reads what an instance has written to its first serial port: the system's start, and why it did not start.
struct SerialOutputAction: RepeatableAction {
    private let cloud: CloudConnection
    private let target: InstanceTarget
    private let lines: Int

    static func type(_ cloud: CloudConnection) -> ActionType {
        ActionType(
            "gcp.instance-serial-output", "Shows the last lines of an instance's serial port", effect: .reads,
            outputs: [
                .init("details", .text(nil), "The lines"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { SerialOutputAction(&$0, cloud) }
    }

    init(_ input: inout InputReader, _ cloud: CloudConnection) {
        self.cloud = cloud
        target = InstanceTarget(&input)
        lines = input.integer("lines", "How many lines at most", in: 1...1000, default: 100)
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await cloud.attempt("the serial port of \(target.title) cannot be read") { client in
            let answer = try await client.send(
                GoogleCall(
                    .compute, "GET", "\(try target.path(client))/serialPort", query: [.init("port", "1")]))
            let text = answer["contents"]?.stringValue ?? ""
            // As terminals write them: a line may end with a carriage return and a line feed.
            let all = text.split(omittingEmptySubsequences: false) { $0.isNewline }
            let last = all.suffix(lines + (all.last?.isEmpty == true ? 1 : 0)).joined(separator: "\n")
            let count = min(lines, all.count - (all.last?.isEmpty == true ? 1 : 0))
            return [
                "details": .string(last),
                "summary": .string(
                    text.isEmpty ? "\(target.title) has written nothing" : "the last \(count) lines of \(target.title)"),
            ]
        }
    }
}
