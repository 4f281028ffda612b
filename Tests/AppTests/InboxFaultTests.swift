import Domain
import Foundation
import Ledger
import Outbound
import TestSupport
import Testing

@testable import App

/// The ledger's file cannot be written for a while: senders are told to send again, people see why, and it goes on by
/// itself.
@Suite(.serialized) struct InboxFaultTests {
    /// An alert that nothing runs for.
    static func alert(_ id: String, filler: String = "") -> JSONValue {
        [
            "version": "4", "receiver": "defimon", "status": "firing", "groupLabels": [:], "commonLabels": [:],
            "commonAnnotations": [:], "externalURL": "http://alertmanager.example:9093", "groupKey": .string(id),
            "truncatedAlerts": 0,
            "alerts": [
                [
                    "status": "firing", "startsAt": "2026-03-01T12:30:00Z", "endsAt": "0001-01-01T00:00:00Z",
                    "labels": ["alertname": "Fault", "id": .string(id)], "annotations": ["filler": .string(filler)],
                ]
            ],
        ]
    }

    static func send(_ id: String, filler: String = "", to world: BotFromOutside) async throws -> HTTPResponse {
        try await world.session.send(
            HTTPRequest(
                method: "POST", url: world.address + "/webhooks/alertmanager",
                headers: [
                    ("Content-Type", "application/json"),
                    ("Authorization", "Bearer \(world.secrets.alertmanager.reveal())"),
                ], body: alert(id, filler: filler).canonicalBytes), timeout: .seconds(20))
    }

    static func isReady(_ world: BotFromOutside) async -> Bool? {
        await eventually(within: .seconds(30)) { await world.readiness()?.status == 200 ? true : nil }
    }

    /// The alerts of the ledger's events, in the order in which they came, once all is looked at.
    static func alerts(_ path: String) async throws -> [String] {
        let reader = try SQLiteLedger.readOnly(path: path)
        _ = try await eventually { try await reader.undecodedDeliveries(limit: 1).isEmpty ? true : nil }
        return try await reader.events(limit: 1000, before: nil).compactMap {
            $0.event.attributes["labels"]?["id"]?.stringValue
        }.reversed()
    }

    static func loudLines(_ bot: RunningProgram) -> [Substring] {
        bot.text.split(separator: "\n").filter {
            $0.contains("the ledger cannot be written") && $0.contains(" error defimon: ")
        }
    }

    @Test(.enabled(if: Project.isCI || geteuid() == 0, "mounting a small file system needs root"))
    func `A full disk loses nothing that was acknowledged, and the bot goes on when there is space`() async throws {
        try await BotFromOutside.run { world in
            let disk = world.folder.path("disk")
            try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: true)
            let mounted = try await RunningProgram.run(
                "/bin/mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", disk])
            try #require(mounted.code == 0, "\(mounted.text)")
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await Self.fill(disk, world)) } catch { outcome = .failure(error) }
            let unmounted = try await RunningProgram.run("/bin/umount", ["-l", disk])
            #expect(unmounted.code == 0, "\(unmounted.text)")
            try outcome.get()
        }
    }

    private static func fill(_ disk: String, _ world: BotFromOutside) async throws {
        try world.changeSettings("ledger: defimon.sqlite\n", to: "ledger: \(disk)/defimon.sqlite\n")
        let bot = try await world.start()
        var acknowledged: [String] = []
        let first = try await send("first", to: world)
        try #require(first.status == 200, "\(first.text)")
        acknowledged.append("first")
        let filler = disk + "/filler"
        try takeAllSpace(filler)
        // What is in the log's file already can be written over; noise, so that nothing is compressed.
        var refused: HTTPResponse?
        var dice = SystemRandomNumberGenerator()
        for index in 0..<200 where refused == nil {
            let noise = (0..<12_000).map { _ in String(dice.next() as UInt8, radix: 16) }.joined()
            let answer = try await send("n\(index)", filler: noise, to: world)
            if answer.status == 200 { acknowledged.append("n\(index)") } else { refused = answer }
        }
        let answer = try #require(refused)
        #expect(answer.status == 503)
        #expect(answer.headers["retry-after"] == "1")
        let red = try #require(await world.readiness())
        #expect(red.status == 503)
        #expect(red.text.contains("no space left"), "\(red.text)")
        for index in 0..<5 {
            let noise = (0..<12_000).map { _ in String(dice.next() as UInt8, radix: 16) }.joined()
            let again = try await send("m\(index)", filler: noise, to: world)
            #expect(again.status == 503)
        }
        #expect(loudLines(bot).count == 1, "\(loudLines(bot))")
        try FileManager.default.removeItem(atPath: filler)
        #expect(await isReady(world) == true, "\(bot.text.suffix(2000))")
        let last = try await send("last", to: world)
        #expect(last.status == 200, "\(last.text)")
        acknowledged.append("last")
        let isThere = try await eventually {
            try await alerts(disk + "/defimon.sqlite") == acknowledged ? true : nil
        }
        let found = try await alerts(disk + "/defimon.sqlite")
        #expect(isThere == true, "\(found) of \(acknowledged)")
        #expect(await bot.end() == 0, "\(bot.text.suffix(2000))")
    }

    private static func takeAllSpace(_ path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let zeros = [UInt8](repeating: 0, count: 4096)
        while write(descriptor, zeros, zeros.count) > 0 {}
        #expect(errno == ENOSPC)
    }

    /// Another process that holds the ledger's write lock until it is ended.
    private static func lock(_ world: BotFromOutside) async throws -> RunningProgram {
        let python = try #require(Project.program("python3"))
        let script = """
            import sqlite3, sys, time
            ledger = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=20)
            ledger.execute("BEGIN EXCLUSIVE")
            print("held", flush=True)
            time.sleep(600)
            """
        let program = try await RunningProgram(
            python, ["-c", script, world.folder.path("defimon.sqlite")], in: world.folder)
        let isHeld = await eventually { program.output.contains("held") ? true : nil }
        try #require(isHeld == true, "\(program.text)")
        return program
    }

    @Test func `A locked ledger answers 503 within its bound, and what is sent again afterwards counts once`()
        async throws
    {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            #expect(try await Self.send("before", to: world).status == 200)
            let locker = try await Self.lock(world)
            for _ in 0..<2 {
                let answer = try await Self.send("during", to: world)
                #expect(answer.status == 503)
                #expect(answer.headers["retry-after"] == "1")
            }
            let red = try #require(await world.readiness())
            #expect(red.status == 503)
            let reason = await eventually { () -> Bool? in
                await world.readiness()?.text.contains("another process holds its write lock") == true ? true : nil
            }
            #expect(reason == true, "\(red.text)")
            // Once that it takes too long, once why.
            #expect(Self.loudLines(bot).count <= 2, "\(Self.loudLines(bot))")
            await locker.end(SIGKILL)
            #expect(await Self.isReady(world) == true, "\(bot.text.suffix(2000))")
            #expect(try await Self.send("during", to: world).status == 200)
            #expect(try await Self.send("after", to: world).status == 200)
            let isThere = try await eventually {
                try await Self.alerts(world.folder.path("defimon.sqlite")) == ["before", "during", "after"] ? true : nil
            }
            #expect(isThere == true)
            #expect(await bot.end() == 0)
        }
    }

    @Test func `Deliveries past the queue's bound are refused at once and told to come again`() async throws {
        try await BotFromOutside.run { world in
            try world.changeSettings(
                "ledger: defimon.sqlite\n", to: "ledger: defimon.sqlite\nlimits: {inbox_queue: 2}\n")
            let bot = try await world.start()
            let locker = try await Self.lock(world)
            let answers = try await withThrowingTaskGroup(of: HTTPResponse.self) { group in
                for index in 0..<12 { group.addTask { try await Self.send("q\(index)", to: world) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.allSatisfy { $0.status == 503 && $0.headers["retry-after"] == "1" })
            // One commit is under way with what it took, and two wait for the next.
            let overloaded = answers.count { $0.text.contains("too many deliveries wait to be written") }
            #expect((8...10).contains(overloaded), "\(answers.map(\.text))")
            await locker.end(SIGKILL)
            #expect(await Self.isReady(world) == true, "\(bot.text.suffix(2000))")
            for index in 0..<12 { #expect(try await Self.send("q\(index)", to: world).status == 200) }
            let found = try await eventually { () -> Bool? in
                let alerts = try await Self.alerts(world.folder.path("defimon.sqlite"))
                return alerts.count == 12 && Set(alerts).count == 12 ? true : nil
            }
            #expect(found == true)
            #expect(await bot.end() == 0)
        }
    }
}
