import Domain

/// Makes several things of Compute Engine what the inputs say. Looks at all of them at once, refuses before anything is
/// changed when one of them is to be refused, and then changes those that differ, one after the other in their order.
struct EnsureListAction: RepeatableAction, Plannable {
    /// Things of one step.
    static let most = 100
    /// Looks at once.
    static let atOnce = 8

    private struct Thing: Sendable {
        var kind: AdoptableKind
        var resource: any EnsuredResource
    }

    private let cloud: CloudConnection
    private let things: [Thing]

    static func type(_ cloud: CloudConnection) -> ActionType {
        ActionType(
            "gcp.ensure", "Makes several things what they are wanted to be, in their order; looks at all at once first",
            effect: .changes,
            outputs: [
                .init("changed", .flag, "False when all were as wanted already"),
                .init("things", .map(.any), "The outputs of each by kind and name: things.address-rpc.address"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { EnsureListAction(&$0, cloud) }
    }

    init(_ input: inout InputReader, _ cloud: CloudConnection) {
        self.cloud = cloud
        let items = input.list(
            "things", "Each with its kind, as in gcp.<kind>-ensure, and the inputs of that action", isRequired: true)
        if items.count > EnsureListAction.most {
            input.report("'things' are \(items.count), more than \(EnsureListAction.most)", field: "things")
        }
        var things: [Thing] = []
        for (index, item) in items.prefix(EnsureListAction.most).enumerated() {
            guard let thing = EnsureListAction.read(item, number: index + 1, &input) else { continue }
            things.append(thing)
        }
        self.things = things
    }

    private static func read(_ item: JSONValue, number: Int, _ input: inout InputReader) -> Thing? {
        guard var members = item.objectValue, let word = members.removeValue(forKey: "kind")?.stringValue,
            let kind = AdoptableKind(rawValue: word)
        else {
            let kinds = AdoptableKind.allCases.map(\.rawValue).joined(separator: ", ")
            input.report("thing \(number) has no kind that is known", field: "things", fix: "kinds: \(kinds)")
            return nil
        }
        var reader = InputReader.reading(LocatedValue(.object(members)))
        let resource = kind.read(&reader)
        reader.finish()
        for problem in reader.problems {
            input.report("thing \(number), \(word): \(problem.message)", field: "things", fix: problem.fix)
        }
        return Thing(kind: kind, resource: resource)
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        var whole = ActionPlan(changes: [])
        for look in try await looks(try runs(context)) {
            whole.changes += look.plan.changes
            whole.notes += look.plan.notes
        }
        return whole
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let runs = try runs(context)
        let looks = try await looks(runs)
        var changes: [String] = []
        var notes: [String] = []
        var outputs: [String: JSONValue] = [:]
        for (index, run) in runs.enumerated() {
            let result: EnsureRun.Result
            if let there = looks[index].asWanted {
                result = there
            } else {
                do { result = try await run.perform() } catch let error as ActionError {
                    throw EnsureListAction.told(error, after: changes)
                }
            }
            changes += result.changes.map { "\(run.wish.title): \($0)" }
            notes += result.warnings + looks[index].plan.notes
            let thing = things[index]
            outputs["\(thing.kind.rawValue)-\(run.wish.name)"] = .object(thing.resource.outputs(of: result, run.wish))
        }
        let count = changes.count == 1 ? "1 change" : "\(changes.count) changes"
        return [
            "changed": .bool(!changes.isEmpty), "things": .object(outputs),
            "summary": .string(
                changes.isEmpty ? "nothing to do: all \(runs.count) are as wanted" : "\(count) of \(runs.count) things"),
            "details": .string((changes + notes).joined(separator: "\n")),
        ]
    }

    private func runs(_ context: ActionContext) throws -> [EnsureRun] {
        let client = try cloud.client()
        return try things.map {
            EnsureRun(client: client, wish: try $0.resource.wish(client.defaults), context: context)
        }
    }

    /// Looks at all, some at once. Throws one `ActionError` for all that are to be refused.
    private func looks(_ runs: [EnsureRun]) async throws -> [EnsureRun.Look] {
        var found = [Result<EnsureRun.Look, ActionError>?](repeating: nil, count: runs.count)
        try await withThrowingTaskGroup(of: (Int, Result<EnsureRun.Look, ActionError>).self) { group in
            var next = 0
            func begin() {
                guard next < runs.count else { return }
                let index = next
                next += 1
                group.addTask {
                    do { return (index, .success(try await runs[index].look())) } catch let error as ActionError {
                        return (index, .failure(error))
                    }
                }
            }
            for _ in 0..<EnsureListAction.atOnce { begin() }
            while let (index, result) = try await group.next() {
                found[index] = result
                begin()
            }
        }
        var errors: [ActionError] = []
        var looks: [EnsureRun.Look] = []
        for case let result? in found {
            switch result {
            case .success(let look): looks.append(look)
            case .failure(let error): errors.append(error)
            }
        }
        guard let error = EnsureListAction.together(errors) else { return looks }
        throw error
    }

    /// Nil when there is none. One that stays makes the whole stay.
    private static func together(_ errors: [ActionError]) -> ActionError? {
        guard var whole = errors.first(where: { $0.retry == .never }) ?? errors.first else { return nil }
        guard errors.count > 1 else { return whole }
        whole.details = errors.map(\.message).joined(separator: "\n")
        whole.message += " (and \(errors.count - 1) more)"
        return whole
    }

    private static func told(_ error: ActionError, after changes: [String]) -> ActionError {
        guard !changes.isEmpty else { return error }
        var error = error
        error.mayHaveTakenEffect = true
        let done = "done before that: " + changes.joined(separator: "; ")
        error.details = [error.details, done].compactMap { $0 }.joined(separator: "\n")
        return error
    }
}
