import Domain

/// A value with the place where it was written.
struct Located<Value: Sendable>: Sendable {
    var value: Value
    var location: SourceLocation
}

extension Located<String> {
    /// A template's text with `x` for each path, to look at its form; nil when it is no template, which is reported
    /// where it is read.
    static func filled(_ text: String) -> String? {
        do throws(Template.Invalid) {
            let parts = try Template(parsing: text).parts
            return parts.map { part in if case .text(let text) = part { text } else { "x" } }.joined()
        } catch { return nil }
    }
}
