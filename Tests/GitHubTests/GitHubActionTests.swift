import Domain
import Foundation
import TestSupport
import Testing

@testable import GitHub

/// Makes an action and runs it.
struct ActionRun: Sendable {
    let client: GitHubClient?
    var key = "0b1e5b2e-7c0f-4e0a-9a65-3c1a6f8a2d11"
    var job = JobID(42)

    var context: ActionContext {
        ActionContext(
            jobID: job, idempotencyKey: key, attempt: 1, time: VirtualTime(), progress: { _ in })
    }

    func make(_ name: String, _ inputs: [String: JSONValue]) throws -> any Action {
        let type = try #require(GitHubActions.types(client: client).first { $0.name == name })
        var reader = InputReader.reading(LocatedValue(.object(inputs)))
        let action = type.make(&reader)
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        return action
    }

    func perform(_ name: String, _ inputs: [String: JSONValue]) async throws -> JSONValue {
        try await #require(try make(name, inputs) as? any RepeatableAction).perform(context)
    }

    func plan(_ name: String, _ inputs: [String: JSONValue]) async throws -> [String] {
        try await #require(try make(name, inputs) as? any Plannable).plan(context).changes
    }

    func look(_ name: String, _ inputs: [String: JSONValue]) async throws -> Awaited {
        try await #require(try make(name, inputs) as? any AwaitingAction).look(context)
    }

    func error(_ name: String, _ inputs: [String: JSONValue]) async throws -> ActionError? {
        do {
            let action = try make(name, inputs)
            if let awaiting = action as? any AwaitingAction { _ = try await awaiting.look(context) }
            if let action = action as? any RepeatableAction { _ = try await action.perform(context) }
            return nil
        } catch let error as ActionError { return error }
    }
}

@Suite struct GitHubActionTypesTests {
    @Test func allActionsAreThere() {
        #expect(
            GitHubActions.types(client: nil).map(\.name).sorted() == [
                "github.branch-head", "github.check-run", "github.checks-success", "github.closed-pull-requests",
                "github.comment", "github.commit-status", "github.deployment", "github.deployment-status",
                "github.deployments-inactive", "github.pull-request", "github.workflow-success",
            ])
    }

    @Test func whateverChangesSomethingCanBePlanned() {
        for type in GitHubActions.types(client: nil) {
            var reader = InputReader.describing()
            let action = type.make(&reader)
            #expect((action is any Plannable) == (type.effect == .changes), "\(type.name)")
            #expect(action is any RepeatableAction || action is any AwaitingAction)
        }
    }

    @Test(
        arguments: [
            ("github.pull-request", ["repository": "acme/api", "number": 1]),
            ("github.closed-pull-requests", ["previews": []]),
            (
                "github.workflow-success",
                ["repository": "acme/api", "commit": .string(Fixture.head), "workflow": "x"]
            ),
        ] as [(String, [String: JSONValue])])
    func withoutSettingsTheSettingIsNamed(name: String, inputs: [String: JSONValue]) async throws {
        let error = try await ActionRun(client: nil).error(name, inputs)
        #expect(error?.message.contains("GitHub is not set up") == true)
        #expect(error?.hint?.contains("github.token") == true)
    }

    @Test(
        arguments: [
            ("github.pull-request", ["repository": "acme", "number": 1]),
            ("github.pull-request", ["repository": "acme/api"]),
            ("github.pull-request", ["repository": "acme/api", "number": 0]),
            ("github.pull-request", ["repository": "acme/api", "number": 1, "commit": "abc123"]),
            ("github.workflow-success", ["repository": "acme/api", "commit": "1a2b3c4", "workflow": "x"]),
            ("github.deployment-status", ["repository": "acme/api", "deployment": 1, "state": "done"]),
            (
                "github.deployment-status",
                ["repository": "acme/api", "deployment": 1, "state": "success", "log_url": "javascript:x"]
            ),
            ("github.comment", ["repository": "acme/api", "number": 1, "marker": "a -->", "body": "x"]),
            (
                "github.check-run",
                [
                    "repository": "acme/api", "commit": .string(Fixture.head), "name": "x", "status": "queued",
                    "title": "t",
                    "summary": "s", "annotations": [["path": "a"]],
                ]
            ),
            ("github.closed-pull-requests", ["previews": "all"]),
        ] as [(String, [String: JSONValue])])
    func inputsThatCannotBeAreFoundBeforeTheRun(name: String, inputs: [String: JSONValue]) {
        #expect(throws: Problem.self) { try ActionRun(client: nil).make(name, inputs) }
    }

    @Test(arguments: [
        (42, "acme/api", "pr-42-api"), (7, "acme/Web.Site", "pr-7-web-site-"), (7, "acme/a_b", "pr-7-a-b-"),
        (1, "acme/-", "pr-1-"),
    ])
    func aNamespaceIsNamedAfterThePullRequest(number: Int, repository: String, name: String) throws {
        let made = PreviewNamespace.name(number: number, repository: try #require(RepositoryName(repository)))
        #expect(made.hasPrefix(name))
        #expect(name.hasSuffix("-") || made == name)
        #expect(made.count == (name.hasSuffix("-") ? name.count + 8 : name.count))
    }

    @Test(arguments: [57, 58, 100])
    func aLongNameIsCutToADNSLabel(length: Int) throws {
        func name(_ owner: String) throws -> String {
            PreviewNamespace.name(
                number: 42,
                repository: try #require(RepositoryName(owner + "/" + String(repeating: "a", count: length))))
        }
        #expect(try name("acme").utf8.count == (length == 57 ? 63 : 63))
        #expect(try (name("acme") == name("other")) == (length == 57))
    }
}

@Suite struct PullRequestActionTests {
    private static func pull(_ more: [String: JSONValue] = [:]) -> ScriptedServer.Answer {
        json(
            JSONValue.object([
                "number": 42, "state": "open", "title": "A title", "html_url": "https://github.com/acme/api/pull/42",
                "merged": false, "user": ["login": "ann", "id": 7],
                "head": [
                    "ref": "topic", "sha": .string(Fixture.head),
                    "repo": ["id": 1, "name": "api", "full_name": "acme/api"],
                ],
                "base": ["ref": "main", "sha": "0", "repo": ["id": 1, "name": "api", "full_name": "acme/api"]],
            ]).with(more))
    }

    private static let fork: [String: JSONValue] = [
        "head": ["ref": "topic", "sha": .string(Fixture.head), "repo": .null]
    ]

    private func run(
        _ answer: ScriptedServer.Answer, _ body: @escaping @Sendable (ActionRun) async throws -> Void
    ) async throws {
        try await withClient(answering: { _ in answer }) { client, _ in try await body(ActionRun(client: client)) }
    }

    private func inputs(_ more: [String: JSONValue] = [:]) -> [String: JSONValue] {
        ["repository": "acme/api", "number": 42].merging(more) { $1 }
    }

    @Test func anOpenPullRequestSaysWhatLaterStepsNeed() async throws {
        try await run(Self.pull()) { action in
            let outputs = try await action.perform("github.pull-request", inputs(["commit": "", "person": ""]))
            let expected: [String: JSONValue] = [
                "commit": .string(Fixture.head), "short_commit": "ec26c3e", "number": 42, "repository": "acme/api",
                "branch": "topic", "base": "main", "author": "ann", "title": "A title",
                "url": "https://github.com/acme/api/pull/42", "is_fork": false, "namespace": "pr-42-api",
            ]
            for (name, value) in expected { #expect(outputs[name] == value, "\(name)") }
        }
    }

    @Test(arguments: ["ec26c3e", "EC26C3E", Fixture.head])
    func theHeadOrItsBeginningIsTheHead(commit: String) async throws {
        try await run(Self.pull()) { action in
            let error = try await action.error("github.pull-request", inputs(["commit": .string(commit)]))
            #expect(error == nil)
        }
    }

    @Test func anotherCommitIsOutdated() async throws {
        try await run(Self.pull()) { action in
            let error = try await action.error("github.pull-request", inputs(["commit": "1a2b3c4d"]))
            #expect(error?.isOutdated == true)
            #expect(error?.message.contains("1a2b3c4 is not the newest") == true)
            #expect(error?.message.contains("the head is \(Fixture.head)") == true)
            #expect(error?.hint?.contains(Fixture.head) == true)
        }
    }

    @Test(arguments: [(true, "merged"), (false, "closed")])
    func aClosedPullRequestIsOutdated(merged: Bool, word: String) async throws {
        try await run(Self.pull(["state": "closed", "merged": .bool(merged)])) { action in
            let error = try await action.error("github.pull-request", inputs())
            #expect(error?.isOutdated == true)
            #expect(error?.message.contains(word) == true)
        }
    }

    @Test func aForkNeedsAPersonAndACommit() async throws {
        try await run(Self.pull(Self.fork)) { action in
            let nobody = try await action.error("github.pull-request", inputs(["commit": .string(Fixture.head)]))
            #expect(nobody?.message.contains("comes from a fork; a maintainer may") == true)
            #expect(nobody?.isOutdated == false)
            let noCommit = try await action.error("github.pull-request", inputs(["person": "ann"]))
            #expect(noCommit?.message.contains(Fixture.head) == true)
            #expect(noCommit?.isOutdated == false)
            let both = inputs(["person": "ann", "commit": .string(Fixture.head)])
            #expect(try await action.perform("github.pull-request", both)["is_fork"] == true)
        }
    }

    @Test func aPullRequestThatCannotBeSeenIsAnErrorInGitHubsWords() async throws {
        try await run(json(["message": "Not Found"], status: 404)) { action in
            let error = try await action.error("github.pull-request", inputs())
            #expect(error?.message == "acme/api#42 cannot be looked at: GitHub answers 404: Not Found")
            #expect(error?.retry == .never)
            #expect(error?.isOutdated == false)
        }
    }

    @Test func aLimitIsForLater() async throws {
        try await run(json([:], status: 429, headers: ["Retry-After": "8"])) { action in
            let error = try await action.error("github.pull-request", inputs())
            #expect(error?.retry == .later(afterMilliseconds: 8000))
            #expect(error?.mayHaveTakenEffect == false)
        }
    }

    // MARK: Branches

    @Test func theHeadOfABranchIsThere() async throws {
        try await withClient(answering: { request in
            request.path == "/repos/acme/api"
                ? json(["default_branch": "main/x"])
                : json(["name": "main/x", "commit": ["sha": .string(Fixture.head)]])
        }) { client, server in
            let action = ActionRun(client: client)
            let right: [String: JSONValue] = ["repository": "acme/api", "commit": "ec26c3e"]
            let outputs = try await action.perform("github.branch-head", right)
            #expect(outputs["commit"] == .string(Fixture.head))
            #expect(outputs["branch"] == "main/x")
            #expect(server.requests.last?.path == "/repos/acme/api/branches/main/x")
            let wrong: [String: JSONValue] = ["repository": "acme/api", "branch": "main/x", "commit": "1a2b3c4"]
            let error = try await action.error("github.branch-head", wrong)
            #expect(error?.isOutdated == true)
            #expect(error?.message.contains(Fixture.head) == true)
        }
    }

    // MARK: Closed pull requests

    @Test func onlyACertainlyClosedPullRequestIsClosed() async throws {
        try await withClient(answering: { request in
            switch request.path.split(separator: "/").last {
            case "1": Self.pull(["number": 1, "state": "closed"])
            case "2": Self.pull(["number": 2])
            case "3": json(["message": "Not Found"], status: 404)
            case "4": json(["message": "oops"], status: 500)
            case "5": json([])
            case "6": Self.pull(["number": 66, "state": "closed"])
            case "7": Self.pull(["number": 7, "state": "gone"])
            case "8": .init(body: "<html>")
            default: Self.pull(["number": 9, "state": "closed"])
            }
        }) { client, _ in
            let previews = (1...9).map { number in
                ["repository": "acme/api", "number": .int(number), "namespace": .string("pr-\(number)-api")]
                    as JSONValue
            }
            let given = previews + [["namespace": "x"], ["repository": "a/..", "number": 1], 5]
            let outputs = try await ActionRun(client: client).perform(
                "github.closed-pull-requests", ["previews": .array(given)])
            #expect(outputs["closed"] == [previews[0], previews[8]])
            #expect(outputs["unknown"] == 9)
            #expect(outputs["summary"]?.stringValue?.contains("2 of 12 previews") == true)
            #expect(outputs["details"]?.stringValue?.contains("acme/api#3: not known: GitHub answers 404") == true)
        }
    }

    @Test func onlySoManyAreNamedInOneGo() async throws {
        try await withClient(answering: { request in
            let number = request.path.split(separator: "/").last.flatMap { Int64($0) } ?? 0
            return Self.pull(["number": .int(number), "state": "closed"])
        }) { client, _ in
            let previews = (1...8).map { ["repository": "acme/api", "number": .string("\($0)")] as JSONValue }
            let action = ActionRun(client: client)
            let five = try await action.perform("github.closed-pull-requests", ["previews": .array(previews)])
            #expect(five["closed"]?.arrayValue?.count == 5)
            #expect(five["summary"]?.stringValue?.contains("and 3 more") == true)
            let inputs: [String: JSONValue] = ["previews": .array(previews), "at_most": 8]
            #expect(try await action.perform("github.closed-pull-requests", inputs)["closed"]?.arrayValue?.count == 8)
            let none = try await action.perform("github.closed-pull-requests", ["previews": []])
            #expect(none["closed"] == [])
        }
    }

    @Test func moreThanTheBoundAreNotLookedAt() async throws {
        try await withClient(answering: { _ in Self.pull(["number": 1]) }) { client, server in
            let preview: JSONValue = ["repository": "acme/api", "number": 1]
            let outputs = try await ActionRun(client: client).perform(
                "github.closed-pull-requests", ["previews": .array(Array(repeating: preview, count: 201))])
            #expect(server.requests.count == 200)
            #expect(outputs["unknown"] == 1)
        }
    }
}
