/// What may be written as it is, or be kept among the secrets.
package enum TextOrSecret: Sendable, Hashable {
    case text(String)
    case secret(SecretReference)
}

extension InputReader {
    /// A text, or where it is to be found: `{env: NAME}`, `{file: path}` or `{stored: name}`. Nil when it is left out.
    package mutating func textOrSecret(_ name: String, _ help: String, isRequired: Bool = false) -> TextOrSecret? {
        let value = any(name, help, isRequired: isRequired)
        if let text = value.stringValue { return .text(text) }
        if let reference = SecretReference(value) { return .secret(reference) }
        if value != .null {
            report(
                "'\(name)' is neither a text nor where one is kept", field: name,
                fix: "write the text, or {env: NAME}, {file: path} or {stored: name}")
        }
        return nil
    }
}
