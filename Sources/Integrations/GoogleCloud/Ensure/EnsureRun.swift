import Domain
import Foundation

/// Makes one thing what it is wanted to be: reads it, creates it where it is missing, changes only what differs, and
/// refuses what is not ours and what would need replacing.
struct EnsureRun: Sendable {
    /// Changes of one thing, each followed by a look.
    static let mostRounds = 40
    /// Looks at a thing that Google said it had made or changed and that does not show it yet.
    static let patience = 10
    /// Calls that complete what was just made: labels of what takes them late, the instances of a group.
    private static let completing = ["/setLabels", "/addInstances"]

    /// What came of it.
    struct Result: Sendable {
        var resource: JSONValue
        /// What was changed, for people; empty: nothing.
        var changes: [String] = []
        var isCreated = false
        var isOurs = true
        var warnings: [String] = []

        /// What every ensure action puts out, beside its own outputs.
        func outputs(_ own: [String: JSONValue], title: String, path: String) -> [String: JSONValue] {
            var outputs = own
            outputs["self_link"] = .string(resource["selfLink"]?.stringValue ?? path)
            outputs["changed"] = .bool(!changes.isEmpty)
            let done = changes.isEmpty ? "is as wanted" : changes.joined(separator: ", ")
            outputs["summary"] = .string(isOurs ? "\(title) \(done)" : EnsureRun.onlyRead(title))
            if !warnings.isEmpty { outputs["details"] = .string(warnings.joined(separator: "\n")) }
            return outputs
        }
    }

    var client: GoogleCloudClient
    var wish: ResourceWish
    var context: ActionContext

    /// What a look says.
    struct Look: Sendable {
        var plan: ActionPlan
        /// What is there, when nothing has to be done.
        var asWanted: Result?
    }

    func plan() async throws -> ActionPlan { try await look().plan }

    /// Reads the thing once. Throws `ActionError` for what is to be refused, or `CancellationError`.
    func look() async throws -> Look {
        let what = wish.title
        switch try await verdict() {
        case .asWanted(let resource, let isOurs):
            let plan = ActionPlan(
                changes: [], notes: (isOurs ? [] : [EnsureRun.onlyRead(what)]) + wish.notes(resource))
            return Look(plan: plan, asWanted: Result(resource: resource, isOurs: isOurs))
        case .create: return Look(plan: ActionPlan(changes: ["\(what): create" + created]))
        case .change(_, let steps):
            return Look(plan: ActionPlan(changes: steps.flatMap(\.lines).map { "\(what): \($0)" }))
        case .foreign(let pool, let lines): throw EnsureRun.foreign(what, pool, lines)
        case .replacement(let lines, let hint): throw EnsureRun.replacement(what, lines, hint)
        }
    }

    func perform() async throws -> Result {
        var result = Result(resource: .null)
        do {
            try await run(&result)
            return result
        } catch let failure as GoogleFailure {
            throw failure.actionError("\(wish.title) is not as wanted", changes: true).after(result.changes)
        } catch let error as ActionError {
            throw error.after(result.changes)
        }
    }

    private func run(_ result: inout Result) async throws {
        var asked: Set<GoogleCall> = []
        var looks = 0
        for _ in 0..<EnsureRun.mostRounds {
            let call: GoogleCall
            var lines: [String]
            switch try await verdict() {
            case .asWanted(let resource, let isOurs):
                result.resource = resource
                result.isOurs = isOurs
                return
            case .foreign(let pool, let lines): throw EnsureRun.foreign(wish.title, pool, lines)
            case .replacement(let lines, let hint): throw EnsureRun.replacement(wish.title, lines, hint)
            case .create:
                (call, lines) = (wish.insertion, ["created" + created])
            case .change(_, let steps):
                guard let first = steps.first else { return }
                (call, lines) = (first.call, first.lines)
            }
            // Google may show a change a moment after it was made.
            guard !asked.contains(call) else {
                looks += 1
                guard looks < EnsureRun.patience else { throw EnsureRun.unseen(wish.title, lines) }
                try await context.time.sleep(for: .milliseconds(500 * looks))
                continue
            }
            do {
                try await carryOut(call, lines, &result)
                asked.insert(call)
            } catch let failure as GoogleFailure where failure.isBusy && looks < EnsureRun.patience {
                looks += 1
                try await context.time.sleep(for: .seconds(looks))
            }
        }
        throw ActionError("\(wish.title) does not become as wanted", mayHaveTakenEffect: true)
    }

    private func carryOut(_ call: GoogleCall, _ lines: [String], _ result: inout Result) async throws {
        let words = "\(wish.title): \(lines.joined(separator: ", "))"
        context.progress(words)
        do {
            let operation = try await client.startAnew(call, key: context.idempotencyKey, parent: wish.scope)
            let end = try await client.finish(operation, time: context.time) { progress in
                context.progress(words + (progress.map { " (\($0) %)" } ?? ""))
            }
            result.warnings += end.warnings
        } catch let failure as GoogleFailure where failure.isAlreadyThere || failure.isOutdated {
            // Made or changed by somebody meanwhile: what is there now decides.
            return
        }
        // What cannot be given with what is made belongs to the making.
        if result.isCreated, EnsureRun.completing.contains(where: call.path.hasSuffix) { return }
        result.changes += lines
        if call == wish.insertion { result.isCreated = true }
    }

    /// Reads the thing, once. Throws `ActionError`.
    func verdict() async throws -> ResourceVerdict {
        let resource: JSONValue?
        do { resource = try await wish.read(client, context) } catch let failure as GoogleFailure {
            throw failure.actionError("\(wish.title) cannot be read", changes: false)
        }
        var adopted: String?
        if let resource, PoolMark.pool(of: resource, wish.kind) == nil {
            adopted = try await context.kept.value(PoolMark.adoptionKey(wish.path))?.value?["pool"]?.stringValue
        }
        return wish.verdict(resource, adopted: adopted)
    }

    /// ` in europe-west3-a with machineType n2-standard-8, …`
    private var created: String {
        let place =
            switch wish.place {
            case .global: ""
            case .region(let name), .zone(let name): " in \(name)"
            }
        let shown = wish.fields.filter { !["none", ""].contains(WantedField.shown($0.wanted)) }
        guard !shown.isEmpty else { return place }
        return place + " with "
            + shown.map { field in
                field.words == nil
                    ? "\(field.name) \(WantedField.shown(field.wanted))" : field.name
            }.joined(separator: ", ")
    }
}

extension EnsureRun {
    static func onlyRead(_ what: String) -> String { "\(what) is there without this pool's mark, so it is only read" }

    static func foreign(_ what: String, _ pool: String?, _ lines: [String]) -> ActionError {
        let differences = lines.joined(separator: "; ")
        guard let pool else {
            return ActionError(
                "\(what) is there, is not the bot's, and differs: \(differences)",
                hint: "adopt it first (adopt infrastructure), or change the definition to what is there")
        }
        return ActionError(
            "\(what) belongs to the pool \(pool), and differs: \(differences)", hint: "give it another name")
    }

    static func replacement(_ what: String, _ lines: [String], _ hint: String?) -> ActionError {
        ActionError(
            "\(what) would have to be replaced, which the bot does not do: \(lines.joined(separator: "; "))",
            hint: hint ?? "change the definition to what is there, or delete it by hand and run this again")
    }

    private static func unseen(_ what: String, _ lines: [String]) -> ActionError {
        ActionError(
            "Google has said that this was done, and does not show it: \(what): \(lines.joined(separator: "; "))",
            retry: .later(afterMilliseconds: 30_000), mayHaveTakenEffect: true)
    }
}
