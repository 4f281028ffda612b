import Domain
import Foundation
import Testing

@testable import GitHub

/// What makes two of GitHub's deliveries one event.
@Suite struct GitHubIdentityTests {
    private static let repository: JSONValue = ["id": 1, "full_name": "acme/api"]
    private static let push: [String: JSONValue] = [
        "ref": "refs/heads/main", "before": "a1", "after": "b2", "repository": repository,
    ]
    private static let run: [String: JSONValue] = [
        "action": "completed", "repository": repository,
        "workflow_run": ["id": 30_433_642, "run_attempt": 1, "head_sha": "b2", "updated_at": "2026-09-21T14:13:20Z"],
    ]
    private static let comment: [String: JSONValue] = [
        "action": "created", "repository": repository, "issue": ["number": 4, "pull_request": [:]],
        "comment": ["id": 77, "body": "hello", "updated_at": "2026-09-21T14:13:20Z"],
    ]

    private static func key(_ kind: String, _ body: [String: JSONValue], id: String) async throws -> String? {
        let delivery = Fixture.delivery(JSONValue.object(body).canonicalBytes, kind: kind, id: id)
        return try await GitHubEventDecoder().events(in: delivery).first?.contentKey
    }

    @Test(arguments: [("push", push), ("workflow_run", run), ("issue_comment", comment)])
    func aHookAndAnAppTellOfOneEvent(kind: String, body: [String: JSONValue]) async throws {
        let hook = try await Self.key(kind, body, id: "a")
        let app = try await Self.key(kind, body.merging(["installation": ["id": 5]]) { $1 }, id: "b")
        #expect(hook == app && hook?.hasPrefix("delivery/") == false)
    }

    @Test(
        arguments: [
            ("push", push, ["ref": "refs/heads/other"]), ("push", push, ["before": "c3"]),
            ("push", push, ["after": "c3"]),
            ("push", push, ["repository": ["id": 2, "full_name": "acme/api"]]),
            ("workflow_run", run, ["action": "requested"]),
            ("workflow_run", run, ["workflow_run": ["id": 30_433_642, "run_attempt": 2]]),
            ("workflow_run", run, ["workflow_run": ["id": 30_433_643, "run_attempt": 1]]),
            ("issue_comment", comment, ["action": "edited"]),
            ("issue_comment", comment, ["comment": ["id": 78, "updated_at": "2026-09-21T14:13:20Z"]]),
            ("issue_comment", comment, ["comment": ["id": 77, "updated_at": "2026-09-21T14:13:21Z"]]),
        ] as [(String, [String: JSONValue], [String: JSONValue])])
    func whatDiffersInOneOfThemIsAnother(
        kind: String, body: [String: JSONValue], change: [String: JSONValue]
    ) async throws {
        let other = try await Self.key(kind, body.merging(change) { $1 }, id: "a")
        #expect(try await Self.key(kind, body, id: "a") != other)
    }

    @Test(
        arguments: [("push", push, ["commits": []]), ("workflow_run", run, ["sender": ["login": "ann"]])]
            as [(String, [String: JSONValue], [String: JSONValue])])
    func whatElseIsInTheBodyDoesNotMatter(
        kind: String, body: [String: JSONValue], change: [String: JSONValue]
    ) async throws {
        let other = try await Self.key(kind, body.merging(change) { $1 }, id: "b")
        #expect(try await Self.key(kind, body, id: "a") == other)
    }
}
