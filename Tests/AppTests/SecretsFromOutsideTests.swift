import Domain
import Foundation
import Outbound
import Sandbox
import Synchronization
import TestSupport
import Testing

@testable import App

/// A secret of the bot that stands in what comes from outside comes out nowhere: read from outside, sink by sink.
@Suite(.serialized) struct SecretsFromOutsideTests {
    /// The halves of a secret, which come in two parts.
    private final class Halves: Sendable {
        private let texts = Mutex(["", ""])
        var value: [String] { texts.withLock { $0 } }

        func set(_ secret: String) {
            let middle = secret.index(secret.startIndex, offsetBy: secret.count / 2)
            texts.withLock { $0 = [String(secret[..<middle]), String(secret[middle...])] }
        }
    }

    /// Those who get reports or copies, and answer with a secret.
    private struct Others {
        let mail: MailRecipient
        let webhooks: ScriptedServer
        let host: SSHServer
    }

    @Test func `A secret in alerts, logs, titles, branches, answers and typed words reaches no sink`() async throws {
        let halves = Halves()
        try await ScriptedServer.run(answering: { request in
            guard request.path == "/broken" else { return ScriptedServer.Answer() }
            let halves = halves.value
            var answer = ScriptedServer.Answer(status: 400, headers: ["Content-Type": "text/plain"])
            answer.parts = ["the key " + halves[0], halves[1] + " is blocked"]
            return answer
        }) { webhooks in
            try await BotFromOutside.run { world in
                halves.set(world.secrets.githubToken.reveal())
                let host = try await SSHServer.start()
                let mail = try await MailRecipient.start(in: world.folder)
                try await plant(in: world, Others(mail: mail, webhooks: webhooks, host: host))
                await host.stop()
            }
        }
    }

    /// A bot with every kind of sink, a token whose file's name holds a secret, and a folder for copies whose name does:
    /// it is none, which `sftp` says on its error stream.
    private func settle(_ world: BotFromOutside, _ others: Others, _ planted: PlantedSecrets) throws {
        try world.changeSettings(
            "report: [\"slack:#ops\"]\n",
            to: "report: [\"slack:#ops\", \"email:admin\", \"webhook:siem\", \"webhook:broken\"]\n")
        let ends = Int64(Date().timeIntervalSince1970) + 86_400
        let claims = Data("{\"exp\":\(ends)}".utf8).base64EncodedString()
        let jwt = "\(planted.plain).jwt"
        for (name, text) in [("awkward", planted.awkward), (jwt, "e30.\(claims).c2lnbmF0dXJl")] {
            chmod(try world.folder.write(text, to: name), 0o600)
        }
        let target = others.host.target
        try world.folder.write(
            try String(contentsOfFile: world.settings, encoding: .utf8) + """

                email:
                  server: localhost
                  port: \(others.mail.port)
                  from: defimon@example.com
                  admin: ops@example.com
                  ca: \(others.mail.certificate)
                outgoing_webhooks:
                  siem: {url: "\(others.webhooks.url)/siem", secret: {file: awkward}}
                  broken: {url: "\(others.webhooks.url)/broken", secret: {file: awkward}}
                  later: {url: "\(others.webhooks.url)/later", secret: {file: "\(jwt)"}}
                backup:
                  ssh:
                    host: \(target.host)
                    port: \(target.port)
                    user: \(target.user)
                    folder: \(try others.host.folder.write("", to: planted.plain))
                    key: {file: \(target.keyFile)}
                    known_hosts: \(target.knownHostsFile)

                """, to: "defimon.yaml")
    }

    private func plant(in world: BotFromOutside, _ others: Others) async throws {
        let secret = world.secrets.githubToken.reveal()
        let planted = PlantedSecrets(plain: secret)
        try settle(world, others, planted)
        let bot = try await world.start()
        try await world.type("/defimon deploy analytics")
        _ = try #require(await world.message("deploy analytics", "succeeded"), "\(bot.text)")

        // A pod's log and the alert that makes the bot read it. A report shows its last 20 lines.
        let texts = planted.forms.map(\.text)
        world.standIns.kubernetes.setLogLines(
            stride(from: 0, to: texts.count, by: 2).map {
                "passwords: " + texts[$0..<min($0 + 2, texts.count)].joined(separator: " ")
            },
            namespace: "analytics", workload: "redis")
        let said = texts.joined(separator: " ")
        let answer = try await world.session.send(
            HTTPRequest(
                method: "POST", url: world.address + "/webhooks/alertmanager",
                headers: [
                    ("Content-Type", "application/json"),
                    ("Authorization", "Bearer \(world.secrets.alertmanager.reveal())"),
                ], body: alert(said).canonicalBytes), timeout: .seconds(10))
        #expect(answer.status == 200, "\(answer.text)")
        _ = try #require(await world.message("diagnose-pod", "redis-0", "succeeded"), "\(bot.text)")

        // A pull request, and words that people type in chat, on GitHub and on the machine.
        let number = try await world.github.openPullRequest(
            repository: world.repository, branch: "fix-\(secret)", title: "Uses \(said)", author: "olivia")
        _ = try #require(await world.comment(on: number, "waits for the workflow"), "\(bot.text)")
        for form in planted.plainForms {
            try await world.type("/defimon restart-everything '\(form.text)'")
            try await world.say("/defimon preview '\(form.text)'", on: number, by: "olivia")
            let typed = try await world.command("run", "restart-everything '\(form.text)'")
            #expect(typed.code != 0)
            planted.expectClean(typed.text, "defimon run")
        }
        let refused = try await world.session.send(
            HTTPRequest(
                method: "POST", url: world.address + "/webhooks/github",
                headers: [("X-GitHub-Event", said), ("X-Hub-Signature-256", "sha256=\(secret)")],
                body: Array(said.utf8)),
            timeout: .seconds(10))
        #expect((400..<500).contains(refused.status))
        planted.expectClean(refused.text, "the answer to what was refused")
        let areAnswered: Bool? = await eventually {
            world.standIns.slack.messages(in: "C0OPS").filter {
                $0.allText.contains("There is no command 'restart-everything")
            }.count >= planted.plainForms.count ? true : nil
        }
        #expect(areAnswered == true)

        try await freeze(world, planted)
        try await expectOthersClean(others, planted)
        try await expectSplitRedacted(world, planted, bot)
        try await expectDeliveryIDClean(world)
        let text = try await sinks(world, number, bot)
        for (sink, content) in text { planted.expectClean(content, sink) }
        #expect(text["messages"]?.contains("&lt;secret&gt;") == true)
        for (sink, content) in text where sink.hasPrefix("audit ") { planted.expectRedacted(content, sink, marks: 20) }
        planted.expectRedacted(text["explain the alert"], "explain the alert", marks: planted.forms.count)
        planted.expectRedacted(text["explain the alert for people"], "explain the alert for people")
        #expect(text["metrics"]?.contains("token file:<secret>.jwt") == true)
        try await expectFileClean(world, planted.expectClean)
        await bot.end()
        planted.expectRedacted(bot.text, "the log")
    }

    /// Each form as the reason of a freeze, of which all places are told, mail too. A reason takes 300 characters.
    private func freeze(_ world: BotFromOutside, _ planted: PlantedSecrets) async throws {
        var groups: [[String]] = [[]]
        for text in planted.forms.map(\.text) {
            let taken = groups[groups.count - 1].reduce(0) { $0 + $1.count + 1 }
            if taken + text.count > 280 { groups.append([]) }
            groups[groups.count - 1].append(text)
        }
        for group in groups {
            try await world.type("/defimon freeze " + group.joined(separator: " "))
            let thawed = try await eventually { () -> String? in
                let done = try await world.command("thaw")
                return done.code == 0 ? done.text : nil
            }
            planted.expectClean(try #require(thawed), "defimon thaw")
        }
    }

    /// Mails and what programs get by HTTP.
    private func expectOthersClean(_ others: Others, _ planted: PlantedSecrets) async throws {
        // Two forms of each line.
        let lines = (planted.forms.count + 1) / 2
        let frozen: Bool? = await eventually {
            others.mail.mails.joined().components(separatedBy: Redactor.mark).count > planted.forms.count ? true : nil
        }
        #expect(frozen == true, "\(others.mail.mails)")
        let title = await eventually { others.mail.mails.first { $0.contains(".jwt ends in") } }
        planted.expectRedacted(title, "the mail about the token")
        for content in others.mail.mails { planted.expectClean(content, "a mail") }
        for path in ["/siem", "/broken"] {
            let body = await eventually {
                others.webhooks.requests.first { $0.path == path && $0.text.contains("passwords: ") }?.text
            }
            planted.expectRedacted(body, "the report to \(path)", marks: lines)
        }
        for request in others.webhooks.requests {
            planted.expectClean(request.text + "\(request.headers)\(request.path)", "a report to a program")
        }
    }

    /// What a program said, and what came of a receiver by HTTP in two parts with a secret across them.
    private func expectSplitRedacted(_ world: BotFromOutside, _ planted: PlantedSecrets, _ bot: RunningProgram)
        async throws
    {
        for (kind, words) in [
            ("backup.failed", "<secret>\\\" is not a directory"),
            ("report.failed", "the key <secret> is blocked"),
        ] {
            let records = try await eventually { () -> String? in
                let text = try await world.command("audit", "list", "--json", "--kind", kind, "--limit", "1000").text
                return text.contains(words) ? text : nil
            }
            #expect(records != nil, "\(kind): \(bot.text.suffix(3000))")
        }
        let message = await world.message("The ledger could not be backed up")
        #expect(message?.contains("/&lt;secret&gt;") == true, "\(message ?? "no message")")
        #expect(bot.text.contains("<secret>\" is not a directory"))
    }

    /// A sender's own id of a delivery that is a secret.
    private func expectDeliveryIDClean(_ world: BotFromOutside) async throws {
        let id = world.secrets.alertmanager.reveal()
        let body = Array("{\"zen\":\"Keep it logically awesome.\"}".utf8)
        let code = Hex.encode(HMACSHA256.code(for: [body], key: world.secrets.githubWebhook))
        let answer = try await world.session.send(
            HTTPRequest(
                method: "POST", url: world.address + "/webhooks/github",
                headers: [
                    ("X-GitHub-Event", "ping"), ("X-GitHub-Delivery", id), ("X-Hub-Signature-256", "sha256=\(code)"),
                    ("Content-Type", "application/json"),
                ], body: body), timeout: .seconds(10))
        #expect((200..<300).contains(answer.status), "\(answer.text)")
        let listed = try await world.command(
            "audit", "list", "--json", "--kind", "delivery.accepted", "--limit", "1000")
        let records = try JSONValue(parsing: Array(listed.text.utf8))["records"]?.arrayValue ?? []
        let record = try #require(records.first { $0["detail"]?["delivery_id"] == "<secret>" }, "\(listed.text)")
        let subject = record["subject"]?.stringValue ?? ""
        for arguments in [["--json"], []] {
            let explained = try await world.command(["explain", subject] + arguments)
            #expect(explained.code == 0 && explained.text.contains("<secret>"), "\(explained.text)")
            #expect(!explained.text.contains(id))
        }
    }

    /// What people and programs can read of the bot.
    private func sinks(_ world: BotFromOutside, _ number: Int, _ bot: RunningProgram) async throws -> [String: String] {
        var text = ["log": bot.text]
        // What people typed themselves is the stand-in's, not the bot's.
        let messages = ["C0OPS", "C0ONCALL"].flatMap { world.standIns.slack.messages(in: $0) }.filter { message in
            if case .person = message.author { false } else { true }
        }
        text["messages"] = messages.map(\.allText).joined(separator: "\n")
        text["comments"] = world.botComments(number).joined(separator: "\n")
        text["jobs list"] = try await world.command("jobs", "list", "--json", "--limit", "1000").text
        text["audit list"] = try await world.command("audit", "list", "--json", "--limit", "1000").text
        let jobs = try JSONValue(parsing: Array((text["jobs list"] ?? "").utf8))["jobs"]?.arrayValue ?? []
        #expect(jobs.count >= 3)
        for job in jobs {
            let id = job["id"]?.plainText ?? ""
            text["jobs show \(id)"] = try await world.command("jobs", "show", id, "--json").text
            text["explain \(id)"] = try await world.command("explain", id, "--json").text
            text["explain \(id) for people"] = try await world.command("explain", id).text
        }
        // The job that the alert began.
        let diagnosis = jobs.first { $0["command_line"]?.stringValue?.contains("diagnose-pod") == true }
        let id = diagnosis?["id"]?.plainText ?? ""
        text["explain the alert"] = text["explain \(id)"]
        text["explain the alert for people"] = text["explain \(id) for people"]
        for format in ["jsonl", "csv"] {
            text["audit export, \(format)"] = try await world.command("audit", "export", "--format", format).text
        }
        text["readyz"] = await world.readiness()?.text
        text["metrics"] = try await world.session.send(
            HTTPRequest(url: world.address + "/metrics"), timeout: .seconds(10)
        ).text
        return text
    }

    /// Every column of every table, packed texts unpacked. Deliveries are exempt: what was received is kept as it came,
    /// so that its signature can be proven and what it says decoded again.
    private func expectFileClean(_ world: BotFromOutside, _ expectClean: (String, String) -> Void) async throws {
        let script = """
            import sqlite3, sys, zlib
            db = sqlite3.connect(sys.argv[1])
            db.text_factory = bytes
            for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                table = table.decode()
                if table == 'deliveries':
                    continue
                for row in db.execute('SELECT * FROM "%s"' % table):
                    for value in row:
                        if isinstance(value, bytes):
                            try:
                                value = zlib.decompress(value[4:])
                            except zlib.error:
                                pass
                            print(table, value.decode('utf-8', 'replace'))
            """
        let program = try await RunningProgram(
            "/usr/bin/python3", ["-c", script, world.folder.path("defimon.sqlite")], in: world.folder)
        #expect(await program.ended() == 0, "\(program.errors)")
        #expect(program.output.contains("<secret>"))
        expectClean(program.output, "the ledger's file")
    }

    private func alert(_ said: String) -> JSONValue {
        let labels: JSONValue = [
            "alertname": "KubernetesPodCrashLooping", "container": "redis", "namespace": "analytics", "pod": "redis-0",
            "severity": "critical", "said": .string(said),
        ]
        let annotations: JSONValue = ["summary": .string("redis-0 says \(said)"), "description": .string(said)]
        return [
            "version": "4", "groupKey": .string("{}:{alertname=\"\(said)\"}"), "truncatedAlerts": 0, "status": "firing",
            "receiver": "defimon", "groupLabels": ["alertname": "KubernetesPodCrashLooping"], "commonLabels": labels,
            "commonAnnotations": annotations, "externalURL": "http://127.0.0.1:9093",
            "alerts": [
                [
                    "status": "firing", "labels": labels, "annotations": annotations,
                    "startsAt": "2026-03-01T12:00:00.5Z", "endsAt": "0001-01-01T00:00:00Z",
                    "generatorURL": .string("http://127.0.0.1/graph?q=\(said)"), "fingerprint": "9a4471c0d5be6f99",
                ]
            ],
        ]
    }
}
