import Domain

/// `acme.revoke`: revokes the certificate that was replaced last, so that a key which others may have is worth nothing
/// (RFC 8555 §7.6). Never the one in use.
struct RevokeAction: RepeatableAction, Plannable {
    /// Reasons that a CA takes (RFC 5280 §5.3.1).
    enum Reason: String, CaseIterable {
        case unspecified
        case keyCompromise = "key-compromise"
        case superseded
        case cessationOfOperation = "cessation-of-operation"

        var code: Int {
            switch self {
            case .unspecified: 0
            case .keyCompromise: 1
            case .superseded: 4
            case .cessationOfOperation: 5
            }
        }
    }

    private let name: String
    private let reason: Reason
    private let keeper: CertificateKeeper?

    static func type(_ keeper: CertificateKeeper?) -> ActionType {
        ActionType(
            "acme.revoke", "Revokes the certificate that was replaced last, never the one in use", effect: .changes,
            outputs: [.init("summary", .text(nil), "One line for people")]
        ) { RevokeAction(&$0, keeper) }
    }

    init(_ input: inout InputReader, _ keeper: CertificateKeeper?) {
        name = input.text("name", "The certificate's name")
        reason = input.choice("reason", "Why", of: Reason.self, default: .superseded) ?? .superseded
        self.keeper = keeper
    }

    private func replaced(_ keeper: CertificateKeeper) async throws -> IssuedCertificate? {
        try await keeper.safe.previousChain(name).map { try IssuedCertificate(chain: $0) }
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        _ = try keeper.get().wishes(name)
        return ActionPlan(
            changes: ["certificate \(name): revoke the one that is replaced, because of \(reason.rawValue)"])
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let keeper = try keeper.get()
        _ = try keeper.wishes(name)
        do {
            guard let old = try await replaced(keeper) else {
                throw ActionError(
                    "no certificate before the present one is kept for \(name)",
                    hint: "rotate-certs \(name) --force makes a new one first")
            }
            try await keeper.authority.client(context.time).revoke(old.leafDER, reason: reason.code)
            return ["summary": .string("the certificate \(old.serialNumber) of \(name) is revoked")]
        } catch let error as ACMEError {
            throw error.actionError
        }
    }
}
