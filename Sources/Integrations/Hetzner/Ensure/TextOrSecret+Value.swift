import Domain

extension TextOrSecret {
    /// Throws `ActionError` when there is no such secret.
    func value(_ client: HetznerClient, for what: String) throws(ActionError) -> String {
        switch self {
        case .text(let text): return text
        case .secret(let reference):
            do { return try client.secrets.secret(reference).reveal() } catch {
                throw ActionError("\(what): \(error)", hint: "let bot.secret-ensure make it first")
            }
        }
    }

    /// The value, nil while there is no such secret.
    func present(_ client: HetznerClient) -> String? { try? value(client, for: "") }  // told where it is needed
}
