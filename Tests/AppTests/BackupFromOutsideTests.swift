import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import App

/// Backup, restore and freeze, with the commands that an operator types.
@Suite(.serialized) struct BackupFromOutsideTests {
    @Test func `A backup of the running bot is restored after more was done, and the bot goes on after the thaw`()
        async throws
    {
        try await BotFromOutside.run { world in
            let first = try await world.start()
            let deployed = try await world.command("run", "deploy analytics")
            #expect(deployed.code == 0, "\(deployed.text)")
            let copy = world.folder.path("copy.sqlite")
            let made = try await world.command("backup", "--to", copy)
            #expect(made.code == 0, "\(made.text)")
            let again = try await world.command("backup", "--to", copy)
            #expect(again.code == 1 && again.text.contains("there is a file of that name"), "\(again.text)")
            let later = try await world.command("run", "deploy analytics")
            #expect(later.code == 0, "\(later.text)")

            let refused = try await world.command("restore", "--from", copy)
            #expect(refused.code == 1 && refused.text.contains("stop the bot first"), "\(refused.text)")
            #expect(await first.end() == 0, "\(first.text)")
            let restored = try await world.command("restore", "--from", copy)
            #expect(restored.code == 0 && restored.text.contains("starts frozen"), "\(restored.text)")
            let kept =
                try FileManager.default.contentsOfDirectory(atPath: world.folder.url.path)
                + (try FileManager.default.subpathsOfDirectory(atPath: world.folder.url.path))
            #expect(kept.contains { $0.contains(".before-restore-") })

            let second = try await world.start()
            _ = try #require(await world.message("The ledger was restored from a backup", copy), "\(second.text)")
            world.standIns.kubernetes.resetRequestCounts()
            let held = try await world.command("run", "--detach", "deploy analytics")
            #expect(held.text.contains("frozen by"), "\(held.text)")
            let number = try #require(try await world.job("deploy analytics"))
            let isHeld = try await shows(world, number, "frozen by")
            #expect(isHeld)
            let plan = try await world.command("run", "deploy analytics --plan")
            #expect(plan.code == 0, "\(plan.text)")
            #expect(world.count("PATCH", "/deployments") == 0)
            let thawed = try await world.command("thaw")
            #expect(thawed.code == 0, "\(thawed.text)")
            let isDone = try await shows(world, number, "succeeded")
            #expect(isDone, "\(second.text)")
            #expect(world.count("PATCH", "/deployments") > 0)

            let frozen = try await world.command("freeze", "the move", "to a new cluster")
            #expect(frozen.text.contains("the move to a new cluster"), "\(frozen.text)")
            let audit = try await world.command("audit", "list", "--limit", "1000")
            for kind in ["ledger.restored", "bot.thawed", "bot.frozen"] { #expect(audit.text.contains(kind)) }
            let verified = try await world.command("audit", "verify")
            #expect(verified.code == 0, "\(verified.text)")
            await second.end()
        }
    }

    @Test func `Copies are made by the schedule of the settings, and those that are too many go`() async throws {
        try await BotFromOutside.run { world in
            let folder = world.folder.path("copies")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
            for name in ["defimon-2020-01-01T000000Z.sqlite", "defimon-2020-01-02T000000Z.sqlite", "mine.sqlite"] {
                try world.folder.write("x", to: "copies/\(name)")
            }
            let settings = try String(contentsOfFile: world.settings, encoding: .utf8)
            try Data((settings + "\nbackup: {to: copies, every: 24h, keep: 2}\n").utf8).write(
                to: URL(filePath: world.settings))
            let bot = try await world.start()
            let names: [String]? = try await eventually(within: .seconds(60)) {
                let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
                return names.contains("defimon-2020-01-01T000000Z.sqlite") ? nil : names
            }
            #expect(names?.count == 3 && names?.contains("mine.sqlite") == true, "\(names ?? []) \(bot.text)")
            #expect(names?.contains("defimon-2020-01-02T000000Z.sqlite") == true)
            let audit = try await eventually { () -> String? in
                let text = try await world.command("audit", "list", "--kind", "backup.made").text
                return text.contains("sha256") ? text : nil
            }
            #expect(audit != nil, "\(bot.text)")
            await bot.end()
        }
    }

    private func shows(_ world: BotFromOutside, _ job: String, _ words: String) async throws -> Bool {
        try await eventually(within: .seconds(90)) {
            try await world.command("jobs", "show", job).text.contains(words) ? true : nil
        } ?? false
    }
}
