import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

@testable import App

/// The program itself behind Debian's Alertmanager, where it is installed.
@Suite(
    .serialized, .timeLimit(.minutes(5)),
    .enabled(if: FileManager.default.isExecutableFile(atPath: RealAlertmanager.path)))
struct RealAlertmanagerBotTests {
    @Test
    func `Grouped, routed twice and sent again, each alert and each group runs its command once and ends by itself`()
        async throws
    {
        try await run(within: "10m") { world, alertmanager, touches in
            try await alertmanager.fire(["a", "b"])
            for what in ["a", "b", "all-2"] {
                #expect(await touches.wait(for: what), "\(what): \(touches.all)")
            }
            let head = await world.message("touch a", "touch b", "verifying")
            #expect(head != nil)
            // Both receivers are told again after the repeat interval: each of the two groups twice more.
            try await alertmanager.wait(forNotifications: 6)

            // One of the group resolves, the other fires on.
            try await alertmanager.fire(["b"])
            try await alertmanager.resolve(["a"])
            try await expectJob("touch a", "succeeded", world)
            try await expectJob("touch b", "verifying", world)
            try await expectJob("touch all-2", "verifying", world)
            // Another one joins the group.
            try await alertmanager.fire(["b", "c"])
            #expect(await touches.wait(for: "c"))

            try await alertmanager.resolve(["b", "c"])
            for what in ["b", "c", "all-2"] {
                try await expectJob("touch \(what)", "succeeded", world)
            }
            #expect(touches.all.sorted() == ["a", "all-2", "b", "c"])
            let own = world.standIns.slack.messages(in: "C0OPS").filter {
                $0.threadTS == nil && ($0.allText.contains("touch a") || $0.allText.contains("touch b"))
            }
            #expect(own.filter { !$0.allText.contains("touch all-2 · job") }.count == 1, "\(own.map(\.allText))")

            // Fired anew, all of it runs again.
            try await alertmanager.fire(["a"])
            #expect(await touches.wait(for: "all-1"))
            #expect(await touches.wait(for: "a", count: 2))
        }
    }

    @Test func `A silenced alert sends no resolve, and its job still ends well when it has resolved`() async throws {
        try await run(within: "40s") { world, alertmanager, touches in
            try await alertmanager.fire(["a"])
            #expect(await touches.wait(for: "a"))
            try await expectJob("touch a", "verifying", world)
            try await alertmanager.silence()
            try await alertmanager.resolve(["a"])
            let isOver = try await eventually { try await alertmanager.firing().isEmpty ? true : nil }
            #expect(isOver == true)
            try await expectJob("touch a", "succeeded", world)
            try await expectJob("touch all-1", "succeeded", world)
            // Nobody told it: it has asked.
            let events = try await world.command("explain", try #require(try await world.job("touch a"))).text
            #expect(!events.contains("resolved Down"), "\(events)")
            #expect(touches.all.sorted() == ["a", "all-1"])
        }
    }

    // MARK: The world

    /// Alertmanager with two receivers that are both the bot: what goes to the first one goes on to the second.
    private func run(
        within: String,
        _ body: @escaping @Sendable (BotFromOutside, RealAlertmanager, Touches) async throws -> Void
    ) async throws {
        try await ScriptedServer.run(answering: { _ in ScriptedServer.Answer(body: "{}") }) { server in
            try await BotFromOutside.run { world in
                let root = world.folder.path("root")
                try write(server.url, within, to: world.folder)
                let alertmanager = try await RealAlertmanager.start(
                    world.folder, hook: world.address + "/webhooks/alertmanager",
                    token: world.secrets.alertmanager.reveal(), world.session)
                let api = try await world.standIns.alerts.url()
                try world.changeSettings("api_url: \"\(api)\"\n", to: "api_url: \"\(alertmanager.url)\"\n")
                let bot = try await world.start(root: root)
                try await body(world, alertmanager, Touches(server: server))
                await alertmanager.program.end(SIGKILL)
                #expect(await bot.end() == 0, "\(bot.text)")
            }
        }
    }

    private func write(_ server: String, _ within: String, to folder: TemporaryFolder) throws {
        try folder.write(
            """
            command: touch
            summary: Asks a server
            arguments: {what: {type: text, pattern: "[a-z0-9-]+", help: "What"}}
            roles: [operator]
            steps: [{uses: http.check, with: {url: "\(server)/{{arguments.what}}", within: 10s}}]

            """, to: "root/commands/touch.yaml")
        try folder.write(
            """
            rule: each
            match: [status = firing]
            run: touch
            with: {what: "{{labels.node}}"}
            verify: {alert_resolved_within: \(within)}
            report: ["slack:#ops"]

            """, to: "root/webhooks/alertmanager/each.yaml")
        try folder.write(
            """
            rule: whole
            for_each: group
            match: [status = firing, receiver = bot-1]
            run: touch
            with: {what: "all-{{firingCount}}"}
            verify: {alert_resolved_within: \(within)}
            report: ["slack:#ops"]

            """, to: "root/webhooks/alertmanager/whole.yaml")
    }

    private func expectJob(_ line: String, _ state: String, _ world: BotFromOutside) async throws {
        let isThere: Bool? = try await eventually {
            let listed = try await world.command("jobs", "list").text
            return listed.split(separator: "\n").contains { $0.contains(line) && $0.contains(state) } ? true : nil
        }
        if isThere == nil {
            let listed = try await world.command("jobs", "list").text
            Issue.record("'\(line)' is not \(state): \(listed)")
        }
    }
}

/// What commands have done to a server.
private struct Touches: Sendable {
    let server: ScriptedServer

    var all: [String] { server.requests.map { String($0.path.dropFirst()) } }

    func wait(for what: String, count: Int = 1) async -> Bool {
        await eventually { all.count { $0 == what } >= count ? true : nil } ?? false
    }
}

/// A process of Alertmanager on a port that it chose itself.
struct RealAlertmanager: Sendable {
    static let path = "/usr/bin/prometheus-alertmanager"
    var url: String
    var program: RunningProgram
    var session: HTTPSession

    static func start(_ folder: TemporaryFolder, hook: String, token: String, _ session: HTTPSession) async throws
        -> RealAlertmanager
    {
        let receivers = ["bot-1", "bot-2"].map { name in
            """
              - name: \(name)
                webhook_configs:
                  - {url: "\(hook)", http_config: {authorization: {credentials: "\(token)"}}}
            """
        }
        let config = """
            route:
              receiver: bot-1
              group_by: [alertname]
              group_wait: 300ms
              group_interval: 1s
              repeat_interval: 2s
              routes:
                - {receiver: bot-2, matchers: ['severity = critical'], continue: true}
                - {receiver: bot-1}
            receivers:
            \(receivers.joined(separator: "\n"))
            """
        let pattern = try Pattern(#"(?s).*msg="Listening on" address=(?P<address>[0-9.:]+)\s.*"#)
        let program = try await RunningProgram(
            path,
            [
                "--config.file=\(try folder.write(config, to: "am.yml"))", "--storage.path=\(folder.path("am-data"))",
                "--web.listen-address=127.0.0.1:0", "--cluster.listen-address=",
            ], in: folder)
        let address = await eventually { pattern.groups(in: program.text)?["address"] }
        return RealAlertmanager(
            url: "http://\(try #require(address, "Alertmanager does not say where it listens: \(program.text)"))",
            program: program, session: session)
    }

    /// Alerts of these nodes fire, or go on firing.
    func fire(_ nodes: [String]) async throws {
        try await post(nodes.map { ["labels": labels($0)] })
    }

    func resolve(_ nodes: [String]) async throws {
        let now = Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        try await post(nodes.map { ["labels": labels($0), "endsAt": .string(now)] })
    }

    /// Everything is silenced for an hour.
    func silence() async throws {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let body: JSONValue = [
            "matchers": [["name": "alertname", "value": ".+", "isRegex": true, "isEqual": true]],
            "startsAt": .string(Date().formatted(style)),
            "endsAt": .string(Date().addingTimeInterval(3600).formatted(style)),
            "createdBy": "test", "comment": "a test",
        ]
        try await send("/api/v2/silences", body)
        // A silence holds a moment after it was made.
        let isMuted = try await eventually {
            try await firing().allSatisfy { $0.at(path: "status.state") == "suppressed" } ? true : nil
        }
        try #require(isMuted == true)
    }

    /// All alerts that fire, silenced or not.
    func firing() async throws -> [JSONValue] {
        let answer = try await session.send(HTTPRequest(url: url + "/api/v2/alerts"))
        return try JSONValue(parsing: answer.body).arrayValue ?? []
    }

    /// Waits until it has sent so many notifications, and none of them in vain.
    func wait(forNotifications count: Int) async throws {
        let pattern = try Pattern(
            #"(?s).*\nalertmanager_notifications_total\{integration="webhook"\} (?P<count>[0-9]+)\n.*"#)
        let isEnough: Bool? = try await eventually {
            let text = try await session.send(HTTPRequest(url: url + "/metrics")).text
            return pattern.groups(in: text)?["count"].flatMap(Int.init).map { $0 >= count } == true ? true : nil
        }
        try #require(isEnough == true)
    }

    private func labels(_ node: String) -> JSONValue {
        ["alertname": "Down", "severity": "critical", "node": .string(node)]
    }

    private func post(_ alerts: [JSONValue]) async throws { try await send("/api/v2/alerts", .array(alerts)) }

    private func send(_ path: String, _ body: JSONValue) async throws {
        let answer = try await session.send(
            HTTPRequest(
                method: "POST", url: url + path, headers: [("Content-Type", "application/json")],
                body: body.canonicalBytes))
        try #require(answer.status == 200, "\(answer.text)")
    }
}
