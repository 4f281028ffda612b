import Domain

/// What `ssh.run` is asked for.
struct RunWish: Sendable {
    /// Bytes that are kept of each stream: later steps may read them.
    static let longestOutput = 16 * 1024

    let target: HostTarget
    let arguments: [String]
    let input: String
    let codes: Set<Int>

    init(_ reader: inout InputReader, _ hosts: any HostAccess) {
        target = HostTarget(&reader, hosts)
        arguments = reader.texts(
            "argv", "The program and its arguments, one each; no shell reads them", isRequired: true)
        input = reader.text("input", "What it reads from standard input", default: "")
        let given = reader.list("exit_codes", "The exit codes that are fine; 0 alone unless said")
        codes = given.isEmpty ? [0] : Set(given.compactMap(\.intValue))
        if codes.count < given.count || codes.contains(where: { !(0...255).contains($0) }) {
            reader.report("'exit_codes' must be numbers from 0 to 255, none twice", field: "exit_codes")
        }
        let isKnown = !arguments.contains { $0.contains("{{") }
        if isKnown, !arguments.isEmpty,
            let complaint = HostCommand(arguments, limit: .seconds(1)).complaint
        {
            reader.report(complaint, field: "argv")
        }
    }

    /// As a person would type it.
    var words: String {
        let words = arguments.map { argument in
            let isPlain =
                !argument.isEmpty
                && argument.utf8.allSatisfy { byte in
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                    default: "._/+:=,@%-".utf8.contains(byte)
                    }
                }
            return isPlain ? argument : "'\(argument.replacing("'", with: "'\\''"))'"
        }
        let text = words.joined(separator: " ")
        return text.count > 300 ? text.prefix(300) + "…" : text
    }

    var planned: String { "host \(target.host): runs \(words)" }

    /// Runs it. Throws `ActionError` when it ends with a code that is not fine.
    func run(isRepeatable: Bool, _ context: ActionContext) async throws -> HostCommandResult {
        let command = HostCommand(
            arguments, input: Array(input.utf8), limit: HostTarget.limit(context), tag: context.idempotencyKey,
            longestOutput: RunWish.longestOutput)
        context.progress("host \(target.host): \(arguments.first ?? "") runs")
        let result = try await target.run(command, changes: true, isRepeatable: isRepeatable, context)
        guard codes.contains(result.ending.shellStatus) else {
            throw target.failure(arguments, result, changes: true)
        }
        return result
    }

    /// What later steps and people get.
    func outputs(_ result: HostCommandResult) -> JSONValue {
        var output = result.output.text
        if output.hasSuffix("\n") { output.removeLast() }
        var outputs: [String: JSONValue] = [
            "exit_code": .int(Int64(result.ending.shellStatus)), "output": .string(output), "changed": true,
            "summary": .string("\(target.host): \(arguments.first ?? "") ended with \(result.ending)"),
        ]
        if let text = HostTarget.text(result) { outputs["details"] = .string(text) }
        return .object(outputs)
    }
}
