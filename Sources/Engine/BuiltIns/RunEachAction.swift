import Domain

/// `bot.run-each`: starts a command for each of a list of things.
struct RunEachAction: RepeatableAction, Plannable {
    var jobs: any JobStarter
    var command: String
    var each: [JSONValue]
    var arguments: [String]
    var atMost: Int

    init(_ input: inout InputReader, jobs: any JobStarter) {
        self.jobs = jobs
        command = input.text("command", "The command's whole name, such as preview remove")
        each = input.list("each", "Maps, one for each job", isRequired: true)
        arguments = input.texts(
            "arguments", "Names of arguments; each map's members of these names are their values", isRequired: true)
        atMost = input.integer("at_most", "How many jobs it starts; the rest is left", in: 0...100, default: 5)
        if each.contains(where: { $0.objectValue == nil }) { input.report("each item must be a map", field: "each") }
    }

    /// What is started, with its command line; all of it is looked at before any is started.
    private func starts(_ context: ActionContext) async throws(ActionError) -> [(start: JobStart, line: String)] {
        var starts: [(JobStart, String)] = []
        for (index, item) in each.prefix(atMost).enumerated() {
            do throws(ActionError) {
                let start = JobStart(command: command, arguments: try values(of: item))
                let line = try await jobs.commandLine(of: start, for: context.jobID)
                if !starts.contains(where: { $0.1 == line }) { starts.append((start, line)) }
            } catch {
                var error = error
                error.message = "nothing was started: item \(index + 1): \(error.message)"
                throw error
            }
        }
        return starts
    }

    private func values(of item: JSONValue) throws(ActionError) -> [String: String] {
        var values: [String: String] = [:]
        for name in arguments {
            switch item[name] {
            case nil, .null: continue
            case .array, .object:
                throw ActionError("its '\(name)' is no single value, and an argument takes one")
            case .string, .int, .double, .bool: values[name] = item[name]?.plainText
            }
        }
        return values
    }

    private var left: Int { max(0, each.count - atMost) }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let starts = try await starts(context)
        var started: [(id: JobID, line: String)] = []
        for (start, line) in starts {
            // The same item has the same key in every try of this step, wherever it stands in the list.
            let digest = Hex.encode(SHA256Digest.of(Array(line.utf8))).prefix(32)
            let id = try await jobs.start(start, for: context.jobID, key: "\(context.idempotencyKey)/\(digest)")
            started.append((id, line))
            context.progress("\(started.count)/\(starts.count)")
        }
        return [
            "started": .array(started.map { .int($0.id) }), "changes": .int(Int64(started.count)),
            "left": .int(Int64(left)), "room": .int(Int64(atMost - started.count)),
            "summary": .string(summary(started.map(\.id))),
            "details": .string(started.map { "job \($0.id): \($0.line)" }.joined(separator: "\n")),
        ]
    }

    private func summary(_ started: [JobID]) -> String {
        if started.isEmpty { return left == 0 ? "nothing to start" : "nothing started; \(left) left" }
        let numbers = started.map(String.init).joined(separator: ", ")
        let jobs = started.count == 1 ? "job \(numbers) started" : "\(started.count) jobs started: \(numbers)"
        return left == 0 ? jobs : "\(jobs); \(left) left"
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        ActionPlan(
            changes: try await starts(context).map { "starts '\($0.line)'" },
            knownLater: left == 0 ? [] : ["\(left) more are left: at most \(atMost) are started at once"])
    }
}
