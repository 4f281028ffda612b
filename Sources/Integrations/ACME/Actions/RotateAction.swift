import Domain

/// `acme.rotate`: brings the certificates of the settings to where they belong, and renews those whose time has come. Each
/// goes its own way: one that fails hinders no other.
struct RotateAction: RepeatableAction, Plannable {
    /// Certificates that are worked on at the same time.
    static let atOnce = 4

    private let name: String
    private let isForced: Bool
    private let keeper: CertificateKeeper?

    static func type(_ keeper: CertificateKeeper?) -> ActionType {
        ActionType(
            "acme.rotate",
            "Renews certificates whose time has come, installs each where the settings say, and sees it at work there "
                + "before the old one is forgotten",
            effect: .changes,
            outputs: [
                .init("changes", .integer(nil), "How many certificates are new and how many places have another one"),
                .init("issued", .list(.text(nil)), "Names of those that are new"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { RotateAction(&$0, keeper) }
    }

    init(_ input: inout InputReader, _ keeper: CertificateKeeper?) {
        name = input.text("name", "A certificate's name or a host that it covers; all unless said", default: "")
        isForced = input.flag("force", "A new certificate also when it is not due")
        self.keeper = keeper
    }

    private func rotations(_ context: ActionContext) throws(ActionError) -> [Rotation] {
        let keeper = try keeper.get()
        return try keeper.wishes(name).map { wish in
            Rotation(
                keeper: keeper,
                question: keeper.question(wish, isForced: isForced, step: context.idempotencyKey), context: context)
        }
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        let plans = try await Parallel.values(try rotations(context), atOnce: RotateAction.atOnce) {
            try await $0.plan()
        }
        return ActionPlan(changes: plans.flatMap(\.changes), notes: plans.flatMap(\.notes))
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let rotations = try rotations(context)
        // Each has its own outcome, also its own failure.
        let outcomes = try await Parallel.values(rotations, atOnce: RotateAction.atOnce) { rotation in
            do { return Result<Rotation.Outcome, ActionError>.success(try await rotation.run()) } catch let error
                as ActionError
            {
                return .failure(RotateAction.named(error, rotation))
            }
        }
        let report = RotationReport(outcomes.compactMap { try? $0.get() }, now: context.time.now)
        let failures = outcomes.compactMap { outcome in
            if case .failure(let error) = outcome { error } else { nil }
        }
        guard failures.isEmpty else { throw RotateAction.error(failures, of: rotations.count, report) }
        return report.outputs
    }

    private static func named(_ error: ActionError, _ rotation: Rotation) -> ActionError {
        var error = error
        let start = "certificate \(rotation.question.wish.name): "
        if !error.message.hasPrefix(start) { error.message = start + error.message }
        return error
    }

    private static func error(_ failures: [ActionError], of count: Int, _ report: RotationReport) -> ActionError {
        let first = failures[0]
        let others = failures.dropFirst().map(\.message).joined(separator: "; ")
        let done = report.lines.isEmpty ? nil : "done meanwhile:\n" + report.lines.joined(separator: "\n")
        return ActionError(
            others.isEmpty ? first.message : "\(failures.count) of \(count) failed. \(first.message); \(others)",
            retry: failures.contains { $0.retry != .never }
                ? first.retry == .never ? .later(afterMilliseconds: nil) : first.retry : .never,
            mayHaveTakenEffect: true, hint: first.hint,
            details: [first.details, done].compactMap { $0 }.joined(separator: "\n"))
    }
}
