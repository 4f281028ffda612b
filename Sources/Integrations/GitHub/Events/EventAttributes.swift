import Domain

/// The attributes of one event while they are gathered: texts are bounded lines, numbers and truths stay what they are.
struct EventAttributes {
    private(set) var members: [String: JSONValue] = [:]

    /// A text of one line; "" when it is missing.
    mutating func text(_ name: String, _ value: String?, atMost count: Int = 255) {
        members[name] = .string(GitHubText.line(value ?? "", atMost: count))
    }

    /// A number; left out when it is missing.
    mutating func number(_ name: String, _ value: Int?) {
        if let value { members[name] = .int(Int64(value)) }
    }

    mutating func truth(_ name: String, _ value: Bool?) { members[name] = .bool(value ?? false) }

    /// An address; "" when it is missing or too long, since half of one leads elsewhere.
    mutating func url(_ name: String, _ value: String?) {
        let value = value ?? ""
        members[name] = .string(value.utf8.count <= 500 ? GitHubText.line(value, atMost: 500) : "")
    }

    /// `branch` or `tag`, out of a whole reference or a name alone.
    mutating func ref(_ value: String?) {
        let value = value ?? ""
        if value.hasPrefix("refs/tags/") {
            text("tag", String(value.dropFirst(10)))
        } else {
            text("branch", EventAttributes.branch(value))
        }
    }

    static func branch(_ ref: String) -> String {
        ref.hasPrefix("refs/heads/") ? String(ref.dropFirst(11)) : ref
    }
}
