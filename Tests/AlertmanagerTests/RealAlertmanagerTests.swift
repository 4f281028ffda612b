import Alertmanager
import Domain
import Foundation
import Outbound
import Synchronization
import TestSupport
import Testing

/// Against Debian's Alertmanager, where it is installed.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/prometheus-alertmanager")))
struct RealAlertmanagerTests {
    @Test func alertsThatWereCutOffAreFetched() async throws {
        try await withSession { session in
            let bodies = Bodies()
            try await ScriptedServer.run(answering: { request in
                bodies.add(request.body)
                return .init(body: "{}")
            }) { hook in
                let folder = try TemporaryFolder()
                let alertmanager = try await Alertmanager.start(folder, hook: hook.url + "/hook")
                try await post(to: alertmanager, session)
                let cut = await eventually {
                    bodies.all.first { (try? JSONValue(parsing: $0))?["truncatedAlerts"] == 3 }
                }
                let client = AlertmanagerClient(url: alertmanager.url, session: session, token: nil)
                try await check(try #require(cut), client)
                await alertmanager.program.end(SIGKILL)
            }
        }
    }

    private final class Bodies: Sendable {
        private let bodies = Mutex<[[UInt8]]>([])

        var all: [[UInt8]] { bodies.withLock { $0 } }
        func add(_ body: [UInt8]) { bodies.withLock { $0.append(body) } }
    }

    private func post(to alertmanager: Alertmanager, _ session: HTTPSession) async throws {
        let alerts = (0..<5).map { number -> JSONValue in
            ["labels": ["alertname": #"Größe "zu" \ klein"#, "instance": .string("n\(number):9100")]]
        }
        let answer = try await session.send(
            HTTPRequest(
                method: "POST", url: alertmanager.url + "/api/v2/alerts",
                headers: [("Content-Type", "application/json")],
                body: JSONValue.array(alerts).canonicalBytes))
        #expect(answer.status == 200)
    }

    private func check(_ body: [UInt8], _ client: AlertmanagerClient) async throws {
        let events = try await AlertmanagerEventDecoder(client: client).events(in: Fixture.delivery(body))
        #expect(Set(events.compactMap { $0.attributes.at(path: "labels.instance")?.stringValue }).count == 5)
        #expect(events.count == 6)
        let group = try #require(events.last { $0.isGroup })
        #expect(group.attributes["firingCount"] == 5)
        guard case .alert(let state) = group.origin, let reference = state.group else {
            Issue.record("it names no group")
            return
        }
        let isGroupFiring = try await client.isFiring(group: reference)
        #expect(isGroupFiring)
        let other = AlertGroupReference(receiver: "ops-bot", labels: ["alertname": "Other"])
        let isOtherFiring = try await client.isFiring(group: other)
        #expect(!isOtherFiring)
        for event in events where !event.isGroup {
            let fingerprint = try #require(event.attributes["fingerprint"]?.stringValue)
            let isFiring = try await client.isFiring(fingerprint: fingerprint)
            #expect(isFiring)
        }
        let isFiring = try await client.isFiring(fingerprint: "0123456789abcdef")
        #expect(!isFiring)
    }

    /// A process of Alertmanager on a port that it chose itself.
    private struct Alertmanager {
        var url: String
        var program: RunningProgram

        static func start(_ folder: TemporaryFolder, hook: String) async throws -> Alertmanager {
            let config = """
                route: {receiver: ops-bot, group_by: [alertname], group_wait: 200ms, group_interval: 1s}
                receivers:
                  - name: ops-bot
                    webhook_configs: [{url: "\(hook)", max_alerts: 2}]
                """
            let pattern = try Pattern(#"(?s).*msg="Listening on" address=(?P<address>[0-9.:]+)\s.*"#)
            let program = try await RunningProgram(
                "/usr/bin/prometheus-alertmanager",
                [
                    "--config.file=\(try folder.write(config, to: "am.yml"))", "--storage.path=\(folder.path("data"))",
                    "--web.listen-address=127.0.0.1:0", "--cluster.listen-address=",
                ], in: folder)
            let address = await eventually { pattern.groups(in: program.text)?["address"] }
            return Alertmanager(
                url: "http://\(try #require(address, "Alertmanager does not say where it listens: \(program.text)"))",
                program: program)
        }
    }
}
