import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

@Suite struct GitHubWritingTests {
    @Test func aCommentIsMadeReadEditedAndDeleted() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            let number = try await fixture.open()
            let made = try await fixture.post("/issues/\(number)/comments", ["body": "<!-- defimon:x --> one"])
            #expect(made.status == 201)
            let url = try #require(try made.json["url"]?.stringValue)
            #expect(made.headers["location"] == url)
            #expect(try made.json.at(path: "user.login") == "defimon-bot")
            #expect(try await fixture.get(url).json["body"] == "<!-- defimon:x --> one")
            #expect(try await fixture.call("PATCH", url, ["body": "two"]).json["body"] == "two")
            let kept = try #require(fixture.github.comments(on: number, repository: "acme/api").first)
            #expect(kept.body == "two" && kept.edits == 1)
            #expect(try await fixture.call("DELETE", url).status == 204)
            #expect(try await fixture.get(url).status == 404)
            #expect(try await fixture.call("PATCH", url, ["body": "three"]).status == 404)
        }
    }

    @Test(arguments: [
        ("{}", 422, "Invalid request.\n\n\"body\" wasn't supplied."), ("nonsense", 400, "Problems parsing JSON"),
        (#"{"body":" "}"#, 422, "Validation Failed"),
        (#"{"body":1}"#, 422, "Invalid request.\n\nFor 'properties/body', 1 is not a string."),
    ])
    func aBadCommentIsRefusedInGitHubsWords(body: String, status: Int, message: String) async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            let number = try await fixture.open()
            let url = "\(try await fixture.github.url())/repos/acme/api/issues/\(number)/comments"
            let answer = try await ask(
                "POST", url, [("Authorization", "Bearer ghp_test_token"), ("User-Agent", "test")], body)
            #expect(answer.status == status)
            #expect(try answer.json["message"] == .string(message))
        }
    }

    @Test func aCommentHasAtMost65536CharactersAndBelongsToItsAuthor() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            let number = try await fixture.open()
            func post(_ length: Int) async throws -> Int {
                try await fixture.post(
                    "/issues/\(number)/comments", ["body": .string(String(repeating: "ü", count: length))]
                ).status
            }
            #expect(try await post(65_536) == 201)
            #expect(try await post(65_537) == 422)
            let id = try await fixture.github.comment(on: number, repository: "acme/api", by: "uma", text: "mine")
            #expect(
                try await fixture.call("PATCH", "/repos/acme/api/issues/comments/\(id)", ["body": "yours"]).status
                    == 403)
            #expect(try await fixture.post("/issues/99/comments", ["body": "x"]).status == 404)
        }
    }

    @Test func aDeploymentIsFoundByEnvironmentAndCommit() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            let sha = fixture.head(try await fixture.open())
            let made = try await fixture.post(
                "/deployments",
                [
                    "ref": .string(sha), "environment": "pr-1", "required_contexts": [], "auto_merge": false,
                    "payload": ["key": "job-1"], "transient_environment": true, "description": "Preview",
                ])
            #expect(made.status == 201)
            let deployment = try made.json
            #expect(deployment["sha"] == .string(sha) && deployment.at(path: "payload.key") == "job-1")
            #expect(deployment["transient_environment"] == true && deployment["production_environment"] == false)
            for (query, count) in [
                ("", 1), ("?environment=pr-1", 1), ("?environment=pr-2", 0), ("?sha=\(sha)", 1), ("?sha=1234567", 0),
                ("?task=deploy", 1), ("?ref=main", 0),
            ] {
                #expect(try await fixture.get(repo: "/deployments\(query)").arrayValue?.count == count, "\(query)")
            }
            let unknown = try await fixture.post("/deployments", ["ref": "none", "required_contexts": []])
            #expect(unknown.status == 422)
            #expect(try unknown.json["message"] == "No ref found for: none")
        }
    }

    @Test func aDeploymentWaitsForItsContextsUnlessThereAreToBeNone() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            let sha = fixture.head(try await fixture.open())
            let conflict = try await fixture.post("/deployments", ["ref": "feature"])
            #expect(conflict.status == 409)
            #expect(try conflict.json["message"] == "Conflict: Commit status checks failed for feature.")
            #expect(try conflict.json.at(path: "errors.0.field") == "required_contexts")
            try await fixture.github.finishWorkflow(repository: "acme/api", commit: sha)
            #expect(try await fixture.post("/deployments", ["ref": "feature"]).status == 201)
            let named: JSONValue = ["ref": "feature", "required_contexts": ["security"]]
            #expect(try await fixture.post("/deployments", named).status == 409)
        }
    }

    @Test func aBranchThatIsBehindIsMergedInsteadOfDeployed() async throws {
        let fixture = try GitHubFixture { $0.repositories[0].workflows = [] }
        try await running(fixture.services) {
            let number = try await fixture.open()
            let head = fixture.head(number)
            try await fixture.github.pushToDefaultBranch(repository: "acme/api", by: "olivia")
            try fixture.github.setConflict(true, branch: "feature", repository: "acme/api")
            let conflict = try await fixture.post("/deployments", ["ref": "feature"])
            #expect(conflict.status == 409)
            #expect(try conflict.json["message"] == "Conflict merging main into feature.")
            try fixture.github.setConflict(false, branch: "feature", repository: "acme/api")
            // By its SHA, or when it is not wanted, nothing is merged.
            #expect(try await fixture.post("/deployments", ["ref": .string(head)]).status == 201)
            #expect(try await fixture.post("/deployments", ["ref": "feature", "auto_merge": false]).status == 201)
            let merged = try await fixture.post("/deployments", ["ref": "feature"])
            #expect(merged.status == 202)
            #expect(try merged.json == ["message": "Auto-merged main into feature on deployment."])
            #expect(fixture.github.head(of: "feature", repository: "acme/api") != head)
            #expect(try await fixture.post("/deployments", ["ref": "feature"]).status == 201)
        }
    }

    @Test func aNewSuccessMakesOlderOnesInactive() async throws {
        let fixture = try GitHubFixture { $0.repositories[0].workflows = [] }
        try await running(fixture.services) {
            func deploy(_ environment: String, _ state: String, _ more: [String: JSONValue] = [:]) async throws {
                let body: [String: JSONValue] = ["ref": "main", "environment": .string(environment)]
                let made = try await fixture.post("/deployments", .object(body.merging(more) { $1 })).json
                let id = made["id"]?.plainText ?? ""
                let status = try await fixture.post(
                    "/deployments/\(id)/statuses",
                    ["state": .string(state), "environment_url": "https://pr-1.example.com", "description": "Up"])
                #expect(status.status == 201)
            }
            try await deploy("staging", "success")
            try await deploy("staging", "failure")
            try await deploy("staging", "success", ["transient_environment": true])
            try await deploy("production", "success")
            try await deploy("staging", "success")
            try await deploy("production", "success")
            let states = fixture.github.deployments(in: "acme/api").map(\.state)
            #expect(states == ["inactive", "failure", "success", "success", "success", "success"])
            let first = try #require(fixture.github.deployments(in: "acme/api").first)
            let list = try await fixture.get(repo: "/deployments/\(first.id)/statuses").arrayValue ?? []
            #expect(list.map { $0["state"] } == ["inactive", "success"])
            #expect(list.last?["environment_url"] == "https://pr-1.example.com")
            #expect(first.url == "https://pr-1.example.com")
        }
    }

    @Test(
        arguments: [
            (["state": "up"], 422), ([:], 422), (["state": "success"], 201),
            (["state": "success", "description": .string(String(repeating: "x", count: 140))], 201),
            (["state": "success", "description": .string(String(repeating: "x", count: 141))], 422),
        ] as [(JSONValue, Int)])
    func aDeploymentsStatusIsChecked(body: JSONValue, status: Int) async throws {
        let fixture = try GitHubFixture { $0.repositories[0].workflows = [] }
        try await running(fixture.services) {
            let id = try await fixture.post("/deployments", ["ref": "main"]).json["id"]?.plainText ?? ""
            #expect(try await fixture.post("/deployments/\(id)/statuses", body).status == status)
            #expect(try await fixture.post("/deployments/1/statuses", body).status == 404)
        }
    }

    @Test func aCommitsStatusesComeToOneState() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            let sha = try #require(fixture.github.defaultHead(of: "acme/api"))
            func state() async throws -> JSONValue? { try await fixture.get(repo: "/commits/main/status")["state"] }
            func set(_ context: String, _ state: String) async throws -> Int {
                try await fixture.post(
                    "/statuses/\(sha)",
                    ["context": .string(context), "state": .string(state), "target_url": "https://example.com/1"]
                ).status
            }
            #expect(try await state() == "pending")
            #expect(try await set("preview", "pending") == 201)
            #expect(try await set("lint", "success") == 201)
            #expect(try await state() == "pending")
            #expect(try await set("preview", "success") == 201)
            #expect(try await state() == "success")
            #expect(try await set("lint", "error") == 201)
            #expect(try await state() == "failure")
            #expect(try await fixture.get(repo: "/commits/main/status")["total_count"] == 2)
            #expect(try await fixture.get(repo: "/commits/main/statuses").arrayValue?.count == 4)
            #expect(try await set("lint", "good") == 422)
            let unknown = try await fixture.post("/statuses/\(String(repeating: "a", count: 40))", ["state": "success"])
            #expect(unknown.status == 422)
        }
    }
}
