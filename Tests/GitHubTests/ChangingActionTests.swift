import Domain
import Foundation
import TestSupport
import Testing

@testable import GitHub

@Suite struct ChangingActionTests {
    private static let comment: [String: JSONValue] = [
        "repository": "acme/api", "number": 42, "marker": "preview", "body": "hello @ann",
    ]
    private static let deployment: [String: JSONValue] = [
        "repository": "acme/api", "commit": .string(Fixture.head), "environment": "pr-42", "transient": true,
        "description": "A preview",
    ]
    private static let status: [String: JSONValue] = [
        "repository": "acme/api", "deployment": 7, "state": "success", "environment_url": "https://pr-42.example.com",
        "log_url": "", "description": .string(String(repeating: "x", count: 200)),
    ]
    private static let check: [String: JSONValue] = [
        "repository": "acme/api", "commit": .string(Fixture.head), "name": "preview", "status": "completed",
        "conclusion": "failure", "title": "It failed", "summary": "Look at <b> @ann",
    ]
    private static let commitStatus: [String: JSONValue] = [
        "repository": "acme/api", "commit": .string(Fixture.head), "context": "defimon/preview", "state": "pending",
        "description": "",
    ]

    /// Every action that changes something, with its inputs.
    static let all: [(name: String, inputs: [String: JSONValue])] = [
        ("github.comment", comment), ("github.deployment", deployment), ("github.deployment-status", status),
        ("github.check-run", check), ("github.commit-status", commitStatus),
    ]

    // MARK: Over a crash

    @Test(arguments: all.map(\.name))
    func aChangeWhoseAnswerWasLostIsNotMadeTwice(name: String) async throws {
        let inputs = Self.all.first { $0.name == name }?.inputs ?? [:]
        try await withGitHub { client, github, _ in
            let action = ActionRun(client: client)
            await github.loseAnswers(1)
            let error = try await action.error(name, inputs)
            #expect(error?.mayHaveTakenEffect == true)
            #expect(error?.retry == .later(afterMilliseconds: nil))
            let outputs = try await action.perform(name, inputs)
            #expect(outputs["summary"]?.stringValue?.isEmpty == false)
            let made = await github.changes.filter { $0.method == "POST" }
            #expect(made.count == 1)
        }
    }

    @Test(arguments: all.map(\.name))
    func aPlanChangesNothingAndSaysWhatWould(name: String) async throws {
        let inputs = Self.all.first { $0.name == name }?.inputs ?? [:]
        try await withGitHub { client, github, server in
            let action = ActionRun(client: client)
            #expect(try await action.plan(name, inputs).count == 1)
            #expect(server.requests.allSatisfy { $0.method == "GET" })
            _ = try await action.perform(name, inputs)
            if name != "github.check-run" { #expect(try await action.plan(name, inputs).isEmpty) }
            #expect(await github.changes.count == 1)
        }
    }

    @Test(arguments: all.map(\.name))
    func aRefusalIsSaidInGitHubsWords(name: String) async throws {
        let inputs = Self.all.first { $0.name == name }?.inputs ?? [:]
        try await withClient(answering: { request in
            request.path == "/user"
                ? json(["login": "bot", "id": 1])
                : json(["message": "Resource not accessible by integration"], status: 403)
        }) { client, _ in
            let error = try await ActionRun(client: client).error(name, inputs)
            #expect(error?.message.contains("403: Resource not accessible by integration") == true)
            #expect(error?.retry == .never)
            #expect(error?.hint?.contains("permission") == true)
        }
    }

    // MARK: Comments

    @Test func aCommentIsEscapedUnlessItIsMarkdown() async throws {
        try await withGitHub { client, github, _ in
            let action = ActionRun(client: client)
            let outputs = try await action.perform("github.comment", Self.comment)
            #expect(outputs["url"]?.stringValue?.hasPrefix("https://github.com/acme/api/pull/42#issuecomment-") == true)
            #expect(await github.comments.first?.body == "<!-- defimon:preview -->\nhello @\u{200B}ann")
            let markdown = Self.comment.merging(["markdown": true, "body": "**hello** @ann"]) { $1 }
            _ = try await action.perform("github.comment", markdown)
            #expect(await github.comments.map(\.body) == ["<!-- defimon:preview -->\n**hello** @ann"])
            _ = try await action.perform("github.comment", Self.comment.merging(["marker": "other"]) { $1 })
            #expect(await github.comments.count == 2)
        }
    }

    @Test func aCommentOfSomebodyElseIsNotEdited() async throws {
        try await withGitHub { client, github, _ in
            await github.add(.init(id: 1, author: 66, body: "<!-- defimon:preview -->\nmine"))
            _ = try await ActionRun(client: client).perform("github.comment", Self.comment)
            #expect(await github.comments.first?.body.hasSuffix("mine") == true)
            #expect(await github.comments.count == 2)
        }
    }

    // MARK: Deployments

    @Test func aDeploymentAsksForNoChecksAndMergesNothing() async throws {
        try await withGitHub { client, github, _ in
            let outputs = try await ActionRun(client: client).perform("github.deployment", Self.deployment)
            #expect(outputs["deployment"] == 101)
            let body = await github.changes.first?.body
            #expect(body?["ref"] == .string(Fixture.head))
            #expect(body?["required_contexts"] == [])
            #expect(body?["auto_merge"] == false)
            #expect(body?["transient_environment"] == true)
            #expect(body?["production_environment"] == false)
            #expect(body?["payload"] == #"{"defimon":"0b1e5b2e-7c0f-4e0a-9a65-3c1a6f8a2d11"}"#)
        }
    }

    @Test func anotherStepMakesAnotherDeployment() async throws {
        try await withGitHub { client, github, _ in
            var action = ActionRun(client: client)
            _ = try await action.perform("github.deployment", Self.deployment)
            action.key = "another"
            _ = try await action.perform("github.deployment", Self.deployment)
            #expect(await github.deployments.count == 2)
        }
    }

    @Test(arguments: ["text", "object", "other", "number"])
    func aDeploymentIsFoundWhateverOthersPutIntoTheirs(form: String) async throws {
        try await withGitHub { client, github, _ in
            let action = ActionRun(client: client)
            let payloads: [String: JSONValue] = [
                "text": .string(#"{"defimon":"\#(action.key)"}"#), "object": ["defimon": .string(action.key)],
                "other": "not json", "number": 5,
            ]
            await github.add(deployment: [
                "id": 9, "sha": .string(Fixture.head), "environment": "pr-42", "payload": payloads[form] ?? .null,
            ])
            let outputs = try await action.perform("github.deployment", Self.deployment)
            #expect((outputs["deployment"] == 9) == (form == "text" || form == "object"))
        }
    }

    @Test(arguments: [(202, "Auto-merged main into topic"), (409, "Conflict: Commit status checks failed for main.")])
    func aDeploymentThatWasNotMadeIsAnError(status: Int, words: String) async throws {
        try await withGitHub { client, github, _ in
            await github.fix("POST /repos/acme/api/deployments", json(["message": .string(words)], status: status))
            let error = try await ActionRun(client: client).error("github.deployment", Self.deployment)
            #expect(error?.message.contains("\(status)") == true)
            #expect(error?.retry == .never)
        }
    }

    @Test func aDescriptionIsCutTo140Characters() async throws {
        try await withGitHub { client, github, _ in
            _ = try await ActionRun(client: client).perform("github.deployment-status", Self.status)
            let body = await github.changes.first?.body
            #expect(body?["description"]?.stringValue?.count == 140)
            #expect(body?["environment_url"] == "https://pr-42.example.com")
            #expect(body?["log_url"] == nil)
        }
    }

    @Test func aStatusThatStandsIsNotSetAgainAndAnotherIs() async throws {
        try await withGitHub { client, github, _ in
            let action = ActionRun(client: client)
            for (name, inputs) in [
                ("github.deployment-status", Self.status), ("github.commit-status", Self.commitStatus),
            ] {
                _ = try await action.perform(name, inputs)
                _ = try await action.perform(name, inputs)
                _ = try await action.perform(name, inputs.merging(["state": "failure"]) { $1 })
            }
            #expect(await github.deploymentStatuses[7]?.count == 2)
            #expect(await github.statuses.count == 2)
        }
    }

    @Test func everyDeploymentOfAnEnvironmentBecomesInactiveOnce() async throws {
        let inputs: [String: JSONValue] = ["repository": "acme/api", "environment": "pr-42"]
        try await withGitHub { client, github, _ in
            for (id, environment) in [(1, "pr-42"), (2, "pr-42"), (3, "pr-42"), (4, "production")] {
                await github.add(deployment: [
                    "id": .int(Int64(id)), "sha": "x", "environment": .string(environment), "payload": [:],
                ])
            }
            await github.add(status: ["id": 1, "state": "success"], of: 1)
            await github.add(status: ["id": 2, "state": "inactive"], of: 2)
            let action = ActionRun(client: client)
            #expect(try await action.plan("github.deployments-inactive", inputs).count == 2)
            // The second answer is lost: what was done stays done.
            await github.loseAnswers(1)
            #expect(try await action.error("github.deployments-inactive", inputs) != nil)
            let outputs = try await action.perform("github.deployments-inactive", inputs)
            #expect(outputs["deployments"] == 1)
            let posted = await github.changes.map(\.path).sorted()
            #expect(posted == ["/repos/acme/api/deployments/1/statuses", "/repos/acme/api/deployments/3/statuses"])
            #expect(try await action.perform("github.deployments-inactive", inputs)["deployments"] == 0)
        }
    }

    // MARK: Checks

    @Test func theStepsOfAJobShareACheck() async throws {
        try await withGitHub { client, github, _ in
            var action = ActionRun(client: client)
            var begin = Self.check.merging(["status": "in_progress"]) { $1 }
            begin["conclusion"] = nil
            _ = try await action.perform("github.check-run", begin)
            action.key = "another step"
            let outputs = try await action.perform("github.check-run", Self.check)
            #expect(outputs["url"] == "https://github.com/acme/api/runs/101")
            #expect(await github.changes.map(\.method) == ["POST", "PATCH"])
            let made = await github.changes[0].body
            #expect(made["external_id"] == "defimon/job/42")
            #expect(made["conclusion"] == nil)
            #expect(made["head_sha"] == .string(Fixture.head))
            let ended = await github.changes[1].body
            #expect(ended["conclusion"] == "failure")
            #expect(ended["completed_at"] == "2026-09-21T14:13:20Z")
            #expect(ended["output"]?["summary"] == "Look at &lt;b&gt; @\u{200B}ann")
            action.job = JobID(43)
            _ = try await action.perform("github.check-run", Self.check)
            #expect(await github.checkRuns.count == 2)
        }
    }

    private static func annotations(_ count: Int) -> JSONValue {
        .array(
            (1...count).map {
                ["path": "a.swift", "start_line": .int(Int64($0)), "message": "Look here", "level": "failure"]
            })
    }

    @Test(arguments: [(1, [1]), (50, [50]), (51, [50, 1]), (120, [50, 50, 20])])
    func annotationsAreSentFiftyAtATime(count: Int, parts: [Int]) async throws {
        try await withGitHub { client, github, _ in
            let inputs = Self.check.merging(["annotations": Self.annotations(count)]) { $1 }
            _ = try await ActionRun(client: client).perform("github.check-run", inputs)
            #expect(await github.changes.map { $0.body["output"]?["annotations"]?.arrayValue?.count } == parts)
            let first = await github.annotations[101]?.first
            #expect(
                first == [
                    "path": "a.swift", "start_line": 1, "end_line": 1, "annotation_level": "failure",
                    "message": "Look here",
                ])
        }
    }

    @Test func annotationsAreNotDoubledByACrash() async throws {
        try await withGitHub { client, github, _ in
            let inputs = Self.check.merging(["annotations": Self.annotations(120)]) { $1 }
            await github.loseAnswers(1)
            let action = ActionRun(client: client)
            #expect(try await action.error("github.check-run", inputs) != nil)
            _ = try await action.perform("github.check-run", inputs)
            #expect(await github.annotations[101]?.count == 120)
            #expect(await github.checkRuns.count == 1)
        }
    }

    @Test(arguments: [("completed", ""), ("queued", "success")])
    func aConclusionGoesWithCompleted(status: String, conclusion: String) async throws {
        try await withGitHub { client, _, server in
            let inputs = Self.check.merging(["status": .string(status), "conclusion": .string(conclusion)]) { $1 }
            let error = try await ActionRun(client: client).error("github.check-run", inputs)
            #expect(error?.retry == .never)
            #expect(server.requests.isEmpty)
        }
    }

    @Test func tooManyAnnotationsAreRefused() {
        let action = ActionRun(client: nil)
        func inputs(_ count: Int) -> [String: JSONValue] {
            Self.check.merging(["annotations": Self.annotations(count)]) { $1 }
        }
        #expect(throws: Never.self) { try action.make("github.check-run", inputs(1000)) }
        #expect(throws: Problem.self) { try action.make("github.check-run", inputs(1001)) }
    }
}
