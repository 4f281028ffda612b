import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

@testable import App

/// The main job, from outside: what a team sees that runs the program.
@Suite(.serialized) struct MainJobTests {
    @Test func `A slash command deploys the pool, and one message follows it to its end`() async throws {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            try await world.type("/defimon deploy analytics")
            let message = try #require(await world.message("deploy analytics", "succeeded"), "\(bot.text)")
            #expect(message.contains("70 objects applied"))
            #expect(message.contains("Olivia Operator"))
            let messages = world.standIns.slack.messages(in: "C0OPS").filter { $0.threadTS == nil && $0.onlyFor == nil }
            #expect(messages.count == 1)

            let secret = world.standIns.kubernetes.object(
                apiVersion: "v1", kind: "Secret", namespace: "analytics", name: "postgresql-secrets")
            #expect(secret?["data"]?["password"] != nil)
            for name in ["redis-secrets", "clickhouse-secrets", "grafana-secrets"] {
                #expect(
                    world.standIns.kubernetes.object(
                        apiVersion: "v1", kind: "Secret", namespace: "analytics", name: name) != nil)
            }
            let ingress = world.standIns.kubernetes.object(
                apiVersion: "networking.k8s.io/v1", kind: "Ingress", namespace: "analytics", name: "analytics-api")
            #expect(ingress?.at(path: "spec.rules.0.host") == "analytics.example.com")

            let listed = try await world.command("jobs", "list")
            #expect(listed.code == 0)
            #expect(listed.text.contains("succeeded"))
            let audit = try await world.command("audit", "verify")
            #expect(audit.code == 0, "\(audit.text)")
            #expect(await bot.end() == 0, "\(bot.text)")
        }
    }

    @Test func `Killed in the middle of a rollout and started again, it finishes`() async throws {
        try await BotFromOutside.run { world in
            world.standIns.kubernetes.setFailures { $0.stalledRollout = ["*"] }
            let first = try await world.start()
            try await world.type("/defimon deploy analytics")
            _ = try #require(await world.message("deploy analytics", "All workloads rolled out"), "\(first.text)")
            let isWaiting = try await eventually { () -> Bool? in
                guard let number = try await world.job("deploy analytics") else { return nil }
                return try await world.command("jobs", "show", number).text.contains("◐ All workloads rolled out")
                    ? true : nil
            }
            #expect(isWaiting == true)
            await first.end(SIGKILL)

            world.standIns.kubernetes.setFailures { $0.stalledRollout = [] }
            world.standIns.kubernetes.resetRequestCounts()
            let second = try await world.start()
            _ = try #require(await world.message("deploy analytics", "succeeded"), "\(second.text)")
            // The steps that were done are not done again.
            #expect(world.count("PATCH", "/statefulsets") == 0)
            let messages = world.standIns.slack.messages(in: "C0OPS").filter { $0.threadTS == nil && $0.onlyFor == nil }
            #expect(messages.count == 1)
            await second.end()
        }
    }

    @Test func `Told to stop in the middle of a rollout, it says so, and finishes after the next start`() async throws {
        try await BotFromOutside.run { world in
            try world.changeSettings(
                "ledger: defimon.sqlite\n", to: "ledger: defimon.sqlite\nlimits: {shutdown_grace: 1s}\n")
            world.standIns.kubernetes.setFailures { $0.stalledRollout = ["*"] }
            let first = try await world.start()
            try await world.type("/defimon deploy analytics")
            let isWaiting = try await eventually(within: .seconds(60)) { () -> Bool? in
                guard let number = try await world.job("deploy analytics") else { return nil }
                return try await world.command("jobs", "show", number).text.contains("◐ All workloads rolled out")
                    ? true : nil
            }
            #expect(isWaiting == true)
            let code = await first.end(SIGTERM)
            #expect(code == 0, "\(first.text.suffix(2000))")
            let told = await world.message("deploy analytics", "the job goes on at this step afterwards")
            #expect(told != nil, "\(world.standIns.slack.messages(in: "C0OPS").map(\.allText))")

            world.standIns.kubernetes.setFailures { $0.stalledRollout = [] }
            world.standIns.kubernetes.resetRequestCounts()
            let second = try await world.start()
            let end = try #require(await world.message("deploy analytics", "succeeded"), "\(second.text)")
            #expect(!end.contains("the bot is restarting"))
            #expect(world.count("PATCH", "/statefulsets") == 0)
            let messages = world.standIns.slack.messages(in: "C0OPS").filter { $0.threadTS == nil && $0.onlyFor == nil }
            #expect(messages.count == 1)
            await second.end()
        }
    }

    @Test(.enabled(if: Project.program("prometheus-alertmanager") != nil || Project.isCI))
    func `An alert that the real Alertmanager sends restarts the node once, and its resolve proves it`() async throws {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            let alertmanager = try await Alertmanager.start(world)
            world.standIns.kubernetes.resetRequestCounts()
            world.standIns.ethereum.set("geth-0", .down)
            let started = Date().addingTimeInterval(-600)
            for _ in 0..<3 { try await alertmanager.post("geth-0", startsAt: started, endsAt: nil) }
            _ = try #require(await world.message("restart-geth geth-0", "GethDown"), "\(bot.text)")
            let isRestarted: Bool? = await eventually(within: .seconds(60)) {
                world.standIns.ethereum.look(at: "geth-0")?.restarts == 1 ? true : nil
            }
            #expect(isRestarted == true)
            try await alertmanager.post("geth-0", startsAt: started, endsAt: Date())
            let message = try #require(
                await world.message(within: .seconds(90), "restart-geth geth-0", "succeeded"), "\(bot.text)")
            #expect(message.contains("in sync"))
            #expect(world.standIns.ethereum.look(at: "geth-0")?.restarts == 1)
            #expect(world.count("PATCH", "/statefulsets") == 1)
            await alertmanager.program.end()
            await bot.end()
        }
    }

    @Test func `A refused person is told in private whom to ask, and a forged request gets nowhere`() async throws {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            try await world.type("/defimon deploy analytics", as: "U0VICTOR1")
            _ = try #require(await world.message("needs the role operator", "Olivia Operator"), "\(bot.text)")
            let forged = try await world.session.send(
                HTTPRequest(
                    method: "POST", url: world.address + "/chat/slack/commands",
                    headers: [
                        ("Content-Type", "application/x-www-form-urlencoded"),
                        ("X-Slack-Request-Timestamp", "\(Int(Date().timeIntervalSince1970))"),
                        ("X-Slack-Signature", "v0=" + String(repeating: "0", count: 64)),
                    ], body: Array("command=%2Fdefimon&text=deploy+analytics&user_id=U0OLIVIA1".utf8)))
            #expect(forged.status == 401)
            #expect(try await world.job("deploy analytics") == nil)
            let audit = try await world.command("audit", "list", "--kind", "delivery.refused")
            #expect(audit.text.contains("bad-signature"))
            await bot.end()
        }
    }
}

/// Debian's Alertmanager, which calls the bot.
struct Alertmanager {
    let program: RunningProgram
    let address: String
    let session: HTTPSession

    static func start(_ world: BotFromOutside) async throws -> Alertmanager {
        let executable = try #require(Project.program("prometheus-alertmanager"))
        let port = try FreePort.take()
        let token = try world.folder.write(world.secrets.alertmanager.reveal(), to: "alertmanager-credentials")
        let config = try world.folder.write(
            """
            route: {receiver: defimon, group_by: [alertname, instance], group_wait: 0s, group_interval: 1s, repeat_interval: 1h}
            receivers:
              - name: defimon
                webhook_configs:
                  - url: \(world.address)/webhooks/alertmanager
                    send_resolved: true
                    http_config: {authorization: {credentials_file: \(token)}}
            """, to: "alertmanager.yml")
        let program = try await RunningProgram(
            executable,
            [
                "--config.file=\(config)", "--storage.path=\(world.folder.path("alertmanager"))",
                "--web.listen-address=127.0.0.1:\(port)", "--cluster.listen-address=",
            ], in: world.folder)
        let address = "http://127.0.0.1:\(port)"
        let isUp = await eventually {
            // Not reachable yet is not up yet.
            (try? await world.session.send(HTTPRequest(url: address + "/-/ready"), timeout: .seconds(2)))?.status == 200
                ? true : nil
        }
        try #require(isUp == true, "\(program.text)")
        return Alertmanager(program: program, address: address, session: world.session)
    }

    func post(_ node: String, startsAt: Date, endsAt: Date?) async throws {
        var alert: [String: JSONValue] = [
            "labels": ["alertname": "GethDown", "instance": .string("\(node):6060"), "severity": "critical"],
            "annotations": ["summary": .string("Geth \(node) is down")], "startsAt": .string(startsAt.rfc3339),
        ]
        if let endsAt { alert["endsAt"] = .string(endsAt.rfc3339) }
        let answer = try await session.send(
            HTTPRequest(
                method: "POST", url: address + "/api/v2/alerts", headers: [("Content-Type", "application/json")],
                body: JSONValue.array([.object(alert)]).canonicalBytes))
        try #require(answer.status == 200, "\(answer.text)")
    }
}
