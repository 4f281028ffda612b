import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

@Suite struct GitHubPeopleTests {
    @Test func aDeliveryIsSignedAndHasGitHubsHeaders() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            _ = try await fixture.open()
            let request = try #require(fixture.bot.received.first)
            #expect(request.path == "/webhooks/github")
            let code = try #require(Hex.decode(request.headers["x-hub-signature-256"]?.dropFirst(7) ?? ""))
            #expect(request.headers["x-hub-signature-256"]?.hasPrefix("sha256=") == true)
            #expect(HMACSHA256.isValid(code, for: [request.body], key: fixture.secret))
            #expect(request.headers["x-hub-signature"]?.count == 45)
            #expect(request.headers["x-github-event"] == "pull_request")
            #expect(UUID(uuidString: request.headers["x-github-delivery"] ?? "") != nil)
            #expect(request.headers["x-github-hook-id"] == "292430182")
            #expect(request.headers["x-github-hook-installation-target-type"] == "repository")
            #expect(request.headers["user-agent"]?.hasPrefix("GitHub-Hookshot/") == true)
            #expect(request.headers["content-type"] == "application/json")
        }
    }

    @Test(.enabled(if: WireData.isThere)) func theHeadersAreThoseOfARealDelivery() async throws {
        let fixture = try GitHubFixture()
        let wire = try JSONValue(parsing: try WireData.bytes("github/delivery_headers.json"))
        try await running(fixture.services) {
            _ = try await fixture.open()
            let ours = Set(try #require(fixture.bot.received.first).headers.keys)
            let wanted = Set((wire["headers"]?.objectValue ?? [:]).keys.map { $0.lowercased() })
            #expect(wanted.subtracting(ours) == ["host"])
        }
    }

    @Test func openingPushingAndClosingSayTheirHeads() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            let number = try await fixture.open()
            let first = fixture.head(number)
            let second = try await fixture.github.push(number, repository: "acme/api")
            try await fixture.github.close(number, repository: "acme/api", by: "olivia")
            try await fixture.github.reopen(number, repository: "acme/api")
            let events = fixture.bot.events("pull_request").map(\.body)
            #expect(events.map { $0["action"] } == ["opened", "synchronize", "closed", "reopened"])
            #expect(
                events.map { $0.at(path: "pull_request.head.sha") }
                    == [first, second, second, second].map { .string($0) })
            #expect(events[1]["before"] == .string(first) && events[1]["after"] == .string(second))
            #expect(events.map { $0.at(path: "pull_request.state") } == ["open", "open", "closed", "open"])
            #expect(events[2].at(path: "pull_request.merged") == false)
            #expect(events[2].at(path: "sender.login") == "olivia")
            #expect(events[0].at(path: "sender.id") == 1003)
            // The branch is the repository's own: its push is told too.
            #expect(fixture.bot.events("push").map { $0.body["after"] } == [.string(second)])
        }
    }

    @Test func aPullRequestFromAForkHasAnotherHeadRepositoryAndNoPush() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            let number = try await fixture.open(fromFork: true)
            try await fixture.github.push(number, repository: "acme/api")
            let pull = try #require(fixture.bot.events("pull_request").last?.body["pull_request"])
            #expect(pull.at(path: "head.repo.full_name") == "uma/api" && pull.at(path: "head.repo.fork") == true)
            #expect(pull.at(path: "head.repo.id") != pull.at(path: "base.repo.id"))
            #expect(pull.at(path: "head.label") == "uma:feature")
            #expect(fixture.bot.events("push").isEmpty)
            // GitHub leaves pull requests of forks out of runs.
            #expect(
                fixture.bot.events("workflow_run").allSatisfy { $0.body.at(path: "workflow_run.pull_requests") == [] })
            #expect(try await fixture.get("/repos/acme/api/commits/\(fixture.head(number))").status == 200)
            try fixture.github.deleteFork(of: number, repository: "acme/api")
            #expect(try await fixture.get(repo: "/pulls/\(number)").at(path: "head.repo") == .null)
        }
    }

    @Test func mergingClosesAndPushesTheMergeCommit() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            let number = try await fixture.open()
            let sha = try await fixture.github.merge(number, repository: "acme/api", by: "olivia")
            let closed = try #require(fixture.bot.events("pull_request").last?.body)
            #expect(closed["action"] == "closed" && closed.at(path: "pull_request.merged") == true)
            #expect(closed.at(path: "pull_request.merge_commit_sha") == .string(sha))
            #expect(closed.at(path: "pull_request.merged_by.login") == "olivia")
            let push = try #require(fixture.bot.events("push").last?.body)
            #expect(push["ref"] == "refs/heads/main" && push["after"] == .string(sha))
            #expect(fixture.github.defaultHead(of: "acme/api") == sha)
            await #expect(throws: SandboxInputError.self) {
                try await fixture.github.reopen(number, repository: "acme/api")
            }
        }
    }

    @Test func aPushToMainMovesItAndStartsItsWorkflow() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            let old = try #require(fixture.github.defaultHead(of: "acme/api"))
            let sha = try await fixture.github.pushToDefaultBranch(repository: "acme/api", by: "olivia")
            #expect(fixture.bot.eventNames == ["push", "workflow_run.requested", "workflow_run.in_progress"])
            let push = try #require(fixture.bot.events("push").first?.body)
            #expect(push["before"] == .string(old) && push["after"] == .string(sha))
            #expect(push.at(path: "head_commit.message") == "Improve main" && push.at(path: "pusher.name") == "olivia")
            #expect(fixture.bot.events("workflow_run").last?.body.at(path: "workflow_run.event") == "push")
        }
    }

    @Test func aCommentOfAPersonSaysWhoAndWhere() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            let number = try await fixture.open()
            let id = try await fixture.github.comment(
                on: number, repository: "acme/api", by: "olivia", text: "/defimon preview")
            let event = try #require(fixture.bot.events("issue_comment").last?.body)
            #expect(event["action"] == "created" && event.at(path: "comment.id") == .int(Int64(id)))
            #expect(event.at(path: "comment.body") == "/defimon preview")
            #expect(event.at(path: "comment.user.id") == 1001 && event.at(path: "comment.user.type") == "User")
            #expect(event.at(path: "comment.author_association") == "MEMBER")
            #expect(event.at(path: "issue.number") == .int(Int64(number)))
            #expect(event.at(path: "issue.pull_request.url") != nil)
            #expect(fixture.github.comments(on: number, repository: "acme/api").map(\.id) == [id])
        }
    }

    @Test(arguments: ["success", "failure", "cancelled"])
    func aFinishedWorkflowEndsItsRunCheckAndSuite(conclusion: String) async throws {
        let (published, publish) = AsyncStream.makeStream(of: String.self)
        let fixture = try GitHubFixture { $0.onWorkflowSuccess = { publish.yield("\($0)@\($1)") } }
        try await running(fixture.services) {
            let number = try await fixture.open()
            let sha = fixture.head(number)
            try await fixture.github.finishWorkflow(repository: "acme/api", commit: sha, conclusion: conclusion)
            publish.finish()
            #expect(
                fixture.bot.eventNames.suffix(3) == [
                    "workflow_run.completed", "check_run.completed", "check_suite.completed",
                ])
            let run = try #require(fixture.bot.events("workflow_run").last?.body["workflow_run"])
            #expect(run["conclusion"] == .string(conclusion) && run["head_sha"] == .string(sha))
            #expect(run.at(path: "pull_requests.0.number") == .int(Int64(number)))
            let runs = try await fixture.get(repo: "/actions/runs?head_sha=\(sha)&event=pull_request")
            #expect(runs["total_count"] == 1)
            #expect(runs.at(path: "workflow_runs.0.conclusion") == .string(conclusion))
            let done = await published.reduce(into: [String]()) { $0.append($1) }
            #expect(done == (conclusion == "success" ? ["acme/api@\(sha)"] : []))
        }
    }

    @Test func aRepeatedRunIsTheSameRunWithAnotherAttempt() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            let sha = fixture.head(try await fixture.open())
            try await fixture.github.finishWorkflow(repository: "acme/api", commit: sha, conclusion: "failure")
            try await fixture.github.rerunWorkflow(repository: "acme/api", commit: sha)
            try await fixture.github.finishWorkflow(repository: "acme/api", commit: sha, name: "ci.yml")
            let bodies = fixture.bot.events("workflow_run").map(\.body)
            #expect(
                bodies.map { $0.at(path: "workflow_run.run_attempt") } == [1, 1, 1, 2, 2, 2]
                    && Set(bodies.map { $0.at(path: "workflow_run.id") }).count == 1)
        }
    }

    @Test func whatCannotBeDoneIsSaid() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            let github = fixture.github
            let number = try await fixture.open()
            await #expect(throws: SandboxInputError.self) { try await github.push(99, repository: "acme/api") }
            await #expect(throws: SandboxInputError.self) { try await github.close(number, repository: "acme/none") }
            await #expect(throws: SandboxInputError.self) {
                try await github.comment(on: number, repository: "acme/api", by: "uma", text: " \n")
            }
            await #expect(throws: SandboxInputError.self) { try await github.redeliver("none") }
            try await github.close(number, repository: "acme/api")
            await #expect(throws: SandboxInputError.self) { try await github.push(number, repository: "acme/api") }
            await #expect(throws: SandboxInputError.self) { try await github.merge(number, repository: "acme/api") }
        }
    }
}
