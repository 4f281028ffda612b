import Alertmanager
import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@Suite struct TruncatedAlertsTests {
    private static let body = Fixture.body([Fixture.alert("geth-0")], more: ["truncatedAlerts": 2])

    private static func listed(_ instance: String, _ fingerprint: String) -> JSONValue {
        [
            "labels": ["alertname": "GethDown", "instance": .string(instance)], "annotations": [:],
            "startsAt": "2026-11-22T08:05:31.533Z", "endsAt": "2026-11-22T08:20:31Z",
            "fingerprint": .string(fingerprint),
            "receivers": [["name": "ops-bot"]], "updatedAt": "2026-11-22T08:16:31Z",
            "status": ["state": "active", "silencedBy": [], "inhibitedBy": []],
        ]
    }

    private func events(
        _ answer: ScriptedServer.Answer, check: @escaping @Sendable (ScriptedServer) -> Void = { _ in }
    ) async throws -> [Event] {
        try await withSession { session in
            try await ScriptedServer.run(answering: { _ in answer }) { server in
                let client = AlertmanagerClient(url: server.url + "/am/", session: session, token: Secret("api-token"))
                let events = try await Fixture.events(Self.body, client: client)
                check(server)
                return events
            }
        }
    }

    @Test func missingAlertsAreAskedFor() async throws {
        let list: JSONValue = .array([
            Self.listed("geth-1", "00000000000000a1"), Self.listed("geth-2", "00000000000000a2"),
        ])
        let events = try await events(.init(body: list.canonicalText)) { server in
            let request = server.requests.first
            #expect(request?.path.hasPrefix("/am/api/v2/alerts?active=true&silenced=false&inhibited=false") == true)
            #expect(request?.path.contains("filter=alertname%3D%22GethDown%22") == true)
            #expect(request?.path.contains("receiver=ops") == true)
            #expect(request?.headers["authorization"] == "Bearer api-token")
        }
        #expect(events.map(\.subject) == ["GethDown geth-0", "GethDown geth-1", "GethDown geth-2"])
        #expect(events.allSatisfy { $0.kind == "alert" })
    }

    @Test func whatTheAPIDoesNotListIsCounted() async throws {
        let list: JSONValue = .array([Self.listed("geth-1", "00000000000000a1")])
        let events = try await events(.init(body: list.canonicalText))
        #expect(events.map(\.kind) == ["alert", "alert", "truncated"])
        #expect(events.last?.attributes["truncated"] == 1)
    }

    @Test(arguments: [
        ScriptedServer.Answer(status: 500, body: "boom"), .init(body: "{}"), .init(body: "<html>"),
        .init(status: 302, headers: ["Location": "/elsewhere"]), .init(status: 401, body: "no"),
    ])
    func anAPIThatFailsLeavesWhatIsThere(answer: ScriptedServer.Answer) async throws {
        let events = try await events(answer)
        #expect(events.map(\.kind) == ["alert", "truncated"])
        #expect(events.last?.attributes["truncated"] == 2)
        #expect(events.last?.attributes["reason"]?.stringValue?.contains("could not be asked") == true)
        #expect(events.last?.origin == .notice)
    }

    @Test func withoutAnAPITheyAreCounted() async throws {
        let events = try await Fixture.events(Self.body)
        #expect(events.map(\.kind) == ["alert", "truncated"])
        #expect(events.last?.attributes["reason"]?.stringValue?.contains("api_url") == true)
        #expect(try await Fixture.events(Self.body).map(\.contentKey) == events.map(\.contentKey))
    }

    @Test func anAlertFiresWhenTheAPIListsIt() async throws {
        let list = JSONValue.array([Self.listed("geth-1", "00000000000000a1")]).canonicalText
        try await withSession { session in
            try await ScriptedServer.run(answering: { _ in .init(body: list) }) { server in
                let client = AlertmanagerClient(url: server.url, session: session, token: nil)
                let listed = try await client.isFiring(fingerprint: "00000000000000a1")
                let other = try await client.isFiring(fingerprint: "00000000000000a2")
                #expect(listed && !other)
                #expect(server.requests.first?.path.contains("silenced=true") == true)
                #expect(server.requests.first?.headers["authorization"] == nil)
            }
        }
    }

    @Test func anAPIThatIsNotThereCannotTell() async throws {
        let session = try HTTPSession()
        let client = AlertmanagerClient(url: "http://127.0.0.1:1", session: session, token: nil)
        await #expect(throws: AlertmanagerClient.Failure.self) { try await client.isFiring(fingerprint: "a") }
        await session.shutdown()
    }
}
