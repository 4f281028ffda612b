import Domain
import Foundation
import TestSupport
import Testing

@testable import GitHub

/// What is sent fits what GitHub documents, and what GitHub was recorded to answer is understood.
@Suite(.enabled(if: WireData.isThere)) struct DocumentedRequestTests {
    private func schema(_ operation: String) throws -> JSONValue {
        let file = try JSONValue(parsing: WireData.bytes("github/openapi-2020/\(operation).json"))
        return try #require(file.at(path: "requestBody.content.application/json.schema"))
    }

    /// What is wrong with a value, in words.
    private func problems(_ value: JSONValue, _ schema: JSONValue, at place: String = "body") -> [String] {
        var found: [String] = []
        if let choices = schema["enum"]?.arrayValue, !choices.contains(value) { found.append("\(place): not a choice") }
        switch (schema["type"]?.stringValue, value) {
        case ("object", .object(let members)):
            for name in schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? [] where members[name] == nil {
                found.append("\(place).\(name): missing")
            }
            for (name, member) in members {
                guard let part = schema["properties"]?[name] else {
                    found.append("\(place).\(name): not documented")
                    continue
                }
                found += problems(member, part, at: "\(place).\(name)")
            }
        case ("array", .array(let items)):
            if let part = schema["items"] { found += items.flatMap { problems($0, part, at: "\(place)[]") } }
        case ("string", .string), ("boolean", .bool), ("integer", .int), ("number", .int), (nil, _): break
        default: found.append("\(place): is of another type")
        }
        return found
    }

    @Test(arguments: [
        ("github.comment", "issues.create-comment"), ("github.deployment", "repos.create-deployment"),
        ("github.deployment-status", "repos.create-deployment-status"), ("github.check-run", "checks.create"),
    ])
    func aRequestIsTheDocumentedOne(name: String, operation: String) async throws {
        var inputs = ChangingActionTests.all.first { $0.name == name }?.inputs ?? [:]
        if name == "github.check-run" {
            inputs["annotations"] = [["path": "a", "start_line": 1, "message": "m", "level": "notice"]]
            inputs["details_url"] = "https://example.com"
        }
        try await withGitHub { [inputs] client, github, _ in
            _ = try await ActionRun(client: client).perform(name, inputs)
            let body = try #require(await github.changes.first?.body)
            #expect(problems(body, try schema(operation)) == [])
        }
    }

    @Test func anUpdateIsTheDocumentedOne() async throws {
        try await withGitHub { client, github, _ in
            let inputs = ChangingActionTests.all.first { $0.name == "github.check-run" }?.inputs ?? [:]
            _ = try await ActionRun(client: client).perform("github.check-run", inputs)
            _ = try await ActionRun(client: client).perform("github.check-run", inputs)
            let body = try #require(await github.changes.last?.body)
            #expect(problems(body, try schema("checks.update")) == [])
        }
    }

    private func reply(_ file: String) throws -> GitHubReply {
        let body = try JSONValue(parsing: WireData.bytes("github/rest/\(file).json"))["response"]?["body"]
        return GitHubReply(status: 200, body: try #require(body).canonicalBytes, next: nil)
    }

    @Test func recordedAnswersAreUnderstood() throws {
        #expect(try reply("create_issue_comment").decode(IssueComment.self).id == 1_254_853_699)
        #expect(try reply("update_issue_comment.documented").decode(IssueComment.self).id == 1)
        #expect(try reply("create_deployment").decode(Deployment.self).id == 315_601_644)
        #expect(try reply("create_deployment.2").decode(Deployment.self).environment == "unittest")
        #expect(try reply("list_deployment_statuses").decode([DeploymentStatus].self).first?.state == "queued")
        let check = try reply("create_check_run").decode(CheckRun.self)
        #expect(check.id == 1_424_883_286)
        #expect(check.externalId == "whatever")
        #expect(check.output?.annotationsCount == 1)
        #expect(try reply("update_check_run").decode(CheckRun.self).conclusion == "success")
        #expect(try reply("get_app").decode(BotAccount.App.self).account.login == "hub4j-test-application[bot]")
    }
}
