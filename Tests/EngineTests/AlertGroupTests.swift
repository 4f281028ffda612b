import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// Rules that look at a whole group of alerts.
@Suite struct AlertGroupTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()
    let alerts = ScriptedAlerts()

    init() throws { folder = try TemporaryFolder() }

    private func rule(
        verify: VerifyDefinition? = nil, otherwise: [RemedyDefinition] = [], _ guards: (inout Guards) -> Void = { _ in }
    ) throws -> RuleDefinition {
        var rule = try Samples.rule(
            "all-down", run: "restart", with: ["node": "{{names}}"], verify: verify, otherwise: otherwise, guards)
        rule.forEach = .group
        return rule
    }

    private func definitions(_ rules: RuleDefinition...) throws -> DefinitionSet {
        let command = try Samples.command(
            "restart", [Samples.step("one", what: "{{arguments.node}}", attempts: 1)],
            arguments: [Samples.argument("node", .text(nil))])
        return Samples.set([command], rules: rules)
    }

    private func run(
        _ definitions: DefinitionSet, crashes: Bool = false, _ body: (Harness) async throws -> Void
    ) async throws {
        try await Harness.run(
            definitions, actions: actions.types, in: folder, time: time, alerts: alerts, crashes: crashes, body)
    }

    private func jobs(_ bot: Harness) async throws -> [Job] {
        try await bot.ledger.jobs(JobFilter()).sorted { $0.id < $1.id }
    }

    @Test func `All alerts of a group make one job, and rules for each alert make theirs beside it`() async throws {
        let each = try Samples.rule("down", run: "restart", with: ["node": "{{node}}"])
        try await run(definitions(rule(), each)) { bot in
            try await bot.alerts(.init("a"), .init("b"))
            _ = try #require(try await bot.job(3, in: .succeeded))
            #expect(Set(actions.calls.map(\.what)) == ["a", "b", "a+b"])
            let job = try #require(try await jobs(bot).first { $0.commandLine == "restart a+b" })
            #expect(job.alertGroup == AlertGroupReference(receiver: "bot", labels: ["group": "g1"]))
            let events = try await bot.ledger.events(limit: 10, before: nil)
            let alone = try #require(events.first { $0.event.kind == "alert" })
            #expect(
                alone.explanation.canonicalText.contains(
                    "it looks at whole groups (for_each: group), and this is none"))
            let whole = try #require(events.first { $0.event.kind == "group" })
            #expect(
                whole.explanation.canonicalText.contains(
                    "it looks at each alert by itself (for_each: alert), and this is the whole group"))
        }
    }

    @Test func `Resends, moved starts and alerts that join start nothing, while its job runs and after that`()
        async throws
    {
        let start = time.now
        actions.close("a")
        try await run(definitions(rule())) { bot in
            try await bot.alerts(.init("a", start))
            _ = await eventually { actions.calls.count == 1 ? true : nil }
            for _ in 0..<2 {
                try await bot.alerts(.init("a", start))
                try await bot.alerts(.init("a", start.advanced(by: .seconds(-30))), .init("b", start))
                try await bot.alerts(.init("a", start.advanced(by: .seconds(30))), .init("b", start), .init("c", start))
                actions.open("a")
                _ = try #require(try await bot.job(1, in: .succeeded))
            }
            try await bot.alerts(.init("x", start), group: "g2")
            _ = try #require(try await bot.job(2, in: .succeeded))
            #expect(actions.calls.map(\.what) == ["a", "x"])
            let events = try await bot.ledger.events(limit: 20, before: nil)
            #expect(events.first { $0.event.subject == "Group g1: a" }?.repeats == 6)
        }
    }

    @Test func `It ends when its last alert has resolved, and fires anew after that`() async throws {
        let start = time.now
        let verify = VerifyDefinition(alertResolvedWithinMilliseconds: 600_000)
        try await run(definitions(rule(verify: verify))) { bot in
            try await bot.alerts(.init("a", start), .init("b", start))
            _ = try #require(try await bot.job(1, in: .verifying))
            time.advance(by: .seconds(10))
            try await bot.alerts(.init("a", start, time.now), .init("b", start))
            _ = try await eventually { try await bot.ledger.episode(fingerprint: "f-a")?.resolvedAt }
            #expect(try await bot.ledger.job(id: 1)?.state == .verifying)
            #expect(try await bot.ledger.episode(fingerprint: "group-g1")?.resolvedAt == nil)
            time.advance(by: .seconds(10))
            try await bot.alerts(.init("a", start, time.now), .init("b", start, time.now))
            let job = try #require(try await bot.job(1, in: .succeeded))
            #expect(job.reason == "the alert resolved")
            time.advance(by: .seconds(10))
            try await bot.alerts(.init("b", time.now))
            _ = try #require(try await bot.job(2, in: .verifying))
        }
    }

    @Test func `After its end a late delivery starts nothing, and an alert that nobody knew does`() async throws {
        let start = time.now
        try await run(definitions(rule())) { bot in
            try await bot.alerts(.init("a", start))
            _ = try #require(try await bot.job(1, in: .succeeded))
            time.advance(by: .seconds(60))
            try await bot.alerts(.init("a", start, time.now))
            try await bot.alerts(.init("a", start))
            let late = try await eventually {
                try await bot.ledger.events(limit: 20, before: nil).first {
                    $0.event.kind == "group"
                        && $0.explanation["starts_nothing"]?.stringValue?.contains("it arrived after that") ?? false
                }
            }
            #expect(late != nil)
            // It began before the end of the others, and comes after it.
            try await bot.alerts(.init("a", start), .init("b", start.advanced(by: .seconds(59))))
            _ = try #require(try await bot.job(2, in: .succeeded))
            #expect(actions.calls.map(\.what) == ["a", "a+b"])
        }
    }

    @Test func `Where no rule looks at groups, none is recorded`() async throws {
        let each = try Samples.rule("down", run: "restart", with: ["node": "{{node}}"])
        try await run(definitions(each)) { bot in
            try await bot.alerts(.init("a"), .init("b"))
            _ = try #require(try await bot.job(2, in: .succeeded))
            #expect(try await bot.ledger.events(limit: 10, before: nil).count == 2)
            #expect(try await bot.ledger.episode(fingerprint: "group-g1") == nil)
        }
    }

    @Test func `The end of a group is taken up although a reload has removed its rule`() async throws {
        let start = time.now
        let verify = VerifyDefinition(alertResolvedWithinMilliseconds: 600_000)
        try await run(definitions(rule(verify: verify))) { bot in
            try await bot.alerts(.init("a", start))
            _ = try #require(try await bot.job(1, in: .verifying))
            bot.definitions.replace(with: try definitions())
            try await bot.alerts(.init("a", start, time.now))
            _ = try #require(try await bot.job(1, in: .succeeded))
        }
    }

    @Test(arguments: [true, false])
    func `When the time is over, and for the next remedy, its source is asked about the whole group`(isFiring: Bool)
        async throws
    {
        let verify = VerifyDefinition(alertResolvedWithinMilliseconds: 60_000)
        let next = Samples.remedy("restart", with: ["node": "next"])
        alerts.say(isFiring)
        try await run(definitions(rule(verify: verify, otherwise: [next]))) { bot in
            try await bot.alerts(.init("a"), .init("b"))
            let job = try #require(try await bot.jobInTime(1, in: .succeeded, .failed))
            #expect(job.state == (isFiring ? .failed : .succeeded))
            let group = AlertGroupReference(receiver: "bot", labels: ["group": "g1"])
            #expect(alerts.askedGroups == Array(repeating: group, count: isFiring ? 2 : 1))
            if isFiring {
                let second = try #require(try await bot.job(2, in: .running, .verifying, .failed))
                #expect(second.alertGroup == group)
            }
        }
    }

    @Test func `After a crash its episode is known, and its end ends the job's proof`() async throws {
        let start = time.now
        let verify = VerifyDefinition(alertResolvedWithinMilliseconds: 600_000)
        try await run(definitions(rule(verify: verify)), crashes: true) { bot in
            try await bot.alerts(.init("a", start))
            _ = try #require(try await bot.job(1, in: .verifying))
        }
        try await run(definitions(rule(verify: verify))) { bot in
            try await bot.alerts(.init("a", start), .init("b", start))
            try await bot.alerts(.init("a", start, time.now), .init("b", start, time.now))
            _ = try #require(try await bot.job(1, in: .succeeded))
            #expect(try await jobs(bot).count == 1)
        }
    }
}

/// An alert in a delivery of a group.
struct GroupedAlert {
    var name: String
    var startsAt: Date?
    /// Nil while it fires.
    var endsAt: Date?

    init(_ name: String, _ startsAt: Date? = nil, _ endsAt: Date? = nil) {
        self.name = name
        self.startsAt = startsAt
        self.endsAt = endsAt
    }
}

extension Harness {
    /// Alerts come in one delivery of one group.
    func alerts(_ alerts: [GroupedAlert], group: String = "g1") async throws {
        try await deliver([
            "group": .string(group),
            "alerts": .array(
                alerts.map { alert in
                    [
                        "alert": .string(alert.name), "status": alert.endsAt == nil ? "firing" : "resolved",
                        "fingerprint": .string("f-\(alert.name)"),
                        "startsAt": .int((alert.startsAt ?? time.now).microseconds),
                        "endsAt": alert.endsAt.map { .int($0.microseconds) } ?? .null,
                    ]
                }),
        ])
    }

    func alerts(_ alerts: GroupedAlert..., group: String = "g1") async throws {
        try await self.alerts(alerts, group: group)
    }
}
