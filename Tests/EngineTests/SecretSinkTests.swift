import Domain
import Engine
import Foundation
import Ledger
import Synchronization
import TestSupport
import Testing

/// Secrets that stand in what comes from outside come out nowhere.
@Suite struct SecretSinkTests {
    /// The harness' redactor knows it, and another one that other encodings change.
    static let secret = "hunter2-very-secret"
    static let awkward = "p@ss/w+rd \"12\" é"

    /// Everything by which it could be told.
    static let forms: [(name: String, text: String)] = {
        let bytes = Array(secret.utf8)
        let base64 = Data(bytes).base64EncodedString()
        return [
            ("raw", secret), ("base64", base64), ("base64 after one byte", Data([65] + bytes).base64EncodedString()),
            ("base64 after two bytes", Data([65, 66] + bytes).base64EncodedString()),
            ("base64url", base64.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")),
            ("hexadecimal", Hex.encode(bytes)), ("capital hexadecimal", Hex.encode(bytes).uppercased()),
            ("with quotes", awkward),
            ("URL-encoded", awkward.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""),
            ("JSON-escaped", String(JSONValue.string(awkward).canonicalText.dropFirst().dropLast())),
        ]
    }()

    /// What must be found nowhere: of base64 the part that hangs on the secret alone.
    static let traces = forms.map { form in
        form.name.hasPrefix("base64") ? String(form.text.dropFirst(4).prefix(18)) : form.text
    }

    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    private func expectClean(_ text: String, _ sink: String) {
        for (form, trace) in zip(Self.forms, Self.traces) where text.contains(trace) {
            Issue.record("\(sink) holds the secret, \(form.name): \(text.prefix(300))")
        }
    }

    private func expectClean(_ value: some Encodable, _ sink: String) throws {
        expectClean(try JSONValue(encoding: value).canonicalText, sink)
        // As text without JSON's escapes too.
        expectClean(String(describing: value), sink)
    }

    @Test func `What arrives with a secret in it leaves it in no message and no table but that of the deliveries`()
        async throws
    {
        let command = try Samples.command(
            "deploy", [Samples.step("one", attempts: 1)],
            arguments: [Samples.argument("what", .text(nil), isRequired: false)])
        let rule = try Samples.rule("down", run: "restart", with: ["node": "{{node}}"])
        let restart = try Samples.command(
            "restart", [Samples.step("two", attempts: 1)], arguments: [Samples.argument("node", .text(nil))])
        let definitions = Samples.set([command, restart], rules: [rule])
        let outlet = RecordingOutlet()
        var number: Int64 = 0
        let status = LeakyStatus()
        try await Harness.run(
            definitions, actions: actions.types, in: folder, time: time, outlet: outlet, status: status
        ) { bot in
            for form in Self.forms {
                let text = form.text
                // Typed by people: an argument, an unknown word, what a stranger says.
                let quoted = "'\(text)'"
                actions.answer(
                    "one",
                    .success(["summary": .string("found \(text)"), "word": .string(text)]))
                try await bot.type("deploy --what \(quoted)")
                number += 1
                _ = try #require(try await bot.job(number, in: .succeeded), "\(form.name)")
                try await bot.type("no-such-command \(quoted)")
                try await bot.type("explain \(quoted)")
                try await bot.type("deploy \(quoted)", as: "nobody")
                status.say(text)
                try await bot.type("status analytics")
                // Alerts and what fails because of them.
                actions.answer(
                    "two",
                    .failure(ActionError("the API said \(text)", hint: "look at \(text)", details: "log: \(text)")))
                try await bot.alert("geth \(text)", fingerprint: "f-\(form.name)")
                number += 1
                _ = try #require(try await bot.job(number, in: .failed), "\(form.name)")
                // News, what cannot be read, what is refused.
                try await bot.deliver(["news": .string("branch \(text)")])
                try await bot.deliver(["strange": .string(text)])
                bot.engine.refused(
                    Refusal(.badSignature, "no \(text)"), source: Source("slack"), remoteAddress: "127.0.0.1")
                // A channel that answers with it.
                outlet.refuse("private-U2", OutletError(.later(after: .seconds(1)), "error: \(text)"))
                try await bot.type("whoami", as: "U2")
                let typed = try await bot.engine.run(
                    "jobs \(quoted)", as: Identity(channel: "cli", userID: "root"), idempotencyKey: "key \(text)")
                try expectClean(typed.report, "the command line")
            }
            _ = try await eventually {
                time.advance(by: .seconds(1))
                return try await bot.ledger.nextOutboxDue() == nil ? true : nil
            }
            try await expectListingsClean(bot, jobs: number)
        }
        let messages = ["#ops", "private-U1", "private-U2", "private-nobody"].flatMap { outlet.latest(in: $0) }
        #expect(messages.count >= Self.forms.count * 5)
        #expect(messages.contains { $0.contains("<secret>") })
        for message in messages { expectClean(message, "a message") }
        try await expectTablesClean()
    }

    private func expectListingsClean(_ bot: Harness, jobs: Int64) async throws {
        for id in 1...jobs {
            let job = try #require(try await bot.ledger.job(id: id))
            try expectClean(
                JobDetails(
                    job: job, steps: try await bot.ledger.steps(jobID: id),
                    reports: try await bot.ledger.outbox(subject: "job/\(id)")), "job \(id)")
            let explanation = try await Explainer(reader: bot.ledger).explain("\(id)")
            try expectClean(explanation, "explain \(id)")
            expectClean(explanation.report.plainText, "explain \(id)")
        }
        let events = try await bot.ledger.events(limit: 1000, before: nil)
        #expect(events.count > Self.forms.count * 5)
        for event in events {
            try expectClean(EventListing(event), "event \(event.id)")
            try expectClean(try await Explainer(reader: bot.ledger).explain("event/\(event.id)"), "event \(event.id)")
        }
        for record in try await bot.ledger.audit(AuditFilter(limit: 1000)) {
            try expectClean(AuditListing(record), "audit record \(record.sequence)")
        }
    }

    /// Every column of every table, packed texts unpacked. Deliveries are exempt: what was received is kept as it came,
    /// so that its signature can be proven and what it says decoded again.
    private func expectTablesClean() async throws {
        let script = """
            import sqlite3, sys, zlib
            db = sqlite3.connect(sys.argv[1])
            db.text_factory = bytes
            count = 0
            for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                table = table.decode()
                if table == 'deliveries':
                    continue
                for row in db.execute('SELECT * FROM "%s"' % table):
                    count += 1
                    for value in row:
                        if isinstance(value, bytes):
                            try:
                                value = zlib.decompress(value[4:])
                            except zlib.error:
                                pass
                            print(table, value.decode('utf-8', 'replace'))
            print('rows', count)
            """
        let program = try await RunningProgram(
            "/usr/bin/python3", ["-c", script, folder.path("ledger.sqlite")], in: folder)
        #expect(await program.ended() == 0, "\(program.errors)")
        let output = program.output
        #expect(output.contains("rows ") && output.contains("<secret>"))
        for line in output.split(separator: "\n") { expectClean(String(line), "the table") }
    }

    /// Says what it was told.
    private final class LeakyStatus: PoolStatusSource {
        private let words = Mutex("")
        func say(_ text: String) { words.withLock { $0 = text } }
        func status(of pool: String, settings: JSONValue) async throws -> [Report.Block] {
            let text = words.withLock { $0 }
            return [.code("pod log: \(text)"), .fields([.init(text, text)])]
        }
    }
}
