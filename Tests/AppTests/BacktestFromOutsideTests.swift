import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

@testable import App

/// `defimon backtest`, as a person runs it beside the bot.
@Suite(.serialized) struct BacktestFromOutsideTests {
    /// Alertmanager tells of GethDown on geth-0.
    private func send(_ world: BotFromOutside, startsAt: Date, endsAt: Date? = nil) async throws {
        let labels: JSONValue = ["alertname": "GethDown", "instance": "geth-0:6060", "severity": "critical"]
        let status: JSONValue = endsAt == nil ? "firing" : "resolved"
        let body: JSONValue = [
            "version": "4", "receiver": "defimon", "status": status, "truncatedAlerts": 0, "groupKey": "{}:{}",
            "externalURL": "http://alertmanager.example:9093", "groupLabels": [:], "commonLabels": labels,
            "commonAnnotations": [:],
            "alerts": [
                [
                    "status": status, "labels": labels, "annotations": [:], "generatorURL": "",
                    "startsAt": .string(startsAt.rfc3339),
                    "endsAt": .string(endsAt?.rfc3339 ?? "0001-01-01T00:00:00Z"), "fingerprint": "5f3c0e7a91d2b846",
                ]
            ],
        ]
        try world.folder.write(body.canonicalText, to: "alert.json")
        let sent = try await RunningProgram(
            Project.binary, ["send", "alertmanager", world.folder.path("alert.json"), "--to", world.address],
            environment: ["ALERTMANAGER_WEBHOOK_TOKEN": world.secrets.alertmanager.reveal()], in: world.folder)
        try #require(await sent.ended() == 0, "\(sent.text)")
    }

    /// A copy of the shipped definitions, whose rule is changed.
    private func draft(_ world: BotFromOutside, _ change: (String) -> String) throws -> String {
        let root = world.folder.path("draft")
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        for name in ["commands", "webhooks", "deploy"] {
            try FileManager.default.copyItem(atPath: "\(Project.root)/\(name)", toPath: "\(root)/\(name)")
        }
        let file = "\(root)/webhooks/alertmanager/geth-down.yaml"
        try change(try String(contentsOfFile: file, encoding: .utf8)).write(
            toFile: file, atomically: true, encoding: .utf8)
        return file
    }

    @Test
    func `A rule is tried on what was recorded: the shipped one decides as the bot did, an edited one says where not`()
        async throws
    {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            let began = Date().addingTimeInterval(-300)
            world.standIns.ethereum.set("geth-0", .down)
            try await send(world, startsAt: began)
            // A resolve before the restart would cancel it.
            let isRestarted: Bool? = await eventually(within: .seconds(60)) {
                world.standIns.ethereum.look(at: "geth-0")?.restarts == 1 ? true : nil
            }
            try #require(isRestarted == true, "\(bot.text)")
            try await send(world, startsAt: began, endsAt: Date())
            _ = try #require(await world.message("restart-geth geth-0", "succeeded"), "\(bot.text)")
            // It flaps: in the cooldown.
            try await send(world, startsAt: Date())
            let isDecided: Bool? = try await eventually(within: .seconds(60)) {
                try await world.command("audit", "list", "--kind", "event.received").text.contains("in cooldown")
                    ? true : nil
            }
            #expect(isDecided == true)

            // While the bot runs.
            let shipped = try await world.command("backtest", "webhooks/alertmanager/geth-down.yaml")
            #expect(shipped.code == 0, "\(shipped.text)")
            #expect(shipped.text.contains("would run 'restart-geth geth-0' as job "), "\(shipped.text)")
            #expect(shipped.text.contains("would not run 'restart-geth geth-0': in cooldown until"))
            #expect(shipped.text.contains("✓ guard firing_for: it has been firing for 2 min"))
            #expect(shipped.text.contains("against what the bot did: 2 the same"))

            let edited = try draft(world) { $0.replacing("cooldown: 15m", with: "cooldown: 1ms") }
            let other = try await world.command("backtest", edited, "--json", "--days", "1")
            #expect(other.code == 0, "\(other.text)")
            let lines = try other.text.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
            #expect(lines.count == 3)
            #expect(lines.first?["kind"] == "run" && lines.first?["actual"]?["same"] == true)
            #expect(lines.dropFirst().first?["actual"]?["same"] == false)
            #expect(lines.last?["summary"]?["different"] == 1)

            let rules = try await world.command("run", "rules")
            #expect(rules.text.contains("geth-down") && rules.text.contains("1 ok"), "\(rules.text)")
            await bot.end()
            // And without it.
            let alone = try await world.command("backtest", "webhooks/alertmanager/geth-down.yaml")
            #expect(alone.text.contains("against what the bot did: 2 the same"), "\(alone.text)")
        }
    }

    @Test func `What cannot be tried says why`() async throws {
        try await BotFromOutside.run { world in
            let rule = "webhooks/alertmanager/geth-down.yaml"
            let missing = try await world.command("backtest", rule)
            #expect(missing.code == 3 && missing.text.contains("there is no such file"), "\(missing.text)")
            let bot = try await world.start()
            await bot.end()
            let nothing = try await world.command("backtest", rule)
            #expect(nothing.code == 1, "\(nothing.text)")
            #expect(nothing.text.contains("no delivery of alertmanager was recorded in the last 30 days"))
            let unknown = try await world.command("backtest", "webhooks/alertmanager/geth-up.yaml")
            #expect(unknown.code == 2 && unknown.text.contains("there is no file webhooks/alertmanager/geth-up.yaml"))
            let schedule = try await world.command("backtest", "schedules/nightly.yaml")
            #expect(schedule.code == 2 && schedule.text.contains("a schedule has no deliveries"))
            let command = try await world.command("backtest", "commands/deploy.yaml")
            #expect(command.code == 2 && command.text.contains("is no rule's file"))
            let broken = try draft(world) { $0.replacing("cooldown: 15m", with: "cooldown: soon") }
            let wrong = try await world.command("backtest", broken)
            #expect(wrong.code == 1, "\(wrong.text)")
            let place = "webhooks/alertmanager/geth-down.yaml:12:13: error: 'cooldown'"
            #expect(wrong.text.contains(place), "\(wrong.text)")
            #expect(wrong.text.contains("1 problem: nothing was tried"))
        }
    }

    @Test(arguments: [("0", false), ("1", true), ("365", true), ("366", false)])
    func `From one day to a year is tried`(days: String, isTaken: Bool) async throws {
        let folder = try TemporaryFolder()
        let program = try await RunningProgram(
            Project.binary, ["backtest", "nowhere.yaml", "--days", days], in: folder, directory: Project.root)
        // Nothing is there: but that is found out afterwards.
        #expect(await program.ended() == 2)
        #expect(program.text.contains("there is no file") == isTaken, "\(program.text)")
    }

    @Test(arguments: [("0", false), ("1", true), ("10000", true), ("10001", false)])
    func `From one decision to ten thousand are printed`(limit: String, isTaken: Bool) async throws {
        let folder = try TemporaryFolder()
        let program = try await RunningProgram(
            Project.binary, ["backtest", "nowhere.yaml", "--limit", limit], in: folder, directory: Project.root)
        #expect(await program.ended() == 2)
        #expect(program.text.contains("there is no file") == isTaken, "\(program.text)")
    }
}
