/// Where a secret is to be found; settings hold this and never the value.
package enum SecretReference: Sendable, Hashable, CustomStringConvertible {
    /// An environment variable (or a line of `.env`).
    case environment(String)
    /// A file whose whole contents, without a final line feed, is the secret. It must not be readable by others.
    case file(String)
    /// A secret of the secret store, by its name.
    case stored(String)

    /// Reads `{env: NAME}`, `{file: path}` or `{stored: name}`; nil for anything else.
    package init?(_ value: JSONValue) {
        guard let members = value.objectValue, members.count == 1, let (kind, place) = members.first,
            let text = place.stringValue, !text.isEmpty
        else { return nil }
        switch kind {
        case "env": self = .environment(text)
        case "file": self = .file(text)
        case "stored" where StoredSecret.isName(text): self = .stored(text)
        default: return nil
        }
    }

    /// `env:NAME`, `file:path` or `stored:name`.
    package var description: String {
        switch self {
        case .environment(let name): "env:\(name)"
        case .file(let path): "file:\(path)"
        case .stored(let name): "stored:\(name)"
        }
    }
}

/// Reads secrets. Called once for each at start; the composition root implements it, tells the redactor about every value
/// that it gives out, and gives out secrets that have the newest value whenever they are revealed.
package protocol SecretSource: Sendable {
    /// Throws `MissingSecret` when there is no such variable, file or stored secret, or it may not be read.
    func secret(_ reference: SecretReference) throws(MissingSecret) -> Secret
}

/// A secret that could not be read; says which, never what.
package struct MissingSecret: Error, Sendable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}
