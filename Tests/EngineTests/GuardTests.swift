import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// What keeps automatic jobs from making a bad night worse: each guard at its edges.
@Suite struct GuardTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()
    /// One for all runs: the names that it gave to messages are in the ledger.
    let outlet = RecordingOutlet()

    init() throws { folder = try TemporaryFolder() }

    private func run(
        _ definitions: DefinitionSet, alerts: (any AlertDirectory)? = nil, crashes: Bool = false,
        _ body: (Harness) async throws -> Void
    ) async throws {
        try await Harness.run(
            definitions, actions: actions.types, in: folder, time: time, outlet: outlet, alerts: alerts,
            crashes: crashes, body)
    }

    private func definitions(
        lock: String? = nil, _ guards: (inout Guards) -> Void
    ) throws -> DefinitionSet {
        Samples.set(
            [
                try Samples.command("restart", [Samples.step("node")], lock: lock),
                try Samples.command("deploy", [Samples.step("pool")], lock: "pool/analytics"),
                try Samples.command("look", [Samples.step("seen", "test.look")]),
            ],
            rules: [
                try Samples.rule("down", run: "restart") {
                    $0.per = "{{node}}"
                    guards(&$0)
                }
            ])
    }

    /// One episode of an alert, from its firing to its resolve; returns the decision about it.
    private func episode(_ bot: Harness, _ node: String = "geth-0") async throws -> String {
        time.advance(by: .seconds(1))
        let before = try await bot.ledger.events(limit: 1, before: nil).first?.id ?? 0
        try await bot.alert(node)
        let found = try await eventually {
            try await bot.ledger.events(limit: 5, before: nil).first {
                $0.id > before && $0.event.attributes["status"] == "firing"
            }
        }
        let event = try #require(found)
        let decision = try #require(event.explanation["rules"]?.arrayValue?.first?["decision"]?.stringValue)
        if let id = decision.wholeMatch(of: /job (\d+)/).flatMap({ JobID($0.1) }) {
            _ = try #require(try await bot.job(id, in: .succeeded, .failed, .cancelled))
        }
        time.advance(by: .seconds(1))
        try await bot.alert(node, isFiring: false)
        _ = try #require(
            try await eventually {
                try await bot.ledger.episode(fingerprint: "f-\(node)").flatMap { $0.resolvedAt }
            })
        return decision
    }

    private func told(_ text: String) -> Int { outlet.all(in: "#ops").count { $0.contains(text) } }

    // MARK: limit

    @Test func `At the limit the breaker opens, people are told once, and a person closes it`() async throws {
        let definitions = try definitions { $0.limit = StartLimit(count: 2, perMilliseconds: 3_600_000, warnAt: 2) }
        try await run(definitions, crashes: true) { bot in
            let decision1 = try await episode(bot)
            #expect(decision1 == "job 1")
            #expect(told("for the 2. time") == 0)
            let decision2 = try await episode(bot)
            #expect(decision2 == "job 2")
            #expect(await bot.messageInTime("restart starts by itself for the 2. time in 1 h") != nil)
        }
        // What is counted outlives a crash.
        try await run(definitions) { bot in
            let refusal = "it has started by itself 2 times in 1 h for 'geth-0', which is its limit"
            let decision3 = try await episode(bot)
            #expect(decision3 == refusal)
            #expect(await bot.messageInTime("restart for 'geth-0' starts no more by itself") != nil)
            let decision4 = try await episode(bot, "geth-1")
            #expect(decision4 == "job 3")
        }
        try await run(definitions) { bot in
            let decision5 = try await episode(bot)
            #expect(decision5.hasPrefix("its breaker is open since "))
            // Also when all starts are long ago.
            time.advance(by: .seconds(7200))
            let decision6 = try await episode(bot)
            #expect(decision6.hasPrefix("its breaker is open since "))
            #expect(told("restart for 'geth-0' starts no more by itself") == 1)
            try await bot.type("breaker")
            #expect(await bot.message("restart for 'geth-0'  open since", in: "private-U1") != nil)
            try await bot.type("breaker close restart geth-0", as: "U2")
            #expect(await bot.message("'restart' needs", in: "private-U2") != nil)
            let decision7 = try await episode(bot)
            #expect(decision7.hasPrefix("its breaker is open since "))
            try await bot.type("restart")
            _ = try #require(try await bot.job(4, in: .succeeded))
            try await bot.type("breaker close restart geth-0")
            #expect(await bot.messageInTime("olivia has closed the breaker: restart for 'geth-0'") != nil)
            // Starts from before count no more, the person's own never did.
            let decision8 = try await episode(bot)
            #expect(decision8 == "job 5")
            let decision9 = try await episode(bot)
            #expect(decision9 == "job 6")
            let decision10 = try await episode(bot)
            #expect(decision10.contains("which is its limit"))
            let kinds = try await bot.ledger.audit(AuditFilter(kind: "breaker.")).reversed().map(\.kind)
            #expect(kinds == ["breaker.opened", "breaker.closed", "breaker.opened"])
        }
    }

    @Test func `Starts leave the count when their time is over, to the moment`() async throws {
        let definitions = try definitions { $0.limit = StartLimit(count: 1, perMilliseconds: 60_000) }
        try await run(definitions) { bot in
            let decision11 = try await episode(bot)
            #expect(decision11 == "job 1")
            let started = try #require(try await bot.ledger.job(id: 1)?.startedAt)
            // Asked one second later than this: exactly a minute after the start, which still counts.
            time.advance(by: .seconds(59) - time.now.since(started))
            let decision12 = try await episode(bot)
            #expect(decision12.contains("which is its limit"))
            try await bot.type("breaker close restart geth-0")
            _ = try #require(await bot.messageInTime("has closed the breaker"))
            let decision13 = try await episode(bot)
            #expect(decision13 == "job 2")
            let second = try #require(try await bot.ledger.job(id: 2)?.startedAt)
            time.advance(by: .seconds(59.001) - time.now.since(second))
            let decision14 = try await episode(bot)
            #expect(decision14 == "job 3")
        }
    }

    @Test(arguments: [true, false]) func `After its time an open breaker tries one start`(itHelps: Bool) async throws {
        let definitions = try definitions {
            $0.limit = StartLimit(count: 1, perMilliseconds: 86_400_000, resetAfterMilliseconds: 600_000)
        }
        try await run(definitions, crashes: true) { bot in
            let decision15 = try await episode(bot)
            #expect(decision15 == "job 1")
            let decision16 = try await episode(bot)
            #expect(decision16.contains("which is its limit"))
            time.advance(by: .seconds(500))
            let decision17 = try await episode(bot)
            #expect(decision17.contains("one start is tried from"))
        }
        if !itHelps { actions.answer("node", .failure(ActionError("it does not start"))) }
        try await run(definitions) { bot in
            time.advance(by: .seconds(100))
            let decision18 = try await episode(bot)
            #expect(decision18 == "job 2")
            if itHelps {
                #expect(await bot.messageInTime("restart for 'geth-0' may start by itself again") != nil)
                let decision19 = try await episode(bot)
                #expect(decision19 == "job 3")
            } else {
                #expect(await bot.messageInTime("job 2 was tried and ended as failed") != nil)
                let decision20 = try await episode(bot)
                #expect(decision20.contains("one start is tried from"))
                time.advance(by: .seconds(600))
                let decision21 = try await episode(bot)
                #expect(decision21 == "job 3")
            }
        }
    }

    @Test func `A trial that is held back and never starts leaves the next one its chance`() async throws {
        let definitions = try definitions(lock: "pool/analytics/db") {
            $0.limit = StartLimit(count: 1, perMilliseconds: 86_400_000, resetAfterMilliseconds: 60_000)
            $0.cancelOnResolve = true
            $0.firingForMilliseconds = 30_000
        }
        try await run(definitions) { bot in
            try await bot.alert("geth-0")
            _ = try #require(try await bot.jobInTime(1, in: .succeeded))
            try await bot.alert("geth-0", isFiring: false)
            try await bot.alert("geth-0", startedAt: time.now.advanced(by: .seconds(1)))
            let opened = await bot.messageInTime("restart for 'geth-0' starts no more by itself")
            #expect(opened != nil)
            try await bot.alert("geth-0", isFiring: false)
            time.advance(by: .seconds(61))
            // It may be tried now, but people work there when its time comes.
            try await bot.alert("geth-0", startedAt: time.now)
            _ = try #require(try await bot.job(2, in: .held))
            try await bot.type("maintenance analytics 7d moving")
            // Without time going on: the alert's must not be over before.
            _ = try #require(await bot.message("analytics is in maintenance until", in: "private-U1"))
            time.advance(by: .seconds(31))
            let isHeld: Bool? = try await eventually {
                time.advance(by: .milliseconds(100))
                return try await bot.ledger.job(id: 2)?.heldBy == "maintenance" ? true : nil
            }
            #expect(isHeld == true)
            try await bot.alert("geth-0", isFiring: false)
            _ = try #require(try await bot.job(2, in: .cancelled))
            try await bot.type("maintenance analytics end")
            _ = try #require(await bot.messageInTime("has ended the maintenance"))
            try await bot.alert("geth-0", startedAt: time.now)
            _ = try #require(try await bot.jobInTime(3, in: .succeeded))
            let kinds = try await bot.ledger.audit(AuditFilter(kind: "breaker.")).reversed().map(\.kind)
            #expect(kinds == ["breaker.opened", "breaker.half-open", "breaker.closed"])
        }
    }

    // MARK: maintenance

    @Test func `In maintenance a remedy waits for the end, and runs if its alert still fires then`() async throws {
        let definitions = try definitions(lock: "pool/analytics/db") { $0.startWithinMilliseconds = 60_000 }
        try await run(definitions, crashes: true) { bot in
            try await bot.type("maintenance analytics 2h disks are swapped")
            _ = try #require(await bot.messageInTime("analytics is in maintenance until"))
            try await bot.alert("geth-0")
            let held = try #require(try await bot.job(1, in: .held))
            #expect(held.reason?.contains("by olivia: disks are swapped") == true)
            #expect(held.verdicts?.map(\.guardName) == ["maintenance"])
            try await bot.alert("geth-1")
            _ = try #require(try await bot.job(2, in: .held))
            time.advance(by: .seconds(3600))
            try await bot.alert("geth-1", isFiring: false)
            try await bot.type("restart")
            _ = try #require(try await bot.job(3, in: .succeeded))
        }
        try await run(definitions) { bot in
            #expect(try await bot.ledger.job(id: 1)?.state == .held)
            time.advance(by: .seconds(3601))
            _ = try #require(try await bot.jobInTime(1, in: .succeeded))
            _ = try #require(try await bot.jobInTime(2, in: .cancelled))
        }
    }

    @Test func `A maintenance that is ended earlier lets go what it held, also after a restart`() async throws {
        let definitions = try definitions(lock: "pool/analytics/db") { _ in }
        try await run(definitions) { bot in
            try await bot.type("maintenance analytics 7d moving")
            _ = try #require(await bot.messageInTime("analytics is in maintenance until"))
            try await bot.alert("geth-0")
            _ = try #require(try await bot.job(1, in: .held))
        }
        try await run(definitions) { bot in
            try await bot.type("maintenance analytics end")
            _ = try #require(await bot.messageInTime("olivia has ended the maintenance of analytics"))
            _ = try #require(try await bot.job(1, in: .succeeded))
            try await bot.type("maintenance analytics end")
            #expect(await bot.message("analytics is not in maintenance", in: "private-U1") != nil)
        }
    }

    @Test func `Where its definition says so nothing runs in a maintenance at all`() async throws {
        let definitions = try definitions(lock: "pool/analytics/db") { $0.maintenance = .suppress }
        try await run(definitions) { bot in
            try await bot.type("maintenance analytics 2h disks are swapped")
            _ = try #require(await bot.messageInTime("analytics is in maintenance until"))
            let decision22 = try await episode(bot)
            #expect(decision22.hasPrefix("analytics is in maintenance until"))
            time.advance(by: .seconds(7200))
            let decision23 = try await episode(bot)
            #expect(decision23 == "job 1")
        }
    }

    @Test(arguments: [
        "maintenance anlytics 2h why", "maintenance analytics 59s why", "maintenance analytics 169h why",
        "maintenance analytics 2h", "maintenance analytics",
    ]) func `A maintenance wants a pool, a time and a reason`(text: String) async throws {
        try await run(try definitions { _ in }) { bot in
            try await bot.type(text)
            #expect(await bot.message("Usage: /defimon maintenance", in: "private-U1") != nil)
            try await bot.type("maintenance")
            #expect(await bot.message("No pool is in maintenance", in: "private-U1") != nil)
        }
    }

    // MARK: windows

    @Test func `In a window a remedy waits for its end, to the moment`() async throws {
        // Virtual time begins at a full hour.
        let hour = ["0 * * * *", "0 \(hourOfDay(1)) * * *"]
        let definitions = try definitions {
            $0.windows = [
                GuardWindow(cron: hour[0], timeZone: "UTC", lengthMilliseconds: 600_000, then: .queue),
                GuardWindow(cron: hour[1], timeZone: "UTC", lengthMilliseconds: 1_200_000, then: .queue),
            ]
        }
        try await run(definitions) { bot in
            let next = Date(timeIntervalSince1970: (time.now.timeIntervalSince1970 / 3600).rounded(.down) * 3600 + 3600)
            time.advance(by: next.since(time.now))
            try await bot.alert("geth-0")
            let held = try #require(try await bot.job(1, in: .held))
            // Of two that are open the one that ends last counts.
            #expect(held.heldUntil == next.advanced(by: .seconds(1200)))
            #expect(held.verdicts?.filter { $0.outcome == .holds }.map(\.guardName) == ["windows", "windows"])
            time.advance(by: .seconds(1199))
            try await bot.type("look")
            _ = try #require(try await bot.job(2, in: .succeeded))
            #expect(try await bot.ledger.job(id: 1)?.state == .held)
            time.advance(by: .seconds(1))
            let job = try #require(try await bot.jobInTime(1, in: .succeeded))
            #expect(job.verdicts?.last { $0.guardName == "windows" }?.outcome == .passes)
        }
    }

    @Test func `Where its definition says so nothing runs in a window`() async throws {
        let definitions = try definitions {
            $0.windows = [
                GuardWindow(cron: "* * * * *", timeZone: "Europe/Berlin", lengthMilliseconds: 60_000, then: .suppress)
            ]
        }
        try await run(definitions) { bot in
            let decision = try await episode(bot)
            #expect(decision.hasPrefix("in the window '* * * * *' (Europe/Berlin) until"))
        }
    }

    /// The hour of the day so many hours from now, in UTC.
    private func hourOfDay(_ later: Int) -> Int {
        (Int(time.now.timeIntervalSince1970) / 3600 + later) % 24
    }

    // MARK: hold_while, at_most

    @Test func `No remedy starts while the bot works on its pool, and it is looked at again afterwards`() async throws {
        let definitions = try definitions(lock: "pool/analytics/db") { $0.holdWhile = ["deploy"] }
        var free = definitions
        free.commands["deploy"]?.locks = []
        free.commands["deploy"]?.arguments = [Samples.argument("pool", .choice(["analytics", "ml"]))]
        actions.close("pool")
        try await run(free) { bot in
            try await bot.type("deploy ml")
            _ = try #require(try await bot.job(1, in: .running))
            try await bot.type("deploy analytics")
            _ = try #require(try await bot.job(2, in: .running))
            try await bot.alert("geth-0")
            let waiting = try #require(
                try await eventually {
                    try await bot.ledger.job(id: 3).flatMap { $0.reason == nil ? nil : $0 }
                })
            #expect(waiting.reason == "waits while job 2 (deploy analytics) works there")
            #expect(waiting.state == .queued)
            actions.open("pool")
            _ = try #require(try await bot.job(3, in: .succeeded))
            let ended = try #require(try await bot.ledger.job(id: 2)?.endedAt)
            let started = try #require(try await bot.ledger.job(id: 3)?.startedAt)
            #expect(started >= ended)
        }
    }

    @Test func `A remedy whose alert resolves while the bot works on its pool does not run`() async throws {
        let definitions = try definitions { $0.holdWhile = ["deploy"] }
        actions.close("pool")
        try await run(definitions) { bot in
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .running))
            try await bot.alert("geth-0")
            _ = try #require(try await bot.job(2, in: .queued))
            try await bot.alert("geth-0", isFiring: false)
            _ = try #require(
                try await eventually { try await bot.ledger.episode(fingerprint: "f-geth-0").flatMap { $0.resolvedAt } }
            )
            actions.open("pool")
            let job = try #require(try await bot.job(2, in: .cancelled))
            #expect(job.reason == "the alert resolved before the job began")
            #expect(actions.calls(of: "change").count == 1)
        }
    }

    @Test(arguments: [
        AtMost(count: 2, of: "nodes"), AtMost(sharePercent: 50, of: "nodes", among: "5"),
        AtMost(sharePercent: 70, of: "nodes", among: "{{node_count}}"),
    ]) func `Never more of a group are under way at once than its bound says`(bound: AtMost) async throws {
        var definitions = try definitions { $0.atMost = bound }
        definitions.variables["node_count"] = .int(3)
        actions.close("node")
        try await run(definitions) { bot in
            for node in 0..<4 { try await bot.alert("geth-\(node)") }
            let waiting = try #require(
                try await eventually {
                    try await bot.ledger.job(id: 4).flatMap { $0.reason == nil ? nil : $0 }
                })
            #expect(waiting.reason == "waits: 2 of 'nodes' are under way, and at most 2 may be")
            #expect(try await bot.ledger.jobs(JobFilter(states: [.running])).count == 2)
            actions.open("node")
            for id in 1...4 { _ = try #require(try await bot.job(JobID(id), in: .succeeded)) }
        }
    }

    @Test func `A command's own bound holds for what people type too`() async throws {
        let command = try Samples.command(
            "restart", [Samples.step("node")], arguments: [Samples.argument("node", .text(nil))]
        ) {
            $0.atMost = AtMost(count: 1, of: "nodes")
            $0.cooldownMilliseconds = 3_600_000
            $0.limit = StartLimit(count: 1, perMilliseconds: 3_600_000)
        }
        actions.close("node")
        try await run(Samples.set([command])) { bot in
            try await bot.type("restart a")
            _ = try #require(try await bot.job(1, in: .running))
            try await bot.type("restart b")
            #expect(await bot.message("waits: 1 of 'nodes' are under way, and at most 1 may be") != nil)
            actions.open("node")
            _ = try #require(try await bot.job(2, in: .succeeded))
            // Neither a cooldown nor a limit is for people.
            try await bot.type("restart a")
            _ = try #require(try await bot.job(3, in: .succeeded))
        }
    }

    // MARK: the alert itself

    @Test func `A remedy that has waited asks whether its alert still fires, since a silenced one sends no resolve`()
        async throws
    {
        let definitions = try definitions(lock: "l") { $0.startWithinMilliseconds = 86_400_000 }
        let source = ScriptedAlerts()
        actions.close("pool")
        var set = definitions
        let locks = try #require(set.commands["restart"]?.locks)
        set.commands["deploy"]?.locks = locks
        try await run(set, alerts: source) { bot in
            try await bot.type("deploy")
            _ = try #require(try await bot.job(1, in: .running))
            try await bot.alert("geth-0")
            _ = try #require(try await bot.job(2, in: .queued))
            time.advance(by: .seconds(31))
            source.say(false)
            actions.open("pool")
            let job = try #require(try await bot.job(2, in: .cancelled))
            #expect(job.reason == "the alert does not fire any more, as its source says")
            #expect(actions.calls(of: "change").map(\.what) == ["pool"])
        }
    }

    @Test(arguments: [IfUnknown.go, .stop]) func `When nobody can say whether the alert fires, its rule decides`(
        word: IfUnknown
    ) async throws {
        let definitions = try definitions {
            $0.ifUnknown = word
            $0.firingForMilliseconds = 120_000
        }
        let source = ScriptedAlerts()
        source.say(nil)
        try await run(definitions, alerts: source) { bot in
            try await bot.alert("geth-0")
            _ = try #require(try await bot.job(1, in: .held))
            time.advance(by: .seconds(121))
            let job = try #require(try await bot.jobInTime(1, in: .succeeded, .cancelled))
            #expect(job.state == (word == .go ? .succeeded : .cancelled))
            #expect(source.asked == 1)
            if word == .stop {
                #expect(job.reason?.hasPrefix("nobody can say whether the alert still fires") == true)
            } else {
                let verdict = try #require(job.verdicts?.first { $0.guardName == "alert" })
                #expect(verdict.outcome == .passes)
            }
        }
    }

    // MARK: rules that only observe

    @Test func `A rule that only observes says what it would run, in one message, and runs nothing`() async throws {
        var definitions = try definitions { $0.limit = StartLimit(count: 1, perMilliseconds: 3_600_000) }
        let acting = definitions.rules[0]
        definitions.rules[0].onlyObserves = true
        try await run(definitions) { bot in
            for _ in 0..<3 {
                let decision = try await episode(bot)
                #expect(decision == "observes only: would run 'restart'")
            }
            #expect(await bot.messageInTime("Rule down would run 'restart'") != nil)
            #expect(outlet.latest(in: "#ops").count == 1)
            #expect(try await bot.ledger.job(id: 1) == nil)
            #expect(actions.calls.isEmpty)
        }
        definitions.rules[0] = acting
        try await run(definitions) { bot in
            let decision = try await episode(bot)
            #expect(decision == "job 1")
        }
        definitions.rules[0].onlyObserves = true
        try await run(definitions) { bot in
            let decision = try await episode(bot)
            #expect(decision.hasPrefix("observes only: would not run 'restart': it has started by itself 1 times"))
            // Looking opens no breaker.
            try await bot.type("breaker")
            #expect(await bot.message("No breaker is open", in: "private-U1") != nil)
        }
    }

    // MARK: what is told of it

    @Test func `A hundred flaps in ten minutes give one run and one message`() async throws {
        let definitions = try definitions {
            $0.cooldownMilliseconds = 900_000
            $0.cancelOnResolve = true
        }
        try await run(definitions) { bot in
            var decisions: [String: Int] = [:]
            for _ in 0..<100 {
                time.advance(by: .seconds(4))
                decisions[String(try await episode(bot).prefix(11)), default: 0] += 1
            }
            #expect(decisions == ["job 1": 1, "in cooldown": 99])
            #expect(actions.calls(of: "change").count == 1)
            _ = try #require(await bot.messageInTime("restart · job 1 · succeeded"))
            #expect(outlet.latest(in: "#ops").count == 1)
        }
    }

    @Test func `Each guard's word is in the audit and in the explanation`() async throws {
        let definitions = try definitions {
            $0.firingForMilliseconds = 60_000
            $0.cooldownMilliseconds = 60_000
            $0.limit = StartLimit(count: 3, perMilliseconds: 3_600_000)
            $0.maintenance = .suppress
            $0.holdWhile = ["deploy"]
            $0.atMost = AtMost(count: 1, of: "nodes")
        }
        try await run(definitions) { bot in
            try await bot.alert("geth-0")
            _ = try #require(try await bot.job(1, in: .held))
            _ = try #require(try await bot.jobInTime(1, in: .succeeded))
            let explanation = try await Explainer(reader: bot.ledger).explain("job/1")
            #expect(
                explanation.verdicts?.map(\.guardName) == [
                    "alert", "cooldown", "limit", "maintenance", "hold_while", "at_most",
                ])
            #expect(explanation.report.plainText.contains("✓ guard limit: 0 of 3 starts in 1 h for 'geth-0'"))
            let created = try #require(try await bot.ledger.audit(AuditFilter(kind: "job.created")).first)
            let names = { (record: AuditRecord) in
                record.detail["guards"]?.arrayValue?.compactMap { $0["guard"]?.stringValue } ?? []
            }
            #expect(names(created) == ["firing_for", "cooldown", "limit", "maintenance"])
            let running = try #require(try await bot.ledger.audit(AuditFilter(kind: "job.running")).first)
            #expect(names(running) == explanation.verdicts?.map(\.guardName))
            try await bot.alert("geth-1")
            _ = try #require(try await bot.job(2, in: .held))
            let event = try #require(try await bot.ledger.events(limit: 5, before: nil).first { $0.id == 2 })
            let report = try await Explainer(reader: bot.ledger).explain("event/\(event.id)").report.plainText
            #expect(report.contains("✗ guard firing_for: looks again at"))
            #expect(report.contains("✓ guard limit: 0 of 3 starts in 1 h for 'geth-1'"))
        }
    }
}
