import Domain
import Foundation

/// What a Secret shall hold: which keys, and how a value is made for each.
struct SecretRecipe: Sendable {
    /// How the value of a key comes to be.
    enum Kind: Sendable, Hashable {
        case password, hmac
        /// What the engine API of an Ethereum node takes (execution-apis, engine/authentication.md).
        case hex
        /// The private key of a pair; `<name>.pem`.
        case signingKey
        /// The public keys that go with the private key of that key.
        case publicKeys(of: String)
        case certificate, certificateKey
        case literal(String)
        /// One of the bot's own secrets, as it is now.
        case copy(of: SecretReference)

        /// For people.
        var words: String? {
            switch self {
            case .password: "generated"
            case .hmac: "HMAC key"
            case .hex: "hexadecimal key"
            case .signingKey: "ES256 private key"
            case .publicKeys: "its public keys"
            case .certificate: "signs itself"
            case .certificateKey: "its private key"
            case .copy: "the bot's"
            case .literal: nil
            }
        }

        /// Whether the redactor must know the value.
        var isSecret: Bool {
            switch self {
            case .password, .hmac, .hex, .signingKey, .certificateKey, .copy: true
            case .publicKeys, .certificate, .literal: false
            }
        }
    }

    static let certificateKeys = ["tls.crt", "tls.key"]

    private(set) var kinds: [String: Kind] = [:]
    var tlsNames: [String] = []
    var tlsDays = 365

    var keys: [String] { kinds.keys.sorted() }
    /// The Secret's type (kubernetes.io/docs/concepts/configuration/secret, types).
    var type: String { kinds["tls.crt"] == nil ? "Opaque" : "kubernetes.io/tls" }

    static func privateKey(_ name: String) -> String { "\(name).pem" }
    static func publicKeys(_ name: String) -> String { "\(name).jwks.json" }

    /// Reads the lists of keys by their kinds.
    mutating func read(_ input: inout InputReader) {
        let passwords = input.texts(
            "generate", "Keys whose values are passwords: \(RandomText.passwordLength) random characters")
        let hmac = input.texts(
            "hmac", "Keys whose values are HMAC keys: \(RandomText.keyBytes) random bytes in base64url")
        let hex = input.texts("hex", "Keys whose values are \(RandomText.keyBytes) random bytes in hexadecimal")
        let jwt = input.texts(
            "jwt", "Names of key pairs that sign JWTs by ES256: <name>.pem (PKCS#8) and <name>.jwks.json (public)")
        for key in passwords { add(key, .password, "generate", &input) }
        for key in hmac { add(key, .hmac, "hmac", &input) }
        for key in hex { add(key, .hex, "hex", &input) }
        for name in jwt {
            let pem = SecretRecipe.privateKey(name)
            add(pem, .signingKey, "jwt", &input)
            add(SecretRecipe.publicKeys(name), .publicKeys(of: pem), "jwt", &input)
        }
    }

    /// Reads what only a new Secret gets.
    mutating func readMore(_ input: inout InputReader) {
        let literals = input.textMap("literals", "Keys whose values are given, such as a user name")
        tlsNames = input.texts(
            "tls_names", "DNS names of a certificate that signs itself: the keys tls.crt and tls.key")
        tlsDays = input.integer("tls_days", "How many days the certificate is valid", in: 1...825, default: 365)
        for (key, value) in literals.sorted(by: { $0.key < $1.key }) { add(key, .literal(value), "generate", &input) }
        readCopies(&input)
        for name in tlsNames where name.isEmpty || name.utf8.count > 253 || !name.allSatisfy(\.isASCII) {
            input.report("'\(name)' is no DNS name", field: "tls_names", fix: "write it as api.analytics.svc")
        }
        guard !tlsNames.isEmpty else { return }
        add("tls.crt", .certificate, "tls_names", &input)
        add("tls.key", .certificateKey, "tls_names", &input)
    }

    private mutating func readCopies(_ input: inout InputReader) {
        let given = input.any(
            "secrets",
            "Keys whose values are secrets of the bot, each as {env: NAME}, {file: path} or {stored: name}; they follow "
                + "when those change")
        guard given != .null else { return }
        guard let members = given.objectValue else {
            return input.report(
                "'secrets' must be a map", field: "secrets", fix: "write it as secrets: {token: {stored: name}}")
        }
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let reference = SecretReference(value) else {
                input.report(
                    "'\(key)' does not say where a secret is kept", field: "secrets",
                    fix: "write {env: NAME}, {file: path} or {stored: name}")
                continue
            }
            add(key, .copy(of: reference), "secrets", &input)
        }
    }

    private mutating func add(_ key: String, _ kind: Kind, _ field: String, _ input: inout InputReader) {
        if kinds[key] != nil {
            let isGiven = if case .literal = kind { true } else { false }
            input.report(
                isGiven ? "the key '\(key)' is both generated and given" : "the key '\(key)' is named twice",
                field: field, fix: "leave one of them out")
        }
        if NamePattern.secretKey?.matches(key) == false {
            input.report("'\(key)' cannot be a key", field: field, fix: "use letters, digits, '-', '_' and '.'")
        }
        kinds[key] = kind
    }

    // MARK: Values

    /// The bot's own secrets by key, as they are now. Throws `ActionError` when one of them cannot be read.
    func copies(_ source: (SecretReference) throws(ActionError) -> Secret) throws(ActionError) -> [String: Secret] {
        var copies: [String: Secret] = [:]
        for (key, kind) in kinds {
            guard case .copy(let reference) = kind else { continue }
            copies[key] = try source(reference)
        }
        return copies
    }

    /// The keys that a Secret lacks, or holds an older copy of.
    func lacking(_ data: [String: JSONValue], _ copies: [String: Secret]) -> [String] {
        keys.filter { key in
            guard let there = data[key] else { return true }
            guard let copy = copies[key] else { return false }
            return SecretValue.decode(there)?.reveal() != copy.reveal()
        }
    }

    /// Values for the keys that a Secret lacks, as texts. A public key is made of the private key that is there. Throws
    /// when one half of a pair is there whose other half cannot be made of it.
    func values(
        for lacking: [String], beside data: [String: JSONValue], _ copies: [String: Secret], now: Date
    ) throws -> [String: String] {
        var values: [String: String] = [:]
        for key in lacking {
            switch kinds[key] {
            case .password?: values[key] = RandomText.password()
            case .hmac?: values[key] = KeyMaking.hmac()
            case .hex?: values[key] = RandomText.hex()
            case .literal(let text)?: values[key] = text
            case .copy?: values[key] = copies[key]?.reveal()
            case .signingKey?:
                let publics = kinds.first { $0.value == .publicKeys(of: key) }?.key ?? ""
                guard data[publics] == nil else { throw half(publics, without: key) }
                values[key] = KeyMaking.signingKey()
            case .certificate?, .certificateKey?, .publicKeys?, nil: continue
            }
        }
        for key in lacking {
            guard case .publicKeys(let pem)? = kinds[key] else { continue }
            let known = values[pem] ?? SecretValue.decode(data[pem])?.reveal() ?? ""
            guard let publics = KeyMaking.publicKeys(of: known) else {
                throw ActionError(
                    "the key '\(pem)' is no ES256 private key, so '\(key)' cannot be made of it",
                    hint: "it wants P-256 in PKCS#8 and PEM")
            }
            values[key] = publics
        }
        let ofPair = lacking.filter(SecretRecipe.certificateKeys.contains)
        if ofPair.count == 2 {
            let made = try KeyMaking.certificate(names: tlsNames, days: tlsDays, now: now)
            values["tls.crt"] = made.certificate
            values["tls.key"] = made.key
        } else if let missing = ofPair.first, kinds[missing] != nil {
            throw half(missing == "tls.crt" ? "tls.key" : "tls.crt", without: missing)
        }
        return values
    }

    private func half(_ there: String, without missing: String) -> ActionError {
        ActionError(
            "the key '\(there)' is there and '\(missing)', which it belongs to, is not",
            hint: "put '\(missing)' back, or delete '\(there)' so that both are made anew")
    }

    func listed(_ keys: [String]) -> String {
        keys.map { key in kinds[key]?.words.map { "\(key) (\($0))" } ?? key }.joined(separator: ", ")
    }
}
