import Domain
import Foundation
import Ingress
import Ledger
import Logging
import Outbound
import Sandbox
import ServiceLifecycle
import TestSupport
import Testing

@testable import App

/// Backups by the schedule of the settings, to another host by SSH: a whole bot in virtual time, and Debian's OpenSSH
/// server.
@Suite(.serialized, .enabled(if: SSHServer.isThere)) struct BackupOverSSHTests {
    private static let failed = "The ledger could not be backed up"
    private static let works = "Backups work again"
    private static let day = Duration.seconds(86_400)

    /// A bot that runs, and the host that gets its copies.
    private struct Scene: Sendable {
        let world: BotFromOutside
        let server: SSHServer
        let time: VirtualTime
        let bot: Bot

        var remote: String { server.target.folder }
        var local: String { world.folder.path("copies") }

        func names(_ folder: String) -> [String] {
            // A folder that is not there yet holds nothing.
            ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
        }

        /// Whole copies there, by their names.
        var copies: [String] { names(remote).filter(LedgerBackup.isName) }

        func records(_ kind: String) async throws -> [AuditRecord] {
            try await bot.ledger.audit(AuditFilter(kind: kind, limit: 1000)).sorted { $0.sequence < $1.sequence }
        }

        /// Lets a span pass in steps, and returns the records of a kind once there are that many. Behind the span the time
        /// runs slowly: a conversation with the host takes real time, and nothing else must become due meanwhile.
        func untilRecords(_ kind: String, _ count: Int, after span: Duration = .zero) async throws -> [AuditRecord] {
            var left = span
            let found: [AuditRecord]? = try await eventually {
                let found = try await records(kind)
                if found.count >= count { return found }
                let step: Duration = left > .zero ? .seconds(20) : .seconds(1)
                left -= step
                await pass(step)
                return nil
            }
            let there = names(remote)
            let all = try #require(found, "no record \(count) of \(kind); there: \(there)")
            try #require(all.count == count)
            return all
        }

        func lastTry() async throws -> Date? {
            try await bot.ledger.note(BackupService.note)?["tried_at"]?.stringValue.flatMap { Date(rfc3339: $0) }
        }

        private func pass(_ duration: Duration) async {
            time.advance(by: duration)
            try? await Task.sleep(for: .milliseconds(50))  // cancelled: the test ends
        }

        /// What people read about backups, all channels.
        var told: [String] {
            ["C0OPS", "C0ONCALL"].flatMap { world.standIns.slack.messages(in: $0) }.map(\.allText).filter {
                $0.contains(BackupOverSSHTests.failed) || $0.contains(BackupOverSSHTests.works)
            }
        }

        func untilTold(_ words: String) async {
            let isTold: Bool? = await eventually {
                if told.contains(where: { $0.contains(words) }) { return true }
                await pass(.seconds(1))
                return nil
            }
            #expect(isTold == true, "\(told)")
        }

        func metric(_ name: String) async throws -> Double? {
            let answer = try await world.session.send(
                HTTPRequest(url: world.address + "/metrics"), timeout: .seconds(10))
            return answer.text.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
                .flatMap { Double($0.dropFirst(name.count + 1)) }
        }
    }

    private func run(_ body: @escaping @Sendable (Scene) async throws -> Void) async throws {
        let server = try await SSHServer.start()
        try await BotFromOutside.run { world in
            let settings = try String(contentsOfFile: world.settings, encoding: .utf8)
            let target = server.target
            try world.folder.write(
                settings + """

                    backup:
                      to: copies
                      every: 24h
                      keep: 2
                      ssh:
                        host: \(target.host)
                        port: \(target.port)
                        user: \(target.user)
                        folder: \(target.folder)
                        key: {file: \(target.keyFile)}
                        known_hosts: \(target.knownHostsFile)

                    """, to: "defimon.yaml")
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            // A whole second: what the ledger keeps of a time is rounded, and time that stands still must not lie before it.
            let time = VirtualTime(now: Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.down)))
            let bot = try await Bot(
                Bot.Files(settings: world.settings, root: Project.root), redactor: Redactor(),
                metrics: PrometheusMetricsFactory(), time: time, logger: logger)
            let group = ServiceGroup(services: bot.services, logger: logger)
            let scene = Scene(world: world, server: server, time: time, bot: bot)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                do { try await body(scene) } catch {
                    tasks.cancelAll()
                    throw error
                }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
            await bot.connections.shutdown()
        }
        await server.stop()
    }

    /// A copy on the other host is a whole ledger, by SQLite's own word and by its audit's.
    private func expectWhole(_ name: String, _ scene: Scene) async throws {
        let path = "\(scene.remote)/\(name)"
        let script = """
            import sqlite3, sys
            db = sqlite3.connect("file:%s?mode=ro&immutable=1" % sys.argv[1], uri=True)
            print(db.execute("PRAGMA integrity_check").fetchone()[0], db.execute("SELECT count(*) FROM audit").fetchone()[0])
            """
        let python = try #require(Project.program("python3"))
        let opened = try await RunningProgram.run(python, ["-c", script, path])
        #expect(opened.code == 0 && opened.text.hasPrefix("ok "), "\(name): \(opened.text)")
        let proof = try await scene.world.command("audit", "verify", "--ledger", path)
        #expect(proof.code == 0, "\(name): \(proof.text)")
    }

    @Test func `Copies reach the other host, its failure is told once, and they go on when it is back`() async throws {
        try await run { scene in
            _ = try await scene.untilRecords("backup.made", 1)
            let first = try #require(scene.copies.first)
            try await expectWhole(first, scene)
            #expect(scene.told.isEmpty, "\(scene.told)")
            #expect(try await scene.metric("defimon_backup_failing") == 0)

            // The host is gone when the next one is due.
            await scene.server.stop()
            scene.time.advance(by: Self.day)
            var tries: [Date] = []
            for count in 1...3 {
                _ = try await scene.untilRecords(
                    "backup.failed", count, after: count == 1 ? .zero : BackupService.retryAfter)
                tries.append(try #require(try await scene.lastTry()))
            }
            for (earlier, later) in zip(tries, tries.dropFirst()) {
                let pause = later.timeIntervalSince(earlier)
                // After half an hour, when the service next looks at the clock; the time here runs fast.
                #expect((1800...3600).contains(pause), "\(pause) s")
            }
            let failures = try await scene.records("backup.failed")
            #expect(failures[0].detail["reason"]?.stringValue?.contains("Connection refused") == true)
            await scene.untilTold(Self.failed)
            #expect(scene.told.count == 1, "\(scene.told)")
            #expect(try await scene.metric("defimon_backup_failing") == 1)
            #expect(try await scene.metric("defimon_backup_age_seconds").map { $0 >= 86_400 } == true)
            // The copy of the first day, and the newest one; not one of each try.
            #expect(scene.names(scene.local).count == 2, "\(scene.names(scene.local))")

            // It is back, and breaks off in the middle of the file.
            try await scene.server.restart(script: "stdbuf -o0 head -c 60000 | /usr/lib/openssh/sftp-server")
            _ = try await scene.untilRecords("backup.failed", 4, after: BackupService.retryAfter)
            let there = scene.names(scene.remote)
            #expect(scene.copies == [first])
            let half = try #require(there.first { $0.hasSuffix(".partial") }, "\(there)")
            let size = try FileManager.default.attributesOfItem(atPath: "\(scene.remote)/\(half)")[.size] as? Int
            #expect(size.map { $0 < 60_000 } == true, "\(size ?? -1)")
            try await expectWhole(first, scene)
            #expect(scene.told.count == 1, "\(scene.told)")

            // It is back wholly.
            try await scene.server.restart()
            _ = try await scene.untilRecords("backup.made", 2, after: BackupService.retryAfter)
            await scene.untilTold(Self.works)
            #expect(scene.told.count == 1 && scene.told.first?.contains(Self.failed) == false, "\(scene.told)")
            #expect(
                scene.names(scene.remote) == scene.copies && scene.copies.count == 2, "\(scene.names(scene.remote))")
            #expect(try await scene.metric("defimon_backup_failing") == 0)
            let second = try #require(scene.copies.last)
            try await expectWhole(second, scene)

            // The next one is made a day later, and the oldest goes, on both sides.
            scene.time.advance(by: Self.day)
            _ = try await scene.untilRecords("backup.made", 3)
            #expect(scene.copies.count == 2 && !scene.copies.contains(first), "\(scene.copies)")
            #expect(scene.names(scene.local) == scene.copies, "\(scene.names(scene.local))")
            for name in scene.copies { try await expectWhole(name, scene) }
            #expect(try await scene.records("backup.failed").count == 4)
            #expect(scene.told.count == 1, "\(scene.told)")
        }
    }
}
