import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// Who may do what: roles with limits, places where a command is taken, and how often somebody may ask.
@Suite struct AuthorizationTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    private static let ops = Place(channel: "chat", address: "C1")

    /// The operator may deploy analytics and ml, restart what is in the pool infrastructure, and make previews.
    private func definitions(channels: [Place] = []) throws -> DefinitionSet {
        let pool = Samples.argument("pool", .choice(["analytics", "ml", "infrastructure"]))
        let deploy = try Samples.command("deploy", [Samples.step("one")], arguments: [pool], channels: channels)
        let restart = try Samples.command(
            "restart", [Samples.step("two")], arguments: [Samples.argument("where", .text(nil))],
            lock: "pool/{{arguments.where}}/ethereum")
        let commands = [
            deploy, restart, try Samples.command("preview create", [Samples.step("three")]),
            try Samples.command("wipe", [Samples.step("four")]),
            try Samples.command("look", [Samples.step("five", "test.look")], roles: []),
        ]
        let operatorRole = RoleDefinition(
            name: "operator", summary: "On call",
            may: [
                Permission(command: CommandPattern("deploy"), arguments: ["pool": ["analytics", "ml"]]),
                Permission(command: CommandPattern("restart"), pools: ["infrastructure"]),
                Permission(command: CommandPattern("preview *")),
            ])
        var set = Samples.set(commands, roles: [operatorRole])
        set.people.append(
            Person(id: "lena", name: "Lena", roles: ["operator", "lead"], identities: ["chat": "U3", "cli": "lena"]))
        for name in ["deploy", "restart", "wipe"] { set.commands[name]?.roles = ["operator", "lead"] }
        return set
    }

    private func run(
        _ definitions: DefinitionSet, limits: Limits = Limits(), outlet: RecordingOutlet = RecordingOutlet(),
        _ body: (Harness) async throws -> Void
    ) async throws {
        try await Harness.run(
            definitions, actions: actions.types, in: folder, time: time, outlet: outlet, limits: limits, body)
    }

    private func denials(_ bot: Harness) async throws -> [AuditRecord] {
        try await bot.ledger.audit(AuditFilter(kind: "authorization.denied", limit: 1000))
    }

    @Test(arguments: [
        ("deploy analytics", true), ("deploy ml", true), ("deploy infrastructure", false),
        ("deploy infrastructure --plan", false), ("restart infrastructure", true), ("restart analytics", false),
        ("restart infrastructure --plan", true), ("restart analytics --plan", false), ("preview create", true),
        ("wipe", false), ("look", true),
    ])
    func `A role that is described may run what one of its entries covers, with these arguments and pools`(
        text: String, isAllowed: Bool
    ) async throws {
        try await run(definitions()) { bot in
            try await bot.type(text)
            if isAllowed {
                _ = try #require(try await bot.job(1, in: .succeeded))
                #expect(try await denials(bot).isEmpty)
            } else {
                let answer = try #require(await bot.message("Not done: the role operator may", in: "private-U1"))
                #expect(answer.contains("Who can run it: Lena"))
                #expect(try await denials(bot).count == 1)
                #expect(try await bot.ledger.jobs(JobFilter()).isEmpty)
                #expect(bot.outlet.latest(in: "#ops").isEmpty)
            }
        }
    }

    @Test(arguments: ["deploy infrastructure", "wipe", "restart ml"])
    func `A further role that is not described has no limits`(text: String) async throws {
        try await run(definitions()) { bot in
            try await bot.type(text, as: "U3")
            _ = try #require(try await bot.job(1, in: .succeeded))
        }
    }

    @Test func `What a role may no longer is refused when the job's turn comes`() async throws {
        var changed = try definitions()
        changed.commands["deploy"]?.locks = [LockTemplate(path: Template(literal: "l"), mode: .exclusive)]
        try await run(changed) { bot in
            actions.close("one")
            for _ in 0..<2 { try await bot.type("deploy analytics") }
            let isWaiting = try await eventually {
                try await bot.ledger.job(id: 2)?.reason?.contains("waits for job 1") == true ? true : nil
            }
            #expect(isWaiting == true)
            changed.roles["operator"]?.may = [
                Permission(command: CommandPattern("deploy"), arguments: ["pool": ["ml"]])
            ]
            bot.definitions.replace(with: changed)
            actions.open("one")
            let denied = try #require(try await bot.job(2, in: .denied))
            #expect(denied.reason?.contains("the role operator may run 'deploy' with pool ml alone") ?? false)
        }
    }

    @Test func `Cancel, verdict and retry of a job ask for what running it asks for, and the audit knows`() async throws
    {
        try await run(definitions()) { bot in
            actions.close("one")
            try await bot.type("deploy infrastructure", as: "U3")
            _ = try #require(try await bot.job(1, in: .running))
            try await bot.type("cancel 1")
            #expect(
                await bot.message("Not done: the role operator may run 'deploy' with pool", in: "private-U1") != nil)
            #expect(try await bot.ledger.job(id: 1)?.cancelledBy == nil)
            let record = try #require(try await denials(bot).first)
            #expect(record.detail["text"] == "cancel 1")
            actions.open("one")
            _ = try #require(try await bot.job(1, in: .succeeded))
            let answer = try await bot.engine.retry(1, by: Identity(channel: "cli", userID: "root"))
            #expect(!answer.isAccepted && answer.report.title.contains("the role operator may run"))
            #expect(try await bot.engine.retry(1, by: Identity(channel: "cli", userID: "lena")).jobID == 2)
        }
    }

    @Test func `Whoami and help say what one may run, within which limits, and whom to ask for the rest`() async throws
    {
        try await run(definitions(channels: [Self.ops])) { bot in
            try await bot.type("whoami")
            let answer = try #require(await bot.message("You are Olivia (olivia)", in: "private-U1"))
            for text in [
                "chat:U1", "operator (On call)", "deploy", "with pool analytics or ml, asked in chat:C1", "restart",
                "in the pool infrastructure", "preview create", "You may not run:", "ask Lena",
                "You may not freeze or thaw the bot; ask Lena.",
            ] { #expect(answer.contains(text), "\(text) in \(answer)") }
            let list = try #require(answer.range(of: "You may not run:"))
            #expect(answer[list.upperBound...].contains("wipe") && !answer[..<list.lowerBound].contains("wipe"))
            try await bot.type("help")
            let help = try #require(await bot.message("What you can ask for", in: "private-U1"))
            #expect(help.contains("/defimon deploy") && !help.contains("wipe"))
            try await bot.type("help deploy")
            let one = try #require(await bot.message("Does deploy.", in: "private-U1"))
            #expect(one.contains("You may run it with pool analytics or ml alone"))
            #expect(one.contains("Taken in: chat:C1 alone"))
        }
    }

    // MARK: Places

    @Test(
        arguments: [
            ("C1", nil, true), ("C2", nil, false), ("C2", "ops", true), ("C2", "op", false), ("#ops", nil, true),
        ] as [(String, String?, Bool)])
    func `A command with channels is taken there alone, and elsewhere the person is told where`(
        place: String, name: String?, isTaken: Bool
    ) async throws {
        let places = [Self.ops, Place(channel: "chat", address: "#ops")]
        try await run(definitions(channels: places)) { bot in
            try await bot.deliver([
                "text": "deploy ml", "user": "U1", "id": "1", "place": .string(place),
                "placeName": name.map { .string($0) } ?? .null,
            ])
            if isTaken {
                _ = try #require(try await bot.job(1, in: .succeeded))
            } else {
                let text = "Not done: 'deploy' is taken in chat:C1 or chat:#ops alone."
                #expect(await bot.message(text, in: "private-U1") != nil)
                #expect(
                    try await denials(bot).first?.detail["reason"]?.stringValue?.hasSuffix("was asked in chat:C2")
                        ?? false)
                #expect(try await bot.ledger.jobs(JobFilter()).isEmpty)
            }
        }
    }

    @Test func `The command line on the machine is refused nowhere`() async throws {
        try await run(definitions(channels: [Self.ops])) { bot in
            let answer = try await bot.engine.run(
                "deploy ml", as: Identity(channel: "cli", userID: "root"), idempotencyKey: nil)
            #expect(answer.jobID == 1)
        }
    }

    // MARK: How often

    private func limited(to count: Int) -> Limits {
        var limits = Limits()
        limits.requestsPerPerson = RequestRate(count: count, per: .seconds(60))
        return limits
    }

    @Test func `Who asks too often is refused in private with the time to try again, and others are not`() async throws
    {
        try await run(definitions(), limits: limited(to: 2)) { bot in
            for _ in 0..<2 {
                try await bot.type("jobs")
                time.advance(by: .seconds(10))
            }
            try await bot.type("deploy ml")
            let answer = try #require(await bot.message("you have asked 2 times within 1 min", in: "private-U1"))
            #expect(answer.contains("Try again in 40 s, at 2026-09-21 14:14:20 UTC."))
            #expect(try await denials(bot).count == 1)
            try await bot.type("deploy ml", as: "U3")
            _ = try #require(try await bot.job(1, in: .succeeded))
            time.advance(by: .seconds(40))
            try await bot.type("deploy ml")
            _ = try #require(try await bot.job(2, in: .succeeded))
        }
    }

    @Test func `Stopping is never refused, and a retry is one request`() async throws {
        try await run(definitions(), limits: limited(to: 2)) { bot in
            actions.close("one")
            try await bot.type("deploy ml", as: "U3")
            _ = try #require(try await bot.job(1, in: .running))
            try await bot.type("jobs", as: "U3")
            try await bot.type("cancel 1", as: "U3")
            _ = try #require(try await bot.job(1, in: .cancelled))
            time.advance(by: .seconds(60))
            let lena = Identity(channel: "cli", userID: "lena")
            for id in 1...2 {
                #expect(try await bot.engine.retry(Int64(id), by: lena).jobID == Int64(id) + 1)
                _ = try #require(try await bot.job(Int64(id) + 1, in: .running))
                _ = try await bot.engine.cancel(Int64(id) + 1, by: lena)
                _ = try #require(try await bot.job(Int64(id) + 1, in: .cancelled))
            }
            #expect(try await !bot.engine.retry(3, by: lena).isAccepted)
            actions.open("one")
        }
    }

    @Test func `Where everybody reads along, only the first refusal of many is said`() async throws {
        let outlet = RecordingOutlet()
        try await run(definitions(), limits: limited(to: 1), outlet: outlet) { bot in
            for _ in 0..<4 { try await bot.comment("jobs", as: "U1") }
            _ = try await eventually { try await bot.ledger.events(limit: 10, before: nil).count == 4 ? true : nil }
            #expect(await bot.message("you have asked 1 times") != nil)
            #expect(try await denials(bot).count == 3)
        }
        #expect(outlet.latest(in: "#ops").filter { $0.contains("you have asked") }.count == 1)
    }

    @Test func `Many refusals of one person, and of all strangers, are ten records a minute and a count`() async throws
    {
        try await run(definitions(), limits: limited(to: 1)) { bot in
            for number in 0..<14 {
                try await bot.type("jobs")
                try await bot.type("jobs", as: "stranger-\(number)")
            }
            _ = try await eventually { try await bot.ledger.events(limit: 100, before: nil).count == 28 ? true : nil }
            #expect(try await denials(bot).count == 20)
            time.advance(by: .seconds(61))
            let all = try #require(
                try await eventually {
                    let records = try await denials(bot)
                    return records.count == 22 ? records : nil
                })
            let counts = all.filter { $0.detail["more"] != nil }
            #expect(Set(counts.map(\.actor)) == ["olivia", "chat"])
            #expect(counts.first { $0.actor == "olivia" }?.detail["more"] == 3)
            #expect(counts.first { $0.actor == "chat" }?.detail["more"] == 4)
        }
    }
}
