import Domain

/// Tells which previews belong to pull requests that are certainly closed. Each pull request is asked for by itself: a
/// list that came out empty, an error, or a pull request that cannot be seen is never taken for a closed one.
struct ClosedPullRequestsAction: RepeatableAction {
    /// Previews that are looked at in one go.
    static let mostPreviews = 200

    private enum Standing: Sendable {
        case open, closed
        case unknown(String)
    }

    private let client: GitHubClient?
    private let previews: [JSONValue]
    private let atMost: Int

    static func type(_ client: GitHubClient?) -> ActionType {
        ActionType(
            "github.closed-pull-requests", "Tells which previews belong to pull requests that are closed",
            effect: .reads,
            outputs: [
                .init("closed", .list(.any), "The previews whose pull request is certainly closed, at_most of them"),
                .init("unknown", .integer(nil), "Of how many previews it could not be told"),
            ]
        ) { ClosedPullRequestsAction(&$0, client) }
    }

    init(_ input: inout InputReader, _ client: GitHubClient?) {
        self.client = client
        let given = input.any(
            "previews", "A list of objects with repository and number, such as kubernetes.preview-list gives",
            isRequired: true)
        previews = given.arrayValue ?? []
        atMost = input.integer("at_most", "How many are named in one go", in: 1...100, default: 5)
        if given != .null, given.arrayValue == nil {
            input.report("previews is not a list", field: "previews", fix: "give \"{{steps.<id>.previews}}\"")
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        let client = try RepositoryTarget.present(client)
        var closed: [JSONValue] = []
        var unknown = max(0, previews.count - ClosedPullRequestsAction.mostPreviews)
        var lines = unknown > 0 ? ["\(unknown) more previews were not looked at"] : []
        for (index, preview) in previews.prefix(ClosedPullRequestsAction.mostPreviews).enumerated() {
            context.progress("\(index + 1)/\(previews.count)")
            let name = ClosedPullRequestsAction.name(of: preview)
            switch try await standing(preview, client) {
            case .open: continue
            case .closed:
                closed.append(preview)
                lines.append("\(name): closed")
            case .unknown(let why):
                unknown += 1
                lines.append("\(name): not known: \(why)")
            }
        }
        return result(closed, unknown, lines)
    }

    private func standing(_ preview: JSONValue, _ client: GitHubClient) async throws -> Standing {
        guard let repository = preview["repository"]?.stringValue.flatMap(RepositoryName.init),
            let number = ClosedPullRequestsAction.number(of: preview)
        else { return .unknown("it has no repository and number") }
        do {
            let pull = try await client.pullRequest(number, of: repository)
            guard pull.number == number else { return .unknown("GitHub answers with another pull request") }
            switch pull.state {
            case "closed": return .closed
            case "open": return .open
            default: return .unknown("its state is '\(GitHubText.line(pull.state, atMost: 40))'")
            }
        } catch let error as GitHubFailure { return .unknown(error.message) }
    }

    private func result(_ closed: [JSONValue], _ unknown: Int, _ lines: [String]) -> JSONValue {
        let names = closed.prefix(atMost).map(ClosedPullRequestsAction.name)
        var summary = "\(closed.count) of \(previews.count) previews belong to closed pull requests"
        if !names.isEmpty { summary += ": " + names.joined(separator: ", ") }
        if closed.count > atMost { summary += ", and \(closed.count - atMost) more" }
        if unknown > 0 { summary += "; of \(unknown) it cannot be told" }
        return [
            "closed": .array(Array(closed.prefix(atMost))), "unknown": .int(Int64(unknown)),
            "summary": .string(summary), "details": .string(lines.joined(separator: "\n")),
        ]
    }

    /// The number, also where a label holds it as text.
    private static func number(of preview: JSONValue) -> Int? {
        let number = preview["number"]?.intValue ?? preview["number"]?.stringValue.flatMap { Int($0) }
        return number.flatMap { $0 > 0 ? $0 : nil }
    }

    private static func name(of preview: JSONValue) -> String {
        let repository = GitHubText.line(preview["repository"]?.plainText ?? "?", atMost: 120)
        return "\(repository)#\(GitHubText.line(preview["number"]?.plainText ?? "?", atMost: 20))"
    }
}
