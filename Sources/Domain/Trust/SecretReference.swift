/// Where a secret is to be found; settings hold this and never the value.
package enum SecretReference: Sendable, Hashable {
    /// An environment variable (or a line of `.env`).
    case environment(String)
    /// A file whose whole contents, without a final line feed, is the secret. It must not be readable by others.
    case file(String)

    /// Reads `{env: NAME}` or `{file: path}`; nil for anything else.
    package init?(_ value: JSONValue) {
        guard let members = value.objectValue, members.count == 1, let (kind, place) = members.first,
            let text = place.stringValue, !text.isEmpty
        else { return nil }
        switch kind {
        case "env": self = .environment(text)
        case "file": self = .file(text)
        default: return nil
        }
    }
}

/// Reads secrets. Called once at start and at each reload; the composition root implements it, and tells the redactor
/// about every value it gives out.
package protocol SecretSource: Sendable {
    /// Throws `MissingSecret` when there is no such variable or file, or it may not be read.
    func secret(_ reference: SecretReference) throws(MissingSecret) -> Secret
}

/// A secret that could not be read; says which, never what.
package struct MissingSecret: Error, Sendable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}
