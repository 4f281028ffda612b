import Domain
import Foundation
import Logging
import Outbound
import Sandbox
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@Suite struct SandboxPageTests {
    /// A page over a small world, and how to ask it.
    private struct Fixture: Sendable {
        let slack: SlackFixture
        let world: SandboxWorld
        let page: SandboxPage

        init(bot: FakeBot = FakeBot(), jobs: @escaping @Sendable () async -> JSONValue = { [] }) {
            slack = SlackFixture(bot: bot)
            let alerts = AlertSender(
                .init(token: Secret("alert-token"), alerts: [.gethDown("geth-0")]), send: bot.connection)
            world = SandboxWorld(slack: slack.slack, alerts: alerts, ethereum: EthereumStandIn(), jobs: jobs)
            page = SandboxPage(world, port: 0)
        }

        var services: [@Sendable () async throws -> Void] {
            [
                { try await slack.slack.run() }, { try await world.alerts.run() },
                { try await world.ethereum.run() }, { try await page.run() },
            ]
        }

        /// A request as the page's own program makes it.
        func post(_ path: String, _ body: JSONValue, _ change: ([String: String]) = [:]) async throws -> HTTPResponse {
            let url = try await page.url()
            var headers = ["Content-Type": "application/json", "Origin": url, "Sec-Fetch-Site": "same-origin"]
            headers.merge(change) { $1 }
            return try await ask(
                "POST", url + path, headers.filter { !$0.value.isEmpty }.map { ($0.key, $0.value) }, body.canonicalText)
        }

        func state(_ version: String = "") async throws -> (version: String, state: JSONValue) {
            let answer = try await ask("GET", "\(try await page.url())/sandbox/state?version=\(version)").json
            return (answer["version"]?.stringValue ?? "", answer["state"] ?? .null)
        }
    }

    @Test(arguments: [
        ("/", "text/html"), ("/sandbox/app.js", "text/javascript"), ("/sandbox/app.css", "text/css"),
        ("/sandbox/icon.svg", "image/svg+xml"), ("/sandbox/state", "application/json"),
    ])
    func everyAnswerIsBoundToItsOwnSite(path: String, type: String) async throws {
        let fixture = Fixture()
        try await running(fixture.services) {
            let answer = try await ask("GET", try await fixture.page.url() + path)
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"]?.hasPrefix(type) == true)
            let policy = answer.headers["content-security-policy"] ?? ""
            #expect(policy.contains("default-src 'none'") && !policy.contains("unsafe"))
            #expect(answer.headers["x-content-type-options"] == "nosniff")
        }
    }

    @Test func thePageHoldsNoInlineScriptAndNothingFromElsewhere() async throws {
        let fixture = Fixture()
        try await running(fixture.services) {
            let html = try await ask("GET", try await fixture.page.url()).text
            #expect(!html.contains("<script>") && !html.contains("style=") && !html.contains(" onclick"))
            #expect(!html.contains("http://") && !html.contains("https://"))
        }
    }

    @Test(arguments: [
        ["Origin": "http://evil.example"], ["Origin": ""], ["Origin": "null"], ["Content-Type": "text/plain"],
        ["Content-Type": "application/x-www-form-urlencoded"], ["Sec-Fetch-Site": "cross-site"],
        ["Host": "evil.example:8080"],
    ])
    func anotherSiteChangesNothing(headers: [String: String]) async throws {
        let fixture = Fixture()
        try await running(fixture.services) {
            let body: JSONValue = ["line": "/defimon deploy analytics", "user": "U0OLIVIA", "channel": "C0OPS"]
            let answer = try await fixture.post("/sandbox/type", body, headers)
            #expect(answer.status == 403)
            #expect(try answer.json["error"] != nil)
            #expect(fixture.slack.bot.received.isEmpty)
        }
    }

    @Test func anotherNameOfThisMachineReadsNothing() async throws {
        let fixture = Fixture()
        try await running(fixture.services) {
            let url = "\(try await fixture.page.url())/sandbox/state"
            #expect(try await ask("GET", url, [("Host", "rebound.example")]).status == 403)
            #expect(try await ask("GET", url, [("Host", "localhost:1234")]).status == 200)
            #expect(try await ask("GET", url, [("Host", "[::1]:1234")]).status == 200)
        }
    }

    @Test func whatIsTypedGoesToTheBotAndItsAnswerIsInTheState() async throws {
        let fixture = Fixture(bot: FakeBot { _ in (200, #"{"text":"Deploying *analytics*"}"#) })
        try await running(fixture.services) {
            let answer = try await fixture.post(
                "/sandbox/type", ["line": "/defimon deploy analytics", "user": "U0OLIVIA", "channel": "C0OPS"])
            #expect(answer.status == 200)
            #expect(fixture.slack.bot.received.count == 1)
            let messages = try await fixture.state().state.at(path: "channels.0.messages")?.arrayValue ?? []
            #expect(messages.map { $0["text"] } == ["/defimon deploy analytics", "Deploying *analytics*"])
            #expect(messages.map { $0["onlyFor"] } == ["U0OLIVIA", "U0OLIVIA"])
        }
    }

    @Test func `A modal is in the state of its person, and is sent and closed from the page`() async throws {
        let fixture = Fixture()
        try await running(fixture.services) {
            let line: JSONValue = ["line": "/defimon deploy", "user": "U0OLIVIA", "channel": "C0OPS"]
            for round in 1...2 {
                #expect(try await fixture.post("/sandbox/type", line).status == 200)
                let request = try #require(fixture.slack.bot.received.last)
                let trigger = request.text.split(separator: "&").first { $0.hasPrefix("trigger_id=") }
                let view: JSONValue = [
                    "type": "modal", "title": ["type": "plain_text", "text": "Deploy"],
                    "submit": ["type": "plain_text", "text": "Run"],
                    "blocks": [
                        [
                            "type": "input", "block_id": "note", "label": ["type": "plain_text", "text": "Note"],
                            "element": ["type": "plain_text_input", "action_id": "value"],
                        ]
                    ],
                ]
                _ = try await fixture.slack.call(
                    "views.open", ["trigger_id": .string(String(try #require(trigger).dropFirst(11))), "view": view])
                let open = try #require(try await fixture.state().state.at(path: "views.0"))
                #expect(open["user"] == "U0OLIVIA")
                #expect(open["view"] == view)
                var body: [String: JSONValue] = ["view": try #require(open["id"]), "user": "U0VICTOR", "values": [:]]
                #expect(try await fixture.post("/sandbox/submit", .object(body)).status == 400)
                body["user"] = "U0OLIVIA"
                #expect(try await fixture.post("/sandbox/submit", .object(body)).status == 200)
                let errors = try await fixture.state().state.at(path: "views.0.errors")
                #expect(errors == ["note": "Please complete this required field."])
                body["values"] = ["note": "all well"]
                let path = round == 1 ? "/sandbox/submit" : "/sandbox/close"
                #expect(try await fixture.post(path, .object(body)).status == 200)
                #expect(try await fixture.state().state["views"] == [])
                let isSent = fixture.slack.bot.received.last?.text.contains("view_submission") ?? false
                #expect(isSent == (round == 1))
            }
        }
    }

    @Test func whatCannotBeDoneIsSaid() async throws {
        let fixture = Fixture()
        try await running(fixture.services) {
            for (path, body) in [
                ("type", ["line": " ", "user": "U0OLIVIA", "channel": "C0OPS"]), ("type", ["line": "x"]),
                ("type", ["line": "x", "user": "U0NOBODY", "channel": "C0OPS"]),
                ("press", ["action": "a", "block": "b", "ts": "1.0", "channel": "C0OPS", "user": "U0OLIVIA"]),
                ("alert", ["id": "earthquake", "firing": true]), ("switch", ["id": "gravity", "on": false]),
                ("restart", ["node": "geth-9"]),
            ] as [(String, JSONValue)] {
                let answer = try await fixture.post("/sandbox/\(path)", body)
                #expect(answer.status == 400, "\(path)")
                #expect(try answer.json["error"]?.stringValue?.isEmpty == false)
            }
            let url = try await fixture.page.url()
            #expect(try await ask("GET", "\(url)/sandbox/type").status == 405)
            #expect(try await ask("GET", "\(url)/nowhere").status == 404)
        }
    }

    @Test func aWaitingPageHearsOfAMessageAndOfAJob() async throws {
        let jobs = Mutex<JSONValue>([])
        let fixture = Fixture(jobs: { jobs.withLock { $0 } })
        try await running(fixture.services) {
            let first = try await fixture.state()
            async let afterMessage = fixture.state(first.version)
            _ = try await fixture.slack.call("chat.postMessage", ["channel": "C0OPS", "text": "news"])
            let second = try await afterMessage
            #expect(second.version != first.version)
            async let afterJob = fixture.state(second.version)
            jobs.withLock { $0 = [["id": 42, "commandLine": "deploy analytics", "state": "running"]] }
            let third = try await afterJob
            #expect(third.state.at(path: "jobs.0.id") == 42)
        }
    }

    @Test func aSwitchTurnsAFailureOnAndOff() async throws {
        let fixture = Fixture()
        try await running(fixture.services) {
            for isOn in [true, false] {
                for item in fixture.world.switches {
                    _ = try await fixture.post("/sandbox/switch", ["id": .string(item.id), "on": .bool(isOn)])
                    #expect(await item.isOn() == isOn, "\(item.id)")
                }
            }
            #expect(Set(fixture.world.switches.map(\.id)).count == fixture.world.switches.count)
        }
    }

    @Test func anAlertIsFiredAndResolvedFromThePage() async throws {
        let fixture = Fixture()
        try await running(fixture.services) {
            for firing in [true, false] {
                let answer = try await fixture.post(
                    "/sandbox/alert", ["id": "geth-down-geth-0", "firing": .bool(firing)])
                #expect(answer.status == 200)
                let state = try await fixture.state().state
                #expect(state.at(path: "alerts.0.firing") == .bool(firing))
            }
            let sent = await eventually { fixture.slack.bot.received.count == 2 ? true : nil }
            #expect(sent == true)
        }
    }

    @Test func aTakenPortIsSaidClearly() async throws {
        let fixture = Fixture()
        try await running(fixture.services) {
            let port = try await fixture.page.url().split(separator: ":").last.flatMap { Int($0) } ?? 0
            let second = SandboxPage(fixture.world, port: port)
            await #expect(throws: SandboxServerError.self) { try await second.run() }
            await #expect(throws: SandboxServerError.self) { try await second.url() }
        }
    }

    @Test(.timeLimit(.minutes(1))) func aGracefulShutdownDoesNotWaitForOpenPagesOrRetries() async throws {
        let fixture = Fixture(bot: FakeBot { _ in (503, "") })
        let group = ServiceGroup(
            configuration: .init(
                services: [fixture.slack.slack, fixture.world.alerts, fixture.world.ethereum, fixture.page],
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })))
        async let ended: Void = group.run()
        let first = try await fixture.state()
        _ = try await fixture.post("/sandbox/alert", ["id": "geth-down-geth-0", "firing": true])
        let second = try await fixture.state(first.version)
        async let waiting = fixture.state(second.version)
        _ = await eventually { fixture.slack.bot.received.isEmpty ? nil : true }
        let begin = ContinuousClock.now
        await group.triggerGracefulShutdown()
        try await ended
        // The page's long poll is 20 seconds, Alertmanager's tries take 39.
        #expect(ContinuousClock.now - begin < .seconds(15))
        _ = try? await waiting  // an answer or a cut connection, both will do
    }
}
