import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// What comes in twice and is one: nothing of it happens twice.
@Suite struct IdentityTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    private func run(_ body: (Harness) async throws -> Void) async throws {
        let command = try Samples.command(
            "restart", [Samples.step("one", what: "{{arguments.node}}")],
            arguments: [Samples.argument("node", .text(nil))])
        let rule = try Samples.rule("down", run: "restart", with: ["node": "{{node}}"])
        let deploy = try Samples.command("deploy", [Samples.step("two")])
        try await Harness.run(
            Samples.set([command, deploy], rules: [rule]), actions: actions.types, in: folder, time: time, body)
    }

    private func alert(_ node: String) -> JSONValue {
        [
            "alert": .string(node), "status": "firing", "fingerprint": .string("f-\(node)"),
            "startsAt": .int(time.now.microseconds),
        ]
    }

    /// Waits until that many events were counted, with their repeats.
    private func events(_ count: Int, _ bot: Harness) async throws -> [StoredEvent]? {
        try await eventually {
            let events = try await bot.ledger.events(limit: 100, before: nil)
            let all = events.reduce(0) { $0 + 1 + Int($1.repeats) }
            return all >= count ? events : nil
        }
    }

    /// Everything that was recorded has been looked at, and no job is under way.
    private func settled(_ bot: Harness) async throws {
        let isSettled = try await eventually {
            let waiting = try await bot.ledger.undecodedDeliveries(limit: 1).count
            let open = try await bot.ledger.openJobs().count
            return waiting + open == 0 ? true : nil
        }
        try #require(isSettled == true)
    }

    @Test func `The same delivery ten times at once is one delivery, one event and one job`() async throws {
        try await run { bot in
            let body = alert("geth-0")
            let rows = try await withThrowingTaskGroup(of: RecordedDelivery.self) { group in
                for _ in 0..<10 { group.addTask { try await bot.deliver(body, id: "one") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(rows.map(\.rowID)).count == 1 && rows.filter { !$0.isDuplicate }.count == 1)
            _ = try #require(try await bot.job(1, in: .succeeded))
            try await settled(bot)
            #expect(actions.calls.count == 1)
            #expect(try await bot.ledger.delivery(rowID: rows[0].rowID)?.repeats == 9)
            let events = try await bot.ledger.events(limit: 10, before: nil)
            #expect(events.count == 1 && events.first?.repeats == 0)
            #expect(try await bot.ledger.jobs(JobFilter()).count == 1)
        }
    }

    @Test func `The same event under ten delivery ids at once is one event with a counter, and one job`() async throws {
        try await run { bot in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<10 {
                    group.addTask {
                        try await bot.deliver(
                            ["text": "deploy", "user": "U1", "id": "comment-7", "installation": .int(Int64(index))],
                            id: "delivery-\(index)")
                    }
                }
                try await group.waitForAll()
            }
            let events = try #require(try await events(10, bot))
            #expect(events.count == 1 && events.first?.repeats == 9)
            try await settled(bot)
            #expect(actions.calls.map(\.what) == ["two"])
            #expect(try await bot.ledger.jobs(JobFilter()).count == 1)
        }
    }

    @Test func `The same alert ten times at once, without any id, is one event and one job`() async throws {
        try await run { bot in
            let body = alert("geth-0")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<10 { group.addTask { try await bot.deliver(body) } }
                try await group.waitForAll()
            }
            let events = try #require(try await events(10, bot))
            #expect(events.count == 1 && events.first?.repeats == 9)
            try await settled(bot)
            #expect(actions.calls.count == 1)
        }
    }

    @Test func `What was known before a restart is known after it`() async throws {
        let start = time.now
        try await run { bot in
            try await bot.deliver(["text": "deploy", "user": "U1", "id": "comment-7"], id: "a")
            try await bot.alert("geth-0", startedAt: start)
            _ = try #require(try await bot.job(2, in: .succeeded))
            try await settled(bot)
        }
        try await run { bot in
            let again = try await bot.deliver(["text": "deploy", "user": "U1", "id": "comment-7"], id: "a")
            #expect(again.isDuplicate)
            try await bot.deliver(["text": "deploy", "user": "U1", "id": "comment-7"], id: "b")
            time.advance(by: .seconds(60))
            // A Prometheus that started anew says another start.
            try await bot.alert("geth-0", startedAt: time.now)
            let events = try #require(try await events(4, bot))
            #expect(events.count == 2)
            try await settled(bot)
            #expect(actions.calls.count == 2)
        }
    }

    @Test func `An alert that was not seen for three repeat intervals begins a new episode`() async throws {
        let start = time.now
        try await run { bot in
            try await bot.alert("geth-0", startedAt: start)
            _ = try #require(try await bot.job(1, in: .succeeded))
            time.advance(by: .seconds(43_199))
            try await bot.alert("geth-0", startedAt: start)
            _ = try #require(try await events(2, bot))
            // It is counted from the last time that it was seen.
            time.advance(by: .seconds(43_199))
            try await bot.alert("geth-0", startedAt: start)
            _ = try #require(try await events(3, bot))
            #expect(try await bot.ledger.episode(fingerprint: "f-geth-0")?.number == 1)
            time.advance(by: .seconds(43_200))
            try await bot.alert("geth-0", startedAt: start)
            _ = try #require(try await bot.job(2, in: .succeeded))
            #expect(try await bot.ledger.episode(fingerprint: "f-geth-0")?.number == 2)
            #expect(actions.calls.count == 2)
        }
    }

    @Test func `Two Alertmanagers that tell of the same alert are one episode`() async throws {
        let start = time.now
        try await run { bot in
            try await bot.alert("geth-0", startedAt: start)
            _ = try #require(try await bot.job(1, in: .succeeded))
            try await bot.alert("geth-0", startedAt: start.advanced(by: .seconds(3)))
            time.advance(by: .seconds(60))
            let end = time.now
            try await bot.alert("geth-0", isFiring: false, startedAt: start, endedAt: end)
            // The slower one still repeats, then tells of the end with a time of its own.
            try await bot.alert("geth-0", startedAt: start.advanced(by: .seconds(3)))
            try await bot.alert(
                "geth-0", isFiring: false, startedAt: start.advanced(by: .seconds(3)),
                endedAt: end.advanced(by: .seconds(2)))
            let events = try #require(try await events(5, bot))
            #expect(events.count == 3)
            try await settled(bot)
            let episode = try #require(try await bot.ledger.episode(fingerprint: "f-geth-0"))
            #expect(episode.number == 1 && episode.resolvedAt == end)
            #expect(actions.calls.count == 1)
        }
    }

    /// Deliveries of an alert that wait for the bot's start, and so are taken together.
    private func record(_ isFiring: Bool) async throws {
        try await Harness.recordOnly(
            folder, time: time,
            [
                "alert": "geth-0", "status": isFiring ? "firing" : "resolved", "fingerprint": "f-geth-0",
                "startsAt": .int(time.now.microseconds),
            ])
        time.advance(by: .seconds(1))
    }

    @Test(arguments: [nil, 60_000 as Int64])
    func `An alert that resolves and fires again before it is looked at gets a job for the new episode`(
        firingFor: Int64?
    ) async throws {
        let definitions = Samples.set(
            [try Samples.command("restart", [Samples.step("node")])],
            rules: [
                try Samples.rule("down", run: "restart") {
                    $0.firingForMilliseconds = firingFor
                    $0.cancelOnResolve = true
                }
            ])
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time) { bot in
            try await bot.alert("geth-0")
            _ = try #require(try await bot.job(1, in: firingFor == nil ? .succeeded : .held))
        }
        try await record(false)
        try await record(true)
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time) { bot in
            if firingFor != nil { _ = try #require(try await bot.job(1, in: .cancelled)) }
            _ = try #require(try await bot.jobInTime(2, in: .succeeded))
            #expect(actions.calls.count == (firingFor == nil ? 2 : 1))
        }
    }

    @Test func `A resolve that comes after the next firing does not end the new episode`() async throws {
        let start = time.now
        try await run { bot in
            try await bot.alert("geth-0", startedAt: start)
            _ = try #require(try await bot.job(1, in: .succeeded))
            let end = start.advanced(by: .seconds(60))
            time.advance(by: .seconds(60))
            try await bot.alert("geth-0", isFiring: false, startedAt: start, endedAt: end)
            time.advance(by: .seconds(60))
            let again = time.now
            try await bot.alert("geth-0", startedAt: again)
            _ = try #require(try await bot.job(2, in: .succeeded))
            try await bot.alert("geth-0", isFiring: false, startedAt: start, endedAt: end)
            let events = try #require(try await events(4, bot))
            #expect(events.contains { $0.explanation["starts_nothing"]?.stringValue?.contains("again") ?? false })
            let episode = try #require(try await bot.ledger.episode(fingerprint: "f-geth-0"))
            #expect(episode.number == 2 && episode.resolvedAt == nil)
            // So the slower one's own repeat of the new firing begins nothing.
            try await bot.alert("geth-0", startedAt: again)
            _ = try #require(try await self.events(5, bot))
            try await settled(bot)
            #expect(actions.calls.count == 2)
        }
    }

    @Test func `The same idempotency key ten times at once gives one job, and all are told so`() async throws {
        try await run { bot in
            let olivia = Identity(channel: "cli", userID: "root")
            let answers = try await withThrowingTaskGroup(of: RunAnswer.self) { group in
                for _ in 0..<10 {
                    group.addTask { try await bot.engine.run("deploy", as: olivia, idempotencyKey: "k") }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.filter { $0.jobID != nil }.count == 1 && answers.allSatisfy(\.isAccepted))
            #expect(answers.filter { $0.report.title.contains("received already") }.count == 9)
            try await settled(bot)
            #expect(actions.calls.count == 1)
            #expect(try await bot.ledger.jobs(JobFilter()).count == 1)
        }
    }
}
