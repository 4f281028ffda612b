import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

/// GitHub's part of the sandbox's page.
@Suite struct GitHubPageTests {
    private struct Fixture: Sendable {
        let github: GitHubFixture
        let registry = RegistryStandIn(.init(username: "bot", password: Secret("secret")))
        let world: SandboxWorld
        let page: SandboxPage

        init() throws {
            let registry = registry
            github = try GitHubFixture {
                $0.onWorkflowSuccess = { name, commit in registry.publish(image: name, tag: commit) }
            }
            let slack = SlackFixture()
            world = SandboxWorld(
                slack: slack.slack,
                alerts: AlertSender(.init(token: Secret("alert-token"), alerts: []), send: slack.bot.connection),
                ethereum: EthereumStandIn(),
                repository: SandboxRepository(github: github.github, name: "acme/api", registry: registry),
                jobs: { [] })
            page = SandboxPage(world, port: 0)
        }

        var services: [@Sendable () async throws -> Void] {
            [
                { try await github.github.run() }, { try await world.slack.run() }, { try await world.ethereum.run() },
                { try await page.run() },
            ]
        }

        func post(_ action: String, _ more: [String: JSONValue] = [:]) async throws -> HTTPResponse {
            let url = try await page.url()
            let body: [String: JSONValue] = ["action": .string(action), "user": "U0UMA"]
            return try await ask(
                "POST", url + "/sandbox/github", [("Content-Type", "application/json"), ("Origin", url)],
                JSONValue.object(body.merging(more) { $1 }).canonicalText)
        }

        func state() async throws -> JSONValue {
            try await ask("GET", "\(try await page.url())/sandbox/state").json.at(path: "state.github") ?? .null
        }
    }

    @Test func aPullRequestGoesItsWholeWayOnThePage() async throws {
        let fixture = try Fixture()
        try await running(fixture.services) {
            func pull() async throws -> JSONValue { try await fixture.state().at(path: "pulls.0") ?? .null }
            #expect(try await fixture.state()["pulls"] == [])
            #expect(try await fixture.post("open").status == 200)
            var shown = try await pull()
            #expect(shown["state"] == "open" && shown["author"] == "uma" && shown["fork"] == false)
            #expect(shown["ci"] == "in_progress" && shown["image"] == false)
            let head = shown["head"]
            for action in ["push", "fail", "push", "pass"] {
                #expect(try await fixture.post(action, ["number": 1]).status == 200, "\(action)")
            }
            shown = try await pull()
            #expect(shown["head"] != head && shown["ci"] == "success" && shown["image"] == true)
            for (action, state) in [("close", "closed"), ("reopen", "open"), ("merge", "merged")] {
                #expect(try await fixture.post(action, ["number": 1]).status == 200, "\(action)")
                #expect(try await pull()["state"] == .string(state))
            }
            #expect(try await fixture.state()["message"]?.stringValue?.hasPrefix("Merge pull request #1") == true)
        }
    }

    @Test func aForkAndAPushToMainAreMade() async throws {
        let fixture = try Fixture()
        try await running(fixture.services) {
            _ = try await fixture.post("fork")
            _ = try await fixture.post("main", ["user": "U0OLIVIA"])
            let state = try await fixture.state()
            #expect(state.at(path: "pulls.0.fork") == true && state["ci"] == "in_progress")
            #expect(try await fixture.post("pass").status == 200)
            #expect(try await fixture.state()["image"] == true)
            #expect(fixture.github.bot.events("push").first?.body.at(path: "sender.login") == "olivia")
        }
    }

    @Test func commentsOfPeopleAndTheBotAreShown() async throws {
        let fixture = try Fixture()
        try await running(fixture.services) {
            _ = try await fixture.post("open")
            let asked = try await fixture.post(
                "comment", ["number": 1, "text": "/defimon preview", "user": "U0OLIVIA"])
            #expect(asked.status == 200)
            let made = try await fixture.github.post("/issues/1/comments", ["body": "<!-- defimon:x -->Working"])
            let url = try made.json["url"]?.stringValue ?? ""
            _ = try await fixture.github.call("PATCH", url, ["body": "<!-- defimon:x -->Up"])
            let comments = try await fixture.state().at(path: "pulls.0.comments")?.arrayValue ?? []
            #expect(comments.map { $0["author"] } == ["olivia", "defimon-bot"])
            #expect(comments.map { $0["isBot"] } == [false, true])
            #expect(comments.last?["body"] == "<!-- defimon:x -->Up" && comments.last?["edits"] == 1)
        }
    }

    @Test func deploymentsStandWithThePullRequestOfTheirCommit() async throws {
        let fixture = try Fixture()
        try await running(fixture.services) {
            _ = try await fixture.post("open")
            for (ref, environment) in [(fixture.github.head(1), "pr-1"), ("main", "production")] {
                let made = try await fixture.github.post(
                    "/deployments",
                    ["ref": .string(ref), "environment": .string(environment), "required_contexts": []])
                _ = try await fixture.github.post(
                    "/deployments/\(try made.json["id"]?.plainText ?? "")/statuses",
                    ["state": "success", "environment_url": .string("https://\(environment).example.com")])
            }
            let state = try await fixture.state()
            #expect(state.at(path: "pulls.0.deployments.0.url") == "https://pr-1.example.com")
            #expect(state.at(path: "pulls.0.deployments.0.state") == "success")
            #expect(state["deployments"]?.arrayValue?.map { $0["environment"] } == ["production"])
        }
    }

    @Test(
        arguments: [
            ("merge", [:]), ("merge", ["number": 9]), ("dance", [:]), ("open", ["user": "U0NOBODY"]),
            ("comment", ["number": 1, "text": " "]), ("comment", ["number": 1]),
            ("comment", ["number": 1, "text": .string(String(repeating: "x", count: 10_001))]),
        ] as [(String, [String: JSONValue])])
    func whatCannotBeDoneIsSaid(action: String, body: [String: JSONValue]) async throws {
        let fixture = try Fixture()
        try await running(fixture.services) {
            _ = try await fixture.post("open")
            let answer = try await fixture.post(action, body)
            #expect(answer.status == 400)
            #expect(try answer.json["error"]?.stringValue?.isEmpty == false)
        }
    }

    @Test func aLinkOfGitHubsLeadsToAFewWords() async throws {
        let fixture = try Fixture()
        try await running(fixture.services) {
            _ = try await fixture.post("open")
            let url = try await fixture.state().at(path: "pulls.0.url")?.stringValue ?? ""
            let page = try await ask("GET", url)
            #expect(page.status == 200 && page.text.hasPrefix("acme/api#1: "))
            let run = try await fixture.github.get(repo: "/actions/runs").at(path: "workflow_runs.0.html_url")
            #expect(try await ask("GET", run?.stringValue ?? "").text.hasPrefix("CI of acme/api: in_progress"))
        }
    }

    @Test func aPageWithoutGitHubShowsNone() async throws {
        let slack = SlackFixture()
        let alerts = AlertSender(.init(token: Secret("x"), alerts: []), send: slack.bot.connection)
        let world = SandboxWorld(slack: slack.slack, alerts: alerts, ethereum: EthereumStandIn(), jobs: { [] })
        let page = SandboxPage(world, port: 0)
        try await running([{ try await page.run() }, { try await slack.slack.run() }]) {
            let state = try await ask("GET", "\(try await page.url())/sandbox/state").json
            #expect(state.at(path: "state.github") == .null)
        }
    }
}
