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

    var client: GoogleCloudClient
    var wish: ResourceWish
    var context: ActionContext

    func plan() async throws -> ActionPlan { try await look().plan }

    /// Reads the thing once. Throws `ActionError` for what is to be refused, or `CancellationError`.
    func look() async throws -> ThingLook {
        let what = wish.title
        switch try await verdict() {
        case .asWanted(let resource, let isOurs):
            let plan = ActionPlan(
                changes: [], notes: (isOurs ? [] : [EnsureRefusal.onlyRead(what)]) + wish.notes(resource))
            return ThingLook(plan: plan, asWanted: EnsuredThing(resource: resource, isOurs: isOurs))
        case .create: return ThingLook(plan: ActionPlan(changes: ["\(what): create" + created]))
        case .change(_, let steps):
            return ThingLook(plan: ActionPlan(changes: steps.flatMap(\.lines).map { "\(what): \($0)" }))
        case .foreign(let pool, let lines): throw EnsureRun.foreign(what, pool, lines)
        case .replacement(let lines, let hint): throw EnsureRefusal.replacement(what, lines, hint)
        }
    }

    func perform() async throws -> EnsuredThing {
        var result = EnsuredThing(resource: .null)
        do {
            try await run(&result)
            return result
        } catch let failure as GoogleFailure {
            throw failure.actionError("\(wish.title) is not as wanted", changes: true).after(result.changes)
        } catch let error as ActionError {
            throw error.after(result.changes)
        }
    }

    private func run(_ result: inout EnsuredThing) async throws {
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
            case .replacement(let lines, let hint): throw EnsureRefusal.replacement(wish.title, lines, hint)
            case .create:
                (call, lines) = (wish.insertion, ["created" + created])
            case .change(_, let steps):
                guard let first = steps.first else { return }
                (call, lines) = (first.call, first.lines)
            }
            // Google may show a change a moment after it was made.
            guard !asked.contains(call) else {
                looks += 1
                guard looks < EnsureRun.patience else { throw EnsureRefusal.unseen("Google", wish.title, lines) }
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

    private func carryOut(_ call: GoogleCall, _ lines: [String], _ result: inout EnsuredThing) async throws {
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
        return place + FieldText.made(of: wish.fields)
    }

    /// It differs, and it is nobody's or another pool's.
    static func foreign(_ what: String, _ pool: String?, _ lines: [String]) -> ActionError {
        EnsureRefusal.foreign(what, pool, lines, adopting: "adopt infrastructure")
    }
}
