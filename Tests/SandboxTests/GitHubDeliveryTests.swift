import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

@Suite struct GitHubDeliveryTests {
    @Test func aRedeliveryHasTheSameIdAndBytes() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            _ = try await fixture.open()
            let first = try #require(fixture.github.deliveries.first)
            try await fixture.github.redeliver(first.id)
            let sent = fixture.bot.received
            #expect(sent.last?.headers == sent.first?.headers && sent.last?.body == sent.first?.body)
            #expect(fixture.github.deliveries.first?.answers == [200, 200])
        }
    }

    @Test func heldDeliveriesComeInTheOrderOfTheirRelease() async throws {
        let fixture = try GitHubFixture { $0.repositories[0].workflows = [] }
        try await running(fixture.services) {
            fixture.github.isHoldingDeliveries = true
            let number = try await fixture.open()
            try await fixture.github.close(number, repository: "acme/api")
            #expect(fixture.bot.received.isEmpty && fixture.github.heldDeliveries.count == 2)
            await fixture.github.release(fixture.github.heldDeliveries.reversed())
            #expect(fixture.bot.eventNames == ["pull_request.closed", "pull_request.opened"])
            #expect(fixture.github.heldDeliveries.isEmpty)
            fixture.github.isHoldingDeliveries = false
            try await fixture.github.reopen(number, repository: "acme/api")
            #expect(fixture.bot.eventNames.last == "pull_request.reopened")
        }
    }

    @Test func aHookAndAnAppSendOneEventUnderTwoIds() async throws {
        let hooks = [
            GitHubStandIn.Hook(id: 1, secret: Secret("one")),
            GitHubStandIn.Hook(id: 2, target: .integration, secret: Secret("two")),
        ]
        let fixture = try GitHubFixture(hooks: hooks) { $0.repositories[0].workflows = [] }
        try await running(fixture.services) {
            _ = try await fixture.open()
            let events = fixture.bot.events("pull_request")
            #expect(events.map { $0.headers["x-github-hook-id"] } == ["1", "2"])
            #expect(Set(events.map { $0.headers["x-github-delivery"] }).count == 2)
            #expect(events[0].body["installation"] == nil && events[1].body.at(path: "installation.id") != nil)
            #expect(events[0].body["pull_request"] == events[1].body["pull_request"])
            let bodies = fixture.bot.received
            for (index, key) in ["one", "two"].enumerated() {
                let code = try #require(Hex.decode(bodies[index].headers["x-hub-signature-256"]?.dropFirst(7) ?? ""))
                #expect(HMACSHA256.isValid(code, for: [bodies[index].body], key: Secret(key)))
            }
        }
    }

    @Test func aBotThatIsDownOrRefusesIsToldOnceOnly() async throws {
        let fixture = try GitHubFixture(bot: FakeBot { _ in throw FakeBot.NoAnswer() }) {
            $0.repositories[0].workflows = []
        }
        try await running(fixture.services) {
            let number = try await fixture.open()
            fixture.bot.answers { _ in (503, "") }
            try await fixture.github.close(number, repository: "acme/api")
            #expect(fixture.github.deliveries.map(\.answers) == [[0], [503]])
            #expect(fixture.bot.received.count == 2)
        }
    }

    @Test func anAnswerThatTakesTooLongCountsAsNone() async throws {
        let time = VirtualTime()
        let fixture = try GitHubFixture(
            bot: FakeBot { _ in
                try await Task.sleep(for: .seconds(3600))
                return (200, "")
            }, time: time
        ) { $0.repositories[0].workflows = [] }
        try await running(fixture.services) {
            async let number = fixture.open()
            await time.untilSleeping(1)
            time.advance(by: .seconds(10))
            _ = try await number
            #expect(fixture.github.deliveries.map(\.answers) == [[0]])
        }
    }

    @Test func whatTheBotWritesComesBackToItAsAnEvent() async throws {
        let fixture = try GitHubFixture { $0.repositories[0].workflows = [] }
        try await running(fixture.services) {
            let number = try await fixture.open()
            let comment = try await fixture.post("/issues/\(number)/comments", ["body": "Preview is up"]).json
            let deployment = try await fixture.post(
                "/deployments", ["ref": "feature", "environment": "pr-1", "required_contexts": []]
            ).json
            let id = deployment["id"]?.plainText ?? ""
            _ = try await fixture.post("/deployments/\(id)/statuses", ["state": "success"])
            _ = try await fixture.post("/deployments/\(id)/statuses", ["state": "inactive"])
            _ = try await fixture.call("DELETE", "/repos/acme/api/issues/comments/\(comment["id"]?.plainText ?? "")")
            _ = await eventually { fixture.bot.received.count >= 5 ? true : nil }
            #expect(
                fixture.bot.eventNames == [
                    "pull_request.opened", "issue_comment.created", "deployment.created", "deployment_status.created",
                    "issue_comment.deleted",
                ])
            #expect(fixture.bot.events("issue_comment").first?.body.at(path: "sender.login") == "defimon-bot")
            #expect(
                fixture.bot.events("deployment_status").first?.body.at(path: "deployment_status.state") == "success")
        }
    }

    @Test func aPingSaysItsHook() async throws {
        let fixture = try GitHubFixture()
        try await running(fixture.services) {
            try await fixture.github.ping(repository: "acme/api")
            #expect(fixture.bot.events("ping").first?.body["hook_id"] == 292_430_182)
        }
    }
}
