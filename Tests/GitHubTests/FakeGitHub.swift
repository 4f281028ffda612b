import Domain
import Foundation
import TestSupport

@testable import GitHub

/// What one repository holds, as far as actions and reports ask for it, over real HTTP. A test may let the answer to a
/// change be lost, after which the change is there and nobody knows.
actor FakeGitHub {
    struct Comment { var id: Int, author: Int, body: String }

    var comments: [Comment] = []
    var deployments: [JSONValue] = []
    var deploymentStatuses: [Int: [JSONValue]] = [:]
    var checkRuns: [JSONValue] = []
    var annotations: [Int: [JSONValue]] = [:]
    var statuses: [JSONValue] = []
    /// Fixed answers by method and path without query.
    var fixed: [String: ScriptedServer.Answer] = [:]
    private(set) var changes: [(method: String, path: String, body: JSONValue)] = []
    private var nextID = 100
    private var lost = 0

    static let bot = 1
    private static let root = "/repos/acme/api"

    func fix(_ key: String, _ answer: ScriptedServer.Answer) { fixed[key] = answer }
    func loseAnswers(_ count: Int) { lost = count }
    func add(_ comment: Comment) { comments.append(comment) }
    func drop(comment id: Int) { comments.removeAll { $0.id == id } }
    func add(deployment: JSONValue) { deployments.append(deployment) }
    func add(status: JSONValue, of deployment: Int) { deploymentStatuses[deployment, default: []].append(status) }

    func answer(_ request: ScriptedServer.Request) -> ScriptedServer.Answer {
        let path = String(request.path.prefix { $0 != "?" })
        let body = (try? JSONValue(parsing: request.body)) ?? .null
        if let answer = fixed["\(request.method) \(path)"] { return answer }
        let answer = request.method == "GET" ? read(path, request.path) : change(request.method, path, body)
        guard request.method != "GET", answer.status < 300 else { return answer }
        changes.append((request.method, path, body))
        guard lost > 0 else { return answer }
        lost -= 1
        return json(["message": "Server Error"], status: 502)
    }

    private func read(_ path: String, _ full: String) -> ScriptedServer.Answer {
        let parts = path.dropFirst(Self.root.count).split(separator: "/").map(String.init)
        func wanted(_ name: String) -> String? {
            URLComponents(string: full)?.queryItems?.first { $0.name == name }?.value
        }
        if path == "/user" { return json(["login": "bot", "id": .int(Int64(Self.bot))]) }
        switch parts.first {
        case "issues" where parts.last == "comments": return json(.array(comments.map(Self.shown)))
        case "deployments" where parts.count == 1:
            return json(
                .array(
                    deployments.reversed().filter { deployment in
                        (wanted("environment").map { deployment["environment"]?.stringValue == $0 } ?? true)
                            && (wanted("sha").map { deployment["sha"]?.stringValue == $0 } ?? true)
                    }))
        case "deployments" where parts.last == "statuses":
            return json(.array(Array((deploymentStatuses[Int(parts[1]) ?? 0] ?? []).reversed())))
        case "commits" where parts.last == "check-runs":
            let name = wanted("check_name")
            return json(["check_runs": .array(checkRuns.filter { $0["name"]?.stringValue == name })])
        case "check-runs" where parts.last == "annotations":
            return json(.array(annotations[Int(parts[1]) ?? 0] ?? []))
        case "commits" where parts.last == "status":
            return json(["statuses": .array(Array(statuses.reversed()))])
        default: return json(["message": "Not Found"], status: 404)
        }
    }

    private func change(_ method: String, _ path: String, _ body: JSONValue) -> ScriptedServer.Answer {
        let parts = path.dropFirst(Self.root.count).split(separator: "/").map(String.init)
        nextID += 1
        let id: JSONValue = .int(Int64(nextID))
        switch (method, parts.first) {
        case ("POST", "issues"):
            comments.append(Comment(id: nextID, author: Self.bot, body: body["body"]?.stringValue ?? ""))
            return json(Self.shown(comments[comments.count - 1]), status: 201)
        case ("PATCH", "issues"):
            guard let index = comments.firstIndex(where: { String($0.id) == parts.last }) else {
                return json(["message": "Not Found"], status: 404)
            }
            comments[index].body = body["body"]?.stringValue ?? ""
            return json(Self.shown(comments[index]))
        case ("POST", "deployments") where parts.count == 1:
            let deployment = body.with(["id": id, "sha": body["ref"] ?? .null])
            deployments.append(deployment)
            return json(deployment, status: 201)
        case ("POST", "deployments"):
            deploymentStatuses[Int(parts[1]) ?? 0, default: []].append(body.with(["id": id]))
            return json(["id": id], status: 201)
        case ("POST", "check-runs"), ("PATCH", "check-runs"): return changeCheck(parts, body)
        case ("POST", "statuses"):
            statuses.append(body)
            return json(["id": id], status: 201)
        default: return json(["message": "Not Found"], status: 404)
        }
    }

    private func changeCheck(_ parts: [String], _ body: JSONValue) -> ScriptedServer.Answer {
        let id = parts.count > 1 ? Int(parts[1]) ?? 0 : nextID
        annotations[id, default: []] += body["output"]?["annotations"]?.arrayValue ?? []
        let check = body.with([
            "id": .int(Int64(id)), "html_url": .string("https://github.com/acme/api/runs/\(id)"),
            "output": ["annotations_count": .int(Int64(annotations[id]?.count ?? 0))],
        ])
        checkRuns.removeAll { $0["id"]?.intValue == id }
        checkRuns.append(check)
        return json(check, status: parts.count > 1 ? 200 : 201)
    }

    private static func shown(_ comment: Comment) -> JSONValue {
        [
            "id": .int(Int64(comment.id)), "body": .string(comment.body),
            "html_url": .string("https://github.com/acme/api/pull/42#issuecomment-\(comment.id)"),
            "user": ["login": comment.author == bot ? "bot" : "eve", "id": .int(Int64(comment.author))],
        ]
    }
}

extension JSONValue {
    /// The object with further members.
    func with(_ more: [String: JSONValue]) -> JSONValue {
        .object((objectValue ?? [:]).merging(more) { $1 })
    }
}

/// Runs `body` with a client that speaks to a repository of its own.
func withGitHub<Value: Sendable>(
    time: VirtualTime = VirtualTime(),
    _ body: @escaping @Sendable (GitHubClient, FakeGitHub, ScriptedServer) async throws -> Value
) async throws -> Value {
    let github = FakeGitHub()
    return try await withClient(time: time, answering: { await github.answer($0) }) { client, server in
        try await body(client, github, server)
    }
}
