import Domain

/// `acme.change-key`: gives the bot's account at the CA another key (RFC 8555 §7.3.5).
struct AccountKeyAction: RepeatableAction, Plannable {
    private let keeper: CertificateKeeper?

    static func type(_ keeper: CertificateKeeper?) -> ActionType {
        ActionType(
            "acme.change-key", "Gives the bot's account at the CA another key", effect: .changes,
            outputs: [.init("summary", .text(nil), "One line for people")]
        ) { AccountKeyAction(&$0, keeper) }
    }

    init(_ input: inout InputReader, _ keeper: CertificateKeeper?) { self.keeper = keeper }

    private static let mark = "acme-account/changed-by"

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        ActionPlan(changes: ["account at \(try keeper.get().settings.directory): another key"])
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let keeper = try keeper.get()
        let done: JSONValue = ["summary": "the account at the CA has another key"]
        guard try await context.kept.value(AccountKeyAction.mark)?.value != .string(context.idempotencyKey)
        else { return done }
        do { try await keeper.authority.changeKey(context.time) } catch let error as ACMEError {
            throw error.actionError
        }
        try await context.kept.set(AccountKeyAction.mark, .string(context.idempotencyKey))
        return done
    }
}
