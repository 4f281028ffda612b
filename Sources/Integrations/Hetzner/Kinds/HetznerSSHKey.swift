import Domain

/// A public SSH key that new servers let in.
struct HetznerSSHKey: HetznerResource {
    static let kind = HetznerKind.sshKey
    static let summary = "Makes an SSH key known, so that new servers let it in"

    let identity: ThingIdentity
    private let key: TextOrSecret

    init(_ input: inout InputReader) {
        identity = ThingIdentity(&input, Self.kind)
        key = input.textOrSecret("public_key", "The public key as OpenSSH writes it", isRequired: true) ?? .text("")
    }

    func body(_ names: HetznerNames) async throws -> [String: JSONValue] {
        ["public_key": .string(try key.value(names.client, for: title))]
    }

    func fields(_ names: HetznerNames) async throws -> [WantedField] {
        // Until it is made it differs from nothing.
        guard let wanted = key.present(names.client) else { return [] }
        return [
            WantedField(
                name: "public_key", wanted: .string(Self.plain(wanted)),
                present: { .string(Self.plain($0["public_key"]?.stringValue ?? "")) },
                change: .replacement(hint: "give the new key another name"), words: { _, _ in "another key is there" })
        ]
    }

    /// Type and key, without the comment.
    private static func plain(_ key: String) -> String {
        key.split(whereSeparator: \.isWhitespace).prefix(2).joined(separator: " ")
    }
}
