import Domain

/// A remark on lines of a file, as a check shows it (docs.github.com, "Create a check run", `annotations`).
struct CheckAnnotation: Sendable, Hashable {
    /// How many one request may hold.
    static let perRequest = 50
    /// How many one check may get.
    static let most = 1000
    private static let levels: Set = ["notice", "warning", "failure"]

    let path: String
    let startLine: Int
    let endLine: Int
    let level: String
    let message: String

    /// Reads `{path, start_line, end_line, level, message}`; `end_line` may be left out, and `level` is `warning` then.
    init?(_ value: JSONValue) {
        guard let path = value["path"]?.stringValue, !path.isEmpty, let start = value["start_line"]?.intValue,
            start > 0,
            let message = value["message"]?.stringValue, !message.isEmpty
        else { return nil }
        let end = value["end_line"]?.intValue ?? start
        let level = value["level"]?.stringValue ?? "warning"
        guard end >= start, CheckAnnotation.levels.contains(level) else { return nil }
        self.path = GitHubText.line(path, atMost: 1000)
        startLine = start
        endLine = end
        self.level = level
        self.message = GitHubText.lines(message, atMost: 10_000)
    }

    init?(_ found: Found) {
        guard let path = found.path, let startLine = found.startLine, let endLine = found.endLine,
            let level = found.annotationLevel, let message = found.message
        else { return nil }
        self.path = path
        self.startLine = startLine
        self.endLine = endLine
        self.level = level
        self.message = message
    }

    /// As the API tells it.
    struct Found: Decodable, Sendable {
        var path: String?
        var startLine: Int?
        var endLine: Int?
        var annotationLevel: String?
        var message: String?
    }

    var json: JSONValue {
        [
            "path": .string(path), "start_line": .int(Int64(startLine)), "end_line": .int(Int64(endLine)),
            "annotation_level": .string(level), "message": .string(message),
        ]
    }
}

extension GitHubClient {
    /// The annotations that a check has already.
    func annotations(ofCheck check: Int, in repository: RepositoryName) async throws -> Set<CheckAnnotation> {
        var found: Set<CheckAnnotation> = []
        try await pages(GitHubCall(repository, "/check-runs/\(check)/annotations")) { page in
            found.formUnion(try page.decode([CheckAnnotation.Found].self).compactMap(CheckAnnotation.init))
            return true
        }
        return found
    }
}
