import Domain

/// A size as a person writes it.
enum WantedSize: Sendable, Hashable {
    case replicas(Int)
    case bounds(least: Int, most: Int)
    /// What the manifests say.
    case manifests

    /// How it is written: `5`, `2..8`, `default`.
    static let pattern = try? Pattern("[0-9]+|[0-9]+\\.\\.[0-9]+|default")

    /// Reads a size. Throws `ActionError` for what is none.
    init(_ text: String) throws(ActionError) {
        let hint = "write a number of 0 to 1000, bounds such as 2..8, or default"
        if text == "default" {
            self = .manifests
        } else if let number = Int(text), (0...1000).contains(number) {
            self = .replicas(number)
        } else if let dots = text.firstRange(of: ".."), let least = Int(text[..<dots.lowerBound]),
            let most = Int(text[dots.upperBound...])
        {
            guard (1...1000).contains(least), (least...1000).contains(most) else {
                throw ActionError(
                    "'\(text)' are no bounds of an autoscaler",
                    hint: "write the fewest first, from 1, and at most 1000: 2..8")
            }
            self = .bounds(least: least, most: most)
        } else {
            throw ActionError("'\(text.prefix(60))' is no number of replicas", hint: hint)
        }
    }
}
