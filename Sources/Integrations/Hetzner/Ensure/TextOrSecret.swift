import Domain

/// A value that may be one of the bot's own secrets.
enum TextOrSecret: Sendable, Hashable {
    case text(String)
    /// By its name in the secret store.
    case secret(String)

    /// Throws `ActionError` when there is no such secret.
    func value(_ client: HetznerClient, for what: String) throws(ActionError) -> String {
        switch self {
        case .text(let text): return text
        case .secret(let name):
            do { return try client.secrets.secret(.stored(name)).reveal() } catch {
                throw ActionError("\(what): \(error)", hint: "let bot.secret-ensure make it first")
            }
        }
    }

    /// The value, nil while there is no such secret.
    func present(_ client: HetznerClient) -> String? { try? value(client, for: "") }  // told where it is needed
}
