import Alertmanager
import Domain
import Foundation
import TestSupport
import Testing

/// The event of a whole group.
struct GroupEventTests {
    private func state(_ event: Event) throws -> AlertState {
        guard case .alert(let state) = event.origin else { throw CancellationError() }
        return state
    }

    @Test func `A delivery has one event for its group, with what fires and what has resolved`() async throws {
        let later = Fixture.alert("geth-1:8545", more: ["startsAt": "2026-11-22T08:07:00Z"])
        let body = Fixture.body([Fixture.alert("geth-0:8545"), later, Fixture.alert("geth-2:8545", status: "resolved")])
        let events = try await Fixture.group(body)
        let group = try #require(events.first)
        #expect(events.count == 1)
        #expect(group.kind == "group")
        #expect(group.subject == "2 alerts: GethDown geth-0:8545, GethDown geth-1:8545")
        let wanted: [String: JSONValue] = [
            "status": "firing", "names": "GethDown", "subjects": "GethDown geth-0:8545, GethDown geth-1:8545",
            "count": 3, "firingCount": 2, "resolvedCount": 1, "omitted": 0, "startsAt": "2026-11-22T08:05:31Z",
            "endsAt": "",
        ]
        for (name, value) in wanted { #expect(group.attributes[name] == value, "\(name)") }
        #expect(group.attributes.at(path: "firing.1.labels.instance") == "geth-1:8545")
        #expect(group.attributes.at(path: "firing.0.annotations.summary") == "Geth is down")
        #expect(group.attributes.at(path: "resolved.0.labels.instance") == "geth-2:8545")
        #expect(group.attributes.at(path: "groupLabels.alertname") == "GethDown")
        let state = try state(group)
        #expect(state.isFiring)
        #expect(state.group == AlertGroupReference(receiver: "ops-bot", labels: ["alertname": "GethDown"]))
        #expect(state.fingerprint.hasPrefix("group-"))
    }

    @Test func `It has resolved when all of its alerts have, at the last one's end`() async throws {
        let last = Fixture.alert("b", status: "resolved", more: ["endsAt": "2026-11-22T09:00:00Z"])
        let body = Fixture.body([Fixture.alert("a", status: "resolved"), last], more: ["status": "resolved"])
        let group = try #require(try await Fixture.group(body).first)
        #expect(group.attributes["status"] == "resolved")
        #expect(group.attributes["endsAt"] == "2026-11-22T09:00:00Z")
        #expect(try !state(group).isFiring)
        #expect(group.subject == "2 alerts: GethDown a, GethDown b")
    }

    @Test func `Groups are told apart by their key alone`() async throws {
        func fingerprint(_ more: [String: JSONValue], _ instance: String = "a") async throws -> String {
            try state(try #require(try await Fixture.group(Fixture.body([Fixture.alert(instance)], more: more)).first))
                .fingerprint
        }
        let usual = try await fingerprint([:])
        #expect(try await fingerprint(["receiver": "other"], "b") == usual)
        #expect(try await fingerprint(["groupKey": "{}/{x=\"y\"}:{alertname=\"GethDown\"}"]) != usual)
    }

    @Test func `A body that names no group, or holds no alert, has no such event`() async throws {
        #expect(try await Fixture.group(Fixture.body([Fixture.alert("a")], more: ["groupKey": ""])) == [])
        #expect(try await Fixture.group(Fixture.body([])) == [])
    }

    @Test func `With alerts cut off of which nobody can say how they are, it has not ended`() async throws {
        let body = Fixture.body(
            [Fixture.alert("a", status: "resolved")], more: ["status": "resolved", "truncatedAlerts": 2])
        #expect(try state(try #require(try await Fixture.group(body).first)).isFiring)
    }

    @Test(arguments: [50, 51])
    func `Its lists hold fifty alerts, and it says how many are left out`(count: Int) async throws {
        let alerts = (0..<count).map { number -> JSONValue in
            ["status": "firing", "labels": ["alertname": "A", "i": .string("\(number)")]]
        }
        let group = try #require(try await Fixture.group(Fixture.body(alerts)).first)
        #expect(group.attributes["firing"]?.arrayValue?.count == 50)
        #expect(group.attributes["omitted"] == .int(Int64(count - 50)))
        #expect(group.attributes["firingCount"] == .int(Int64(count)))
    }

    @Test func `Its lists take sixteen KiB and no byte more`() async throws {
        func listed(_ length: Int) async throws -> (count: Int, bytes: Int) {
            let long: JSONValue = .string(String(repeating: "x", count: length))
            let alerts = (0..<2).map { number -> JSONValue in
                [
                    "status": number == 0 ? "firing" : "resolved",
                    "labels": ["alertname": "A", "i": .string("\(number)")], "annotations": ["text": long],
                ]
            }
            let group = try #require(try await Fixture.group(Fixture.body(alerts)).first)
            let items =
                (group.attributes["firing"]?.arrayValue ?? []) + (group.attributes["resolved"]?.arrayValue ?? [])
            return (items.count, items.reduce(0) { $0 + $1.canonicalText.utf8.count })
        }
        let empty = try await listed(0)
        #expect(empty.count == 2)
        let fits = (16 * 1024 - empty.bytes) / 2
        #expect(try await listed(fits).count == 2)
        #expect(try await listed(fits + 1).count == 1)
    }
}
