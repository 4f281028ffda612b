import Domain
import Foundation
import Outbound
import Sandbox
import Synchronization
import TestSupport
import Testing

@Suite struct AlertSenderTests {
    private static let token = Secret("alert-token-123")

    private func sender(
        _ bot: FakeBot, alerts: [SandboxAlert] = [.gethDown("geth-0"), .podCrashLooping()],
        _ change: (inout AlertSender.Configuration) -> Void = { _ in }
    ) -> AlertSender {
        var configuration = AlertSender.Configuration(token: AlertSenderTests.token, alerts: alerts)
        configuration.retryAfter = [.milliseconds(1), .milliseconds(1)]
        configuration.lookEvery = .milliseconds(5)
        change(&configuration)
        return AlertSender(configuration, send: bot.connection)
    }

    @Test func anAlertFiresAndResolvesAsOneEpisode() async throws {
        let bot = FakeBot()
        let sender = sender(bot)
        try await running([{ try await sender.run() }]) {
            try await sender.fire("geth-down-geth-0")
            _ = await eventually { bot.received.count == 1 ? true : nil }
            try sender.resolve("geth-down-geth-0")
            _ = await eventually { bot.received.count == 2 ? true : nil }
            let bodies = try bot.received.map { try JSONValue(parsing: $0.body) }
            #expect(bodies.map { $0["status"] } == ["firing", "resolved"])
            #expect(bodies[0].at(path: "alerts.0.startsAt") == bodies[1].at(path: "alerts.0.startsAt"))
            #expect(bodies[0].at(path: "alerts.0.fingerprint") == bodies[1].at(path: "alerts.0.fingerprint"))
            #expect(bodies[0].at(path: "alerts.0.endsAt") == "0001-01-01T00:00:00Z")
            #expect(bodies[1].at(path: "alerts.0.endsAt") != "0001-01-01T00:00:00Z")
            #expect(bodies[0]["groupKey"] == #"{}:{alertname="GethDown", instance="geth-0:6060"}"#)
            #expect(bodies[0]["version"] == "4")
            #expect(bot.received[0].headers["authorization"] == "Bearer alert-token-123")
            #expect(bot.received[0].path == "/webhooks/alertmanager")
            #expect(bot.received[0].text.hasSuffix("}\n"))
        }
    }

    @Test func theAPIListsWhatFiresNow() async throws {
        let sender = sender(FakeBot())
        try await running([{ try await sender.run() }]) {
            let url = "\(try await sender.url())/api/v2/alerts"
            #expect(try await ask("GET", url).json == [])
            try await sender.fire("geth-down-geth-0")
            try await sender.fire(sender.alerts[1].id)
            #expect(try await ask("GET", url).json.arrayValue?.count == 2)
            let one = try await ask("GET", url + "?filter=alertname%3D%22GethDown%22&filter=instance%3D~%22geth-.*%22")
                .json
            #expect(one.arrayValue?.count == 1)
            #expect(one.at(path: "0.status.state") == "active")
            #expect(one.at(path: "0.labels.instance") == "geth-0:6060")
            #expect(try await ask("GET", url + "?filter=nonsense").status == 400)
            try sender.resolve("geth-down-geth-0")
            #expect(try await ask("GET", url).json.arrayValue?.count == 1)
        }
    }

    @Test func anOverloadedBotIsAskedAgainAndARefusalIsNot() async throws {
        let bot = FakeBot { _ in (503, "") }
        let sender = sender(bot)
        try await running([{ try await sender.run() }]) {
            try await sender.fire("geth-down-geth-0")
            _ = await eventually { sender.status(of: "geth-down-geth-0").delivery == "refused with 503" ? true : nil }
            #expect(bot.received.count == 3)
            bot.answers { _ in (401, "") }
            try await sender.fire("geth-down-geth-0")
            _ = await eventually { sender.status(of: "geth-down-geth-0").delivery == "refused with 401" ? true : nil }
            #expect(bot.received.count == 4)
            bot.answers { _ in (200, "") }
            try await sender.fire("geth-down-geth-0")
            _ = await eventually { sender.status(of: "geth-down-geth-0").delivery == "sent" ? true : nil }
            #expect(
                Set(try bot.received.map { try JSONValue(parsing: $0.body).at(path: "alerts.0.startsAt") }).count == 1)
        }
    }

    @Test func anAlertResolvesByItselfWhenItsCauseWasThereAndIsGone() async throws {
        let isBroken = Mutex(false)
        var alert = SandboxAlert.gethDown("geth-0")
        alert.isOver = { !isBroken.withLock { $0 } }
        alert.onFire = { isBroken.withLock { $0 = true } }
        let bot = FakeBot()
        let sender = sender(bot, alerts: [alert])
        try await running([{ try await sender.run() }]) {
            try await sender.fire("geth-down-geth-0")
            _ = await eventually { bot.received.count == 1 ? true : nil }
            #expect(sender.status(of: "geth-down-geth-0").isFiring)
            isBroken.withLock { $0 = false }
            let resolved = await eventually { bot.received.count == 2 ? true : nil }
            try #require(resolved == true)
            #expect(try JSONValue(parsing: bot.received[1].body)["status"] == "resolved")
        }
    }

    @Test func theStartMayLieBackSoThatAGuardIsSatisfied() async throws {
        let bot = FakeBot()
        let sender = sender(bot) { $0.firingFor = .seconds(180) }
        try await running([{ try await sender.run() }]) {
            try await sender.fire("geth-down-geth-0")
            let start = try #require(sender.status(of: "geth-down-geth-0").startsAt)
            #expect((170...200).contains(Date().timeIntervalSince(start)))
        }
    }

    @Test func theFingerprintIsPrometheuss() async throws {
        let alert = SandboxAlert(
            id: "up", title: "Up", labels: ["instance": "a:1", "alertname": "Up"], annotations: [:], groupBy: [])
        let bot = FakeBot()
        let sender = sender(bot, alerts: [alert])
        try await running([{ try await sender.run() }]) {
            try await sender.fire("up")
            _ = await eventually { bot.received.count == 1 ? true : nil }
            let body = try JSONValue(parsing: try #require(bot.received.first).body)
            #expect(body.at(path: "alerts.0.fingerprint") == "268440609617fec6")
        }
    }

    @Test func anUnknownAlertIsNamed() async throws {
        let sender = sender(FakeBot())
        await #expect(throws: SandboxInputError.self) { try await sender.fire("earthquake") }
    }

    @Test(
        .enabled(if: WireData.isThere),
        arguments: [
            "webhook.v4.disk_full.firing.json", "webhook.v4.geth_head_stuck.firing.json",
            "webhook.v4.kubernetes_crashloop.firing.json", "webhook.v4.non_ascii_and_quotes.json",
        ])
    func fingerprintsAndMembersAreAlertmanagers(file: String) async throws {
        let wire = try JSONValue(parsing: try WireData.bytes("alertmanager/\(file)"))
        let labels = try #require(wire.at(path: "alerts.0.labels")?.objectValue).compactMapValues(\.stringValue)
        let annotations = try #require(wire.at(path: "alerts.0.annotations")?.objectValue).compactMapValues(
            \.stringValue)
        let groupLabels = try #require(wire["groupLabels"]?.objectValue)
        let alert = SandboxAlert(
            id: "one", title: "One", labels: labels, annotations: annotations, groupBy: groupLabels.keys.sorted())
        let bot = FakeBot()
        let sender = sender(bot, alerts: [alert])
        try await running([{ try await sender.run() }]) {
            try await sender.fire("one")
            _ = await eventually { bot.received.count == 1 ? true : nil }
            let body = try JSONValue(parsing: bot.received[0].body)
            #expect(body.at(path: "alerts.0.fingerprint") == wire.at(path: "alerts.0.fingerprint"))
            #expect(Set(body.objectValue?.keys.map { $0 } ?? []) == Set(wire.objectValue?.keys.map { $0 } ?? []))
            let members = { (value: JSONValue) in Set(value.at(path: "alerts.0")?.objectValue?.keys.map { $0 } ?? []) }
            #expect(members(body) == members(wire))
            #expect(body["groupLabels"] == wire["groupLabels"])
        }
    }
}
