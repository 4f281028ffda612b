import Domain
import Outbound

/// Makes several things of Compute Engine what the inputs say. Looks at all of them at once, refuses before anything is
/// changed when one of them is to be refused, and then changes those that differ, one after the other in their order.
struct EnsureListAction: RepeatableAction, Plannable {
    private let cloud: CloudConnection
    private let things: [(kind: AdoptableKind, resource: any EnsuredResource)]

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
        let list = ThingList(&input, kinds: AdoptableKind.allCases.map(AdoptionKind.thing))
        things = list.things.compactMap { thing in
            guard case .compute(let resource, let kind) = thing else { return nil }
            return (kind, resource)
        }
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
        let found = await Parallel.run(runs, atOnce: ThingList.atOnce) { run -> Result<EnsureRun.Look, ActionError> in
            // A refusal keeps nobody from being looked at: all of them are told together.
            do { return .success(try await run.look()) } catch let error as ActionError { return .failure(error) }
        }
        var errors: [ActionError] = []
        var looks: [EnsureRun.Look] = []
        for outcome in found {
            switch try outcome?.get() {
            case .success(let look)?: looks.append(look)
            case .failure(let error)?: errors.append(error)
            case nil: continue
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
