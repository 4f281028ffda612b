import Alertmanager
import Domain
import Foundation
import Testing

@Suite struct AlertmanagerEventDecoderTests {
    private func state(_ event: Event?) throws -> AlertState {
        guard case .alert(let state)? = event?.origin else { throw CocoaError(.coderValueNotFound) }
        return state
    }

    @Test func aFiringAlertIsOneEvent() async throws {
        let events = try await Fixture.events(Fixture.body([Fixture.alert("geth-0:8545")]))
        #expect(events.count == 1)
        let event = try #require(events.first)
        #expect(event.kind == "alert")
        #expect(event.subject == "GethDown geth-0:8545")
        #expect(event.attributes.at(path: "labels.instance") == "geth-0:8545")
        #expect(event.attributes["status"] == "firing")
        #expect(event.attributes["endsAt"] == "")
        #expect(event.attributes.at(path: "groupLabels.alertname") == "GethDown")
        let state = try state(event)
        #expect(state.isFiring)
        #expect(state.endsAt == nil)
        #expect(state.startsAt.microseconds == 1_795_334_731_533_788)
        #expect(state.groupKey == "{}:{alertname=\"GethDown\"}")
        #expect(event.contentKey == "alert/\(state.fingerprint)/firing")
        #expect(event.occurredAt == state.startsAt)
    }

    @Test func aResolvedAlertHasAnEndAndAKeyOfItsOwn() async throws {
        let body = Fixture.body([Fixture.alert("a"), Fixture.alert("a", status: "resolved")])
        let events = try await Fixture.events(body)
        #expect(events.map { $0.attributes["status"] } == ["firing", "resolved"])
        #expect(Set(events.map(\.contentKey)).count == 2)
        let state = try state(events.last)
        #expect(!state.isFiring)
        #expect(state.endsAt == events.last?.occurredAt)
        #expect(events.last?.attributes["endsAt"] == "2026-11-22T08:15:00Z")
    }

    @Test func theSameAlertTwiceIsOneEvent() async throws {
        let shifted = Fixture.alert("a", more: ["startsAt": "2026-11-22T09:00:00Z"])
        #expect(try await Fixture.events(Fixture.body([Fixture.alert("a"), shifted])).count == 1)
    }

    @Test func fieldsOfRulesAreThere() async throws {
        let event = try #require(try await Fixture.events(Fixture.body([Fixture.alert("a")])).first)
        let group = try #require(try await Fixture.group(Fixture.body([Fixture.alert("a")])).first)
        for field in AlertmanagerEventDecoder(client: nil).fields where !["truncated", "reason"].contains(field.path) {
            #expect((event.attributes[field.path] != nil) == (field.kinds != ["group"]), "\(field.path)")
            #expect((group.attributes[field.path] != nil) == (field.kinds != ["alert"]), "\(field.path)")
        }
    }

    @Test(
        arguments: [
            (
                ["alertname": "A", "pod": "api-0", "namespace": "analytics", "instance": "exporter:1"],
                "A analytics/api-0"
            ),
            (["alertname": "A", "instance": "host:9100"], "A host:9100"), (["alertname": "A"], "A"),
            ([:], "alert without a name"), (["alertname": "A\nB\u{1b}[31m", "instance": "x\r\ny"], "A B [31m x  y"),
        ] as [([String: String], String)])
    func theSubjectIsOneLineForPeople(labels: [String: String], subject: String) async throws {
        let alert = Fixture.alert("a", more: ["labels": .object(labels.mapValues(JSONValue.string))])
        #expect(try await Fixture.events(Fixture.body([alert])).first?.subject == subject)
    }

    @Test func aFingerprintIsMadeWhereNoneIsGiven() async throws {
        let labels: JSONValue = [
            "alertname": "GethHeadBlockStuck", "instance": "geth-1:6060", "job": "geth", "severity": "critical",
        ]
        for given in [.null, "", "not hexadecimal!"] as [JSONValue] {
            let alert = Fixture.alert("a", more: ["labels": labels, "fingerprint": given])
            let event = try await Fixture.events(Fixture.body([alert])).first
            #expect(event?.attributes["fingerprint"] == "8c52285c3a9f49eb")
        }
    }

    @Test func anOldBodyTakesItsStatusFromTheGroup() async throws {
        let alert = Fixture.alert("a", status: .null)
        let events = try await Fixture.events(Fixture.body([alert], more: ["status": "resolved"]))
        #expect(try state(events.first).isFiring == false)
    }

    @Test(arguments: ["", "0001-01-01T00:00:00Z", "yesterday", .null] as [JSONValue])
    func anAlertWithoutATimeHasThatOfItsReceipt(time: JSONValue) async throws {
        let alert = Fixture.alert("a", status: "resolved", more: ["startsAt": time, "endsAt": time])
        let state = try state(try await Fixture.events(Fixture.body([alert])).first)
        #expect(state.startsAt == Fixture.receivedAt)
        #expect(state.endsAt == Fixture.receivedAt)
    }

    @Test(
        arguments: [
            (Fixture.body([], more: ["version": "3"]), "version '3'"),
            (Fixture.body([], more: ["version": "1"]), "version '1'"),
            (Fixture.body([], more: ["version": .null]), "no version"),
            (Fixture.body([], more: ["version": 4]), "version"),
            (["version": "4"], "missing"), (Fixture.body([], more: ["alerts": "x"]), "alerts"),
            (Fixture.body([["status": "firing"]]), "alerts.0.labels is missing"),
            (Fixture.body([Fixture.alert("a", more: ["labels": ["a": 1]])]), "alerts.0.labels"),
            (Fixture.body([Fixture.alert("a", status: "pending")]), "neither firing nor resolved"),
        ] as [(JSONValue, String)])
    func whatIsNotUnderstoodSaysWhy(body: JSONValue, word: String) async throws {
        let error = await #expect(throws: UndecodableDelivery.self) { try await Fixture.events(body) }
        #expect(error?.reason.contains(word) == true, "\(error?.reason ?? "")")
    }

    @Test func brokenJSONIsUndecodable() async throws {
        await #expect(throws: UndecodableDelivery.self) {
            try await AlertmanagerEventDecoder(client: nil).events(
                in: Fixture.delivery(Array("{\"version\":\"4\"".utf8)))
        }
    }

    @Test func alertsBeyondTheBoundAreCountedInANotice() async throws {
        let alerts = (0..<10_003).map { number -> JSONValue in
            ["status": "firing", "labels": ["alertname": "A", "instance": .string("\(number)")]]
        }
        let events = try await Fixture.events(Fixture.body(alerts))
        #expect(events.count == 10_001)
        #expect(events.last?.origin == .notice)
        #expect(events.last?.kind == "truncated")
        #expect(events.last?.attributes["truncated"] == 3)
    }

    @Test func sharedLabelsThatWouldFillTheLedgerAreRefused() async throws {
        let alerts = (0..<5000).map { number -> JSONValue in
            ["status": "firing", "labels": ["alertname": "A", "instance": .string("\(number)")]]
        }
        let big: JSONValue = ["description": .string(String(repeating: "x", count: 100_000))]
        let error = await #expect(throws: UndecodableDelivery.self) {
            try await Fixture.events(Fixture.body(alerts, more: ["commonAnnotations": big]))
        }
        #expect(error?.reason.contains("bytes") == true)
    }
}
