import Domain

/// The host that an action works on, as its inputs name it.
struct HostTarget: Sendable {
    /// How long a step may take whose command says nothing about it.
    private static let usualTime = Duration.seconds(600)

    let host: String
    let hosts: any HostAccess

    init(_ input: inout InputReader, _ hosts: any HostAccess) {
        host = input.text("host", "Name of the host in the settings")
        self.hosts = hosts
    }

    /// Runs `body`; what hinders it becomes an `ActionError`.
    func attempt<Value: Sendable>(
        changes: Bool = false, isRepeatable: Bool = true, _ body: () async throws -> Value
    ) async throws -> Value {
        do { return try await body() } catch let error as HostError {
            throw error.actionError(changes: changes, isRepeatable: isRepeatable)
        }
    }

    /// Runs a program that only looks, and returns what it writes. Throws `ActionError` when it ends otherwise than with
    /// 0.
    func read(_ arguments: [String], _ context: ActionContext) async throws -> String {
        try await output(arguments, changes: false, limit: .seconds(60), context)
    }

    /// Runs a program that changes something and does no harm when it runs again. Throws `ActionError` when it ends
    /// otherwise than with one of the codes.
    @discardableResult
    func change(_ arguments: [String], codes: Set<Int> = [0], _ context: ActionContext) async throws -> String {
        try await output(arguments, changes: true, codes: codes, limit: HostTarget.limit(context), context)
    }

    private func output(
        _ arguments: [String], changes: Bool, codes: Set<Int> = [0], limit: Duration, _ context: ActionContext
    ) async throws -> String {
        let result = try await run(
            HostCommand(arguments, limit: limit, tag: changes ? context.idempotencyKey : nil), changes: changes, context
        )
        guard codes.contains(result.ending.shellStatus) else { throw failure(arguments, result, changes: changes) }
        return result.output.text
    }

    func run(
        _ command: HostCommand, changes: Bool, isRepeatable: Bool = true, _ context: ActionContext
    ) async throws -> HostCommandResult {
        try await attempt(changes: changes, isRepeatable: isRepeatable) {
            try await hosts.run(command, on: host, for: context.jobID)
        }
    }

    /// Ends what a step has begun on the host and what runs there still.
    func end(_ context: ActionContext) async throws {
        try await attempt(changes: true) {
            try await hosts.end(context.idempotencyKey, on: host, for: context.jobID)
        }
    }

    func failure(_ arguments: [String], _ result: HostCommandResult, changes: Bool) -> ActionError {
        let program = arguments.first ?? ""
        let words = result.lastWords
        let code = result.ending.shellStatus
        return ActionError(
            "host \(host): \(program) ended with \(result.ending)" + (words.isEmpty ? "" : ": \(words)"),
            // 126 and 127: a shell did not find it or may not run it (sh(1)).
            mayHaveTakenEffect: changes && code != 126 && code != 127,
            hint: code == 127 ? "is '\(program)' installed there, and in the PATH of its user?" : nil,
            details: HostTarget.text(result))
    }

    /// Both streams, for the thread.
    static func text(_ result: HostCommandResult) -> String? {
        let text = [result.output.text, result.errors.text].filter { !$0.isEmpty }.joined(separator: "\n")
        return text.isEmpty ? nil : text
    }

    /// How long a command may run: it ends before its step runs out of time, so that what it said is known.
    static func limit(_ context: ActionContext) -> Duration {
        let time = context.timeLimit ?? usualTime
        let seconds = time.components.seconds
        return .seconds(min(max(1, seconds > 120 ? seconds - 30 : seconds * 3 / 4), 24 * 3600))
    }
}
