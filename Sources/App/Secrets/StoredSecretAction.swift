import Domain
import Outbound

/// `bot.secret-ensure`: makes a secret in the bot's own store when it is missing. One that is there is never changed, and
/// no value is in any output, plan, log or error.
struct StoredSecretAction: RepeatableAction, Plannable {
    enum Kind: String, Sendable, CaseIterable {
        case password, hex
        case sshKey = "ssh-key"

        /// For people.
        var words: String {
            switch self {
            case .password: "a password of \(RandomText.passwordLength) characters"
            case .hex: "\(RandomText.keyBytes) random bytes in hexadecimal"
            case .sshKey: "an Ed25519 key for SSH"
            }
        }
    }

    // It leaves room for `.pub` in the length of a name. Nil is never seen: the text is constant and compiles.
    private static let name = try? Pattern("[a-z0-9][-a-z0-9._]{0,95}")

    private let name: String
    private let kind: Kind
    private let store: any SecretStore

    static func type(_ store: any SecretStore) -> ActionType {
        ActionType(
            "bot.secret-ensure",
            "Makes a secret in the bot's own store, where {stored: name} reads it, when it is missing; never changes one",
            effect: .changes,
            outputs: [
                .init("created", .flag, "Whether it was missing"),
                .init("public_key", .text(nil), "Of kind ssh-key: its public key, one line"),
            ]
        ) { StoredSecretAction(&$0, store) }
    }

    init(_ input: inout InputReader, _ store: any SecretStore) {
        name = input.text("name", "Its name, as in {stored: name}", pattern: StoredSecretAction.name)
        kind =
            input.choice(
                "kind",
                "password: 32 letters, digits, '-' and '_'; hex: 32 random bytes in hexadecimal; ssh-key: an Ed25519 key "
                    + "pair, the private key under the name and the public key under <name>.pub", of: Kind.self)
            ?? .password
        self.store = store
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        let all = try await all()
        guard let found = all[name] else {
            try checkHalf(all)
            return ActionPlan(changes: ["secret \(name): new, \(kind.words)"])
        }
        guard kind == .sshKey else { return ActionPlan(changes: []) }
        _ = try await publicKey(of: found, all)
        return ActionPlan(
            changes: all[publicName] == nil ? ["secret \(publicName): new, the public key of \(name)"] : [])
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let all = try await all()
        switch kind {
        case .password: return result(created: try await add(name, all) { Secret(RandomText.password()) })
        case .hex: return result(created: try await add(name, all) { Secret(RandomText.hex()) })
        case .sshKey: return try await ensureKey(all)
        }
    }

    private func ensureKey(_ all: [String: Secret]) async throws -> JSONValue {
        if all[name] == nil { try checkHalf(all) }
        let made = all[name] == nil ? try await attempt { try await SSHKeyPair.make(comment: name) } : nil
        let created = try await add(name, all) { made?.privateKey ?? Secret("") }
        // Of two that make it at once the first one's key is the one that counts.
        let now = created ? all : try await self.all()
        guard let key = created ? made?.privateKey : now[name] else {
            throw ActionError("the secret '\(name)' went while it was looked at", retry: .later(afterMilliseconds: nil))
        }
        // A run that ended between the two has left the private key alone.
        let publicKey = try await publicKey(of: key, now)
        _ = try await add(publicName, now) { Secret(publicKey) }
        return result(created: created, publicKey: publicKey)
    }

    private var publicName: String { "\(name).pub" }

    /// Saves a secret that is missing. Whether it was.
    private func add(_ name: String, _ all: [String: Secret], _ make: () -> Secret) async throws -> Bool {
        guard all[name] == nil else { return false }
        return try await attempt { try await store.add(name, make()) }
    }

    private func all() async throws -> [String: Secret] { try await attempt { try await store.all() } }

    /// The public key of a private one. Throws when it is none, or when another one's public key is kept beside it.
    private func publicKey(of key: Secret, _ all: [String: Secret]) async throws -> String {
        let publicKey: String
        do { publicKey = try await SSHKeyPair.publicKey(of: key) } catch let failure as SSHKeyPair.Failure {
            throw ActionError(
                "the secret '\(name)' is there and cannot be used as an SSH key: \(failure)",
                hint: "put a private key without a passphrase there, or name another secret")
        }
        func data(_ text: String) -> [Substring] { Array(text.split(separator: " ").prefix(2)) }
        guard let known = all[publicName] else { return publicKey }
        guard data(known.reveal()) == data(publicKey) else {
            throw ActionError(
                "the secret '\(publicName)' is there and is not the public key of '\(name)'",
                hint: "remove the one that is wrong")
        }
        return known.reveal()
    }

    private func checkHalf(_ all: [String: Secret]) throws(ActionError) {
        guard kind == .sshKey, all[publicName] != nil else { return }
        throw ActionError(
            "the secret '\(publicName)' is there and '\(name)', which it belongs to, is not",
            hint: "put '\(name)' back, or remove '\(publicName)' so that both are made anew")
    }

    private func attempt<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch let error as SecretStoreError {
            throw error.actionError
        } catch let error as SSHKeyPair.Failure {
            throw ActionError("\(error)")
        }
    }

    private func result(created: Bool, publicKey: String? = nil) -> JSONValue {
        var outputs: [String: JSONValue] = [
            "created": .bool(created),
            "summary": .string(created ? "secret \(name): made, \(kind.words)" : "secret \(name): is there already"),
        ]
        outputs["public_key"] = publicKey.map { .string($0) }
        return .object(outputs)
    }
}
