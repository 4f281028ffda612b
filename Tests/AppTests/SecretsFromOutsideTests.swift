import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

@testable import App

/// A secret of the bot that stands in what comes from outside comes out nowhere: read from outside, sink by sink.
@Suite(.serialized) struct SecretsFromOutsideTests {
    private struct Form {
        var name: String
        var text: String
        /// The part of it that hangs on the secret alone.
        var trace: String
    }

    /// Each form of `secret` that must be recognised.
    private func forms(of secret: String) -> [Form] {
        let bytes = Array(secret.utf8)
        func base64(_ before: [UInt8]) -> String { Data(before + bytes).base64EncodedString() }
        func whole(_ name: String, _ text: String) -> Form { Form(name: name, text: text, trace: text) }
        func inner(_ name: String, _ text: String) -> Form {
            Form(name: name, text: text, trace: String(text.dropFirst(4).prefix(24)))
        }
        return [
            whole("raw", secret), inner("base64", base64([])), inner("base64 after one byte", base64([65])),
            inner("base64 after two bytes", base64([65, 66])),
            inner("base64url", base64([]).replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")),
            whole("hexadecimal", Hex.encode(bytes)),
            whole("capital hexadecimal", Hex.encode(bytes).uppercased()),
            whole("in JSON", JSONValue.string(secret).canonicalText.replacing("\"", with: "")),
        ]
    }

    @Test func `A secret in alerts, logs, titles, branches and typed words reaches no sink`() async throws {
        try await BotFromOutside.run { world in
            let secret = world.secrets.githubToken.reveal()
            let forms = forms(of: secret)
            func expectClean(_ text: String, _ sink: String) {
                for form in forms where text.contains(form.trace) {
                    let place = text.range(of: form.trace).map { text[..<$0.lowerBound].suffix(200) } ?? ""
                    Issue.record("\(sink) holds the secret, \(form.name), behind: \(place)")
                }
            }
            let bot = try await world.start()
            try await world.type("/defimon deploy analytics")
            _ = try #require(await world.message("deploy analytics", "succeeded"), "\(bot.text)")

            // A pod's log and the alert that makes the bot read it.
            world.standIns.kubernetes.setLogLines(
                forms.map { "password is \($0.text)" }, namespace: "analytics", workload: "redis")
            let said = forms.map(\.text).joined(separator: " ")
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
            for form in forms {
                try await world.type("/defimon restart-everything '\(form.text)'")
                try await world.say("/defimon preview '\(form.text)'", on: number, by: "olivia")
                let typed = try await world.command("run", "restart-everything '\(form.text)'")
                #expect(typed.code != 0)
                expectClean(typed.text, "defimon run")
            }
            let refused = try await world.session.send(
                HTTPRequest(
                    method: "POST", url: world.address + "/webhooks/github",
                    headers: [("X-GitHub-Event", said), ("X-Hub-Signature-256", "sha256=\(secret)")],
                    body: Array(said.utf8)),
                timeout: .seconds(10))
            #expect((400..<500).contains(refused.status))
            expectClean(refused.text, "the answer to what was refused")
            _ = await eventually { () -> Bool? in
                world.standIns.slack.messages(in: "C0OPS").filter {
                    $0.allText.contains("There is no command 'restart-everything")
                }.count
                    >= forms.count ? true : nil
            }
            let text = try await sinks(world, number, bot)
            for (sink, content) in text { expectClean(content, sink) }
            #expect(text["messages"]?.contains("&lt;secret&gt;") == true)
            #expect(text["audit list"]?.contains("<secret>") == true)
            try await expectFileClean(world, expectClean)
            await bot.end()
            expectClean(bot.text, "the log")
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
