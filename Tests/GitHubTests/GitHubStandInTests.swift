import CryptoExtras
import Domain
import Foundation
import Outbound
import Sandbox
import Synchronization
import TestSupport
import Testing

@testable import GitHub

/// The client, the decoder and the actions against GitHub on the loopback address.
@Suite struct GitHubStandInTests {
    /// Keeps what was sent to the bot.
    private final class Deliveries: Sendable {
        private let all = Mutex<[Delivery]>([])
        var received: [Delivery] { all.withLock { $0 } }

        func take(_ headers: [(String, String)], _ body: [UInt8]) {
            let lower = Dictionary(headers.map { ($0.0.lowercased(), $0.1) }, uniquingKeysWith: { $1 })
            let delivery = Delivery(
                source: Source("github"), route: "webhooks", headers: lower, body: body,
                receivedAt: Date(timeIntervalSince1970: 1_790_000_000), remoteAddress: "127.0.0.1")
            all.withLock { $0.append(delivery) }
        }
    }

    private struct World: Sendable {
        let github: GitHubStandIn
        let action: ActionRun
        let deliveries: Deliveries

        func head(_ number: Int) -> String { github.pullRequest(number, repository: "acme/api")?.headSHA ?? "" }
    }

    /// Runs `body` with the stand-in and a client that speaks by a token, or as an App.
    private func withStandIn(asApp: Bool = false, _ body: @escaping @Sendable (World) async throws -> Void) async throws
    {
        let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
        let deliveries = Deliveries()
        var configuration = GitHubStandIn.Configuration(
            token: Secret(Fixture.token), hooks: [.init(secret: Secret(Fixture.webhookSecret))],
            users: [.init(id: 1001, login: "olivia"), .init(id: 1003, login: "uma")],
            repositories: [.init(owner: "acme", name: "api")])
        configuration.app = .init(id: 12_345, publicKeyPEM: key.publicKey.pemRepresentation)
        let github = GitHubStandIn(configuration) { _, headers, body in
            deliveries.take(headers, body)
            return (200, "")
        }
        try await withSession { session in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await github.run() }
                group.addTask {
                    var members: [String: JSONValue] = ["api_url": .string(try await github.url())]
                    if asApp {
                        members["app"] = ["id": "12345", "private_key": ["env": "PEM"]]
                    } else {
                        members["token"] = ["env": "TOKEN"]
                    }
                    let secrets = FixedSecrets(values: ["TOKEN": Fixture.token, "PEM": key.pemRepresentation])
                    let client = try GitHubClient(
                        Fixture.settings(members), secrets: secrets, session: session, time: SystemTime())
                    try await body(World(github: github, action: ActionRun(client: client), deliveries: deliveries))
                }
                defer { group.cancelAll() }
                _ = try await group.next()
            }
        }
    }

    @Test(arguments: [false, true])
    func aPreviewGoesItsWholeWay(asApp: Bool) async throws {
        try await withStandIn(asApp: asApp) { world in
            let (github, action) = (world.github, world.action)
            let number = try await github.openPullRequest(repository: "acme/api", branch: "feature", author: "uma")
            let pull = try await action.perform(
                "github.pull-request", ["repository": "acme/api", "number": .int(Int64(number))])
            let sha = world.head(number)
            #expect(pull["commit"] == .string(sha) && pull["is_fork"] == false && pull["author"] == "uma")
            let wait: [String: JSONValue] = ["repository": "acme/api", "commit": .string(sha), "workflow": "CI"]
            guard case .notYet = try await action.look("github.workflow-success", wait) else {
                Issue.record("the workflow is not over")
                return
            }
            try await github.finishWorkflow(repository: "acme/api", commit: sha)
            guard case .ready = try await action.look("github.workflow-success", wait),
                case .ready = try await action.look(
                    "github.checks-success", ["repository": "acme/api", "commit": .string(sha)])
            else {
                Issue.record("the workflow has succeeded")
                return
            }
            for body in ["is being made", "is up"] {
                _ = try await action.perform(
                    "github.comment",
                    [
                        "repository": "acme/api", "number": .int(Int64(number)), "marker": "preview",
                        "body": .string(body),
                    ])
            }
            let comments = github.comments(on: number, repository: "acme/api")
            #expect(comments.count == 1 && comments.first?.edits == 1 && comments.first?.body.contains("is up") == true)
            let made = try await action.perform(
                "github.deployment",
                [
                    "repository": "acme/api", "commit": .string(sha), "environment": "pr-1", "transient": true,
                ])
            let id = try #require(made["deployment"])
            for state in ["in_progress", "success"] {
                _ = try await action.perform(
                    "github.deployment-status",
                    [
                        "repository": "acme/api", "deployment": id, "state": .string(state),
                        "environment_url": "https://pr-1.example.com",
                    ])
            }
            let deployment = try #require(github.deployments(in: "acme/api", environment: "pr-1").first)
            #expect(deployment.state == "success" && deployment.url == "https://pr-1.example.com")
            _ = try await action.perform(
                "github.commit-status",
                ["repository": "acme/api", "commit": .string(sha), "context": "preview", "state": "success"])
            #expect(github.statuses(of: sha, repository: "acme/api").map(\.state) == ["success"])
            if asApp {
                _ = try await action.perform(
                    "github.check-run",
                    [
                        "repository": "acme/api", "commit": .string(sha), "name": "preview", "status": "completed",
                        "conclusion": "success", "title": "Preview", "summary": "It is up",
                    ])
                #expect(github.checkRuns(of: sha, repository: "acme/api").map(\.conclusion) == ["success", "success"])
            }
            let previews: JSONValue = [["repository": "acme/api", "number": .int(Int64(number))]]
            #expect(try await action.perform("github.closed-pull-requests", ["previews": previews])["closed"] == [])
            try await github.close(number, repository: "acme/api")
            let closed = try await action.perform("github.closed-pull-requests", ["previews": previews])
            #expect(closed["closed"]?.arrayValue?.count == 1 && closed["unknown"] == 0)
            _ = try await action.perform(
                "github.deployments-inactive", ["repository": "acme/api", "environment": "pr-1"])
            #expect(github.deployments(in: "acme/api").map(\.state) == ["inactive"])
            let error = try await action.error(
                "github.pull-request", ["repository": "acme/api", "number": .int(Int64(number))])
            #expect(error?.isOutdated == true)
        }
    }

    @Test func aBranchThatMovedAndAForkAreTold() async throws {
        try await withStandIn { world in
            let old = try #require(world.github.defaultHead(of: "acme/api"))
            let inputs: [String: JSONValue] = ["repository": "acme/api", "commit": .string(old)]
            #expect(try await world.action.perform("github.branch-head", inputs)["branch"] == "main")
            try await world.github.pushToDefaultBranch(repository: "acme/api", by: "olivia")
            #expect(try await world.action.error("github.branch-head", inputs)?.isOutdated == true)
            let number = try await world.github.openPullRequest(
                repository: "acme/api", branch: "feature", fromFork: true, author: "uma")
            let fork = ["repository": "acme/api", "number": .int(Int64(number))] as [String: JSONValue]
            #expect(try await world.action.error("github.pull-request", fork)?.message.contains("fork") == true)
        }
    }

    @Test(arguments: [
        GitHubStandIn.Failures.Kind.internalError, .badGateway, .notFound, .primaryRateLimit, .secondaryRateLimit,
        .tooManyRequests, .emptyList, .unauthorized, .reset,
    ])
    func noFailureMakesAnOpenPullRequestLookClosed(kind: GitHubStandIn.Failures.Kind) async throws {
        try await withStandIn { world in
            let number = try await world.github.openPullRequest(
                repository: "acme/api", branch: "feature", author: "uma")
            world.github.failures.retryAfter = 1
            world.github.failures.set(kind)
            let previews: JSONValue = [["repository": "acme/api", "number": .int(Int64(number))]]
            let found = try? await world.action.perform("github.closed-pull-requests", ["previews": previews])
            #expect(found == nil || found?["closed"] == [])
        }
    }

    @Test func everyDeliveryIsProvenAndRead() async throws {
        try await withStandIn { world in
            let github = world.github
            let number = try await github.openPullRequest(
                repository: "acme/api", branch: "feature", fromFork: true, author: "uma")
            try await github.push(number, repository: "acme/api")
            try await github.comment(on: number, repository: "acme/api", by: "olivia", text: "/defimon preview")
            try await github.finishWorkflow(repository: "acme/api", commit: world.head(number))
            try await github.merge(number, repository: "acme/api", by: "olivia")
            try await github.ping(repository: "acme/api")
            let verifier = try GitHubVerifier(
                Fixture.settings(["token": ["env": "TOKEN"], "webhook_secrets": [["env": "HOOK"]]]),
                secrets: Fixture.secrets)
            var events: [Event] = []
            for delivery in world.deliveries.received {
                _ = try verifier.proof(of: delivery)
                events += try await GitHubEventDecoder().events(in: delivery)
            }
            #expect(events.count == world.deliveries.received.count)
            let opened = try #require(events.first)
            #expect(opened.attributes["is_fork"] == true && opened.attributes["number"] == .int(Int64(number)))
            let asked = try #require(events.first { $0.attributes["kind"] == "issue_comment" })
            #expect(asked.attributes["author_id"] == "1001" && asked.attributes["is_pull_request"] == true)
            let merged = try #require(events.last { $0.attributes["kind"] == "pull_request" })
            #expect(merged.attributes["merged"] == true && merged.attributes["action"] == "closed")
            let push = try #require(events.last { $0.attributes["kind"] == "push" })
            #expect(push.attributes["is_default_branch"] == true)
        }
    }
}
