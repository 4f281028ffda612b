import Domain

/// How it is known which pool of ours a thing belongs to. What has no mark is only read.
enum PoolMark {
    /// The label, and the first word of a description.
    static let word = "defimon"

    static func description(_ pool: String) -> String { "\(word) \(pool)" }

    /// The pool that a thing is marked with; nil when it has no mark.
    static func pool(of resource: JSONValue, _ kind: ResourceKind) -> String? {
        switch kind.mark {
        case .label: label(of: resource)
        case .lateLabel: label(of: resource) ?? described(resource)
        case .description, .firstDescription: described(resource)
        }
    }

    private static func label(of resource: JSONValue) -> String? { resource["labels"]?[word]?.stringValue }

    private static func described(_ resource: JSONValue) -> String? {
        let words = (resource["description"]?.stringValue ?? "").split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0] == word else { return nil }
        return String(words[1])
    }

    /// Where the ledger keeps that a thing was adopted whose kind takes no mark later.
    static func adoptionKey(_ path: String) -> String { "adopted/google-cloud/\(path)" }
}
