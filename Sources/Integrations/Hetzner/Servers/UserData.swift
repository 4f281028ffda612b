import Domain

/// What a server's first start is told: a text, or a cloud-init document as a map. `{{secrets.x}}` in it is one of the
/// bot's secrets, filled in when the server is ordered and shown nowhere.
struct UserData: Sendable {
    /// Bytes (docs.hetzner.cloud, Create a Server).
    static let largest = 32 * 1024

    private let value: JSONValue
    private let secrets: [String: TextOrSecret]

    init(_ input: inout InputReader) {
        value = input.any(
            "user_data",
            "What its first start is told: cloud-init's document as a map, or a text; counts only when it is made")
        let named = input.any("secrets", "Secrets that user_data names as secrets.x: {join_token: {stored: NAME}}")
        var secrets: [String: TextOrSecret] = [:]
        for (name, place) in (named.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
            guard case .stored(let stored)? = SecretReference(place) else {
                input.report("secret '\(name.prefix(80))' is not {stored: NAME}", field: "secrets")
                continue
            }
            secrets[name] = .secret(.stored(stored))
        }
        self.secrets = secrets
        if named != .null, named.objectValue == nil { input.report("'secrets' is no map", field: "secrets") }
        if value != .null, value.stringValue == nil, value.objectValue == nil {
            input.report("'user_data' is neither a text nor a map", field: "user_data")
        }
    }

    /// The text with its secrets; nil when there is none. Throws `ActionError` when a secret is not there, or when it is
    /// larger than Hetzner takes.
    func text(_ client: HetznerClient, for what: String) throws(ActionError) -> String? {
        guard value != .null else { return nil }
        var revealed: [String: JSONValue] = [:]
        for (name, secret) in secrets { revealed[name] = .string(try secret.value(client, for: what)) }
        let scope: JSONValue = ["secrets": .object(revealed)]
        let filled: JSONValue
        do { filled = try LocatedValue(value).rendered(scope).json } catch let missing as Template.Missing {
            throw ActionError(
                "\(what): nothing provides {{\(missing.path)}} in user_data", hint: "name it in 'secrets'")
        } catch {
            throw ActionError("\(what): user_data holds a template that cannot be read")
        }
        // JSON is YAML too.
        let text = filled.stringValue ?? "#cloud-config\n\(filled.canonicalText)\n"
        guard text.utf8.count <= UserData.largest else {
            throw ActionError(
                "\(what): user_data has \(text.utf8.count) bytes, more than the \(UserData.largest) that Hetzner takes")
        }
        return text
    }
}
