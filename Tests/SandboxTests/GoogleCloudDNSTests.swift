import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

/// Cloud DNS' stand-in.
@Suite struct GoogleCloudDNSTests {
    private typealias Fixture = GoogleCloudFixture
    private let zone = "projects/example-project/managedZones/example-com"

    private func call(
        _ google: GoogleCloudFixture, _ method: String, _ path: String, _ body: JSONValue? = nil
    ) async throws -> HTTPResponse {
        try await google.call(method, path, body, root: "/dns/v1/")
    }

    private func record(_ name: String = "www", _ data: String = "192.0.2.10", ttl: Int64 = 300, type: String = "A")
        -> JSONValue
    {
        [
            "name": .string("\(name).example.com."), "type": .string(type), "ttl": .int(ttl),
            "rrdatas": [.string(data)],
        ]
    }

    private func records(_ google: GoogleCloudFixture, _ query: String) async throws -> [JSONValue] {
        try await call(google, "GET", "\(zone)/rrsets?\(query)").json["rrsets"]?.arrayValue ?? []
    }

    @Test func aChangeIsPendingThenDone() async throws {
        try await Fixture().run { google in
            let change = try await call(google, "POST", "\(zone)/changes", ["additions": [record()]]).json
            #expect(change["status"] == "pending")
            let path = "\(zone)/changes/\(change["id"]?.stringValue ?? "")"
            google.time.advance(by: .milliseconds(999))
            #expect(try await call(google, "GET", path).json["status"] == "pending")
            google.time.advance(by: .milliseconds(1))
            #expect(try await call(google, "GET", path).json["status"] == "done")
            #expect(try await records(google, "name=www.example.com.&type=A").first?["rrdatas"] == ["192.0.2.10"])
        }
    }

    @Test func theSameClientOperationIDGivesTheSameChange() async throws {
        try await Fixture().run { google in
            let path = "\(zone)/changes?clientOperationId=job-1"
            let first = try await call(google, "POST", path, ["additions": [record()]]).json["id"]
            let again = try await call(google, "POST", path, ["additions": [record()]])
            #expect(again.status == 200)
            #expect(try again.json["id"] == first)
            let other = try await call(google, "POST", path, ["additions": [record("mail")]])
            #expect(other.status == 409)
        }
    }

    @Test func aChangeReplacesARecordInOneStep() async throws {
        try await Fixture().run { google in
            _ = try await call(google, "POST", "\(zone)/changes", ["additions": [record()]])
            let replaced = try await call(
                google, "POST", "\(zone)/changes",
                ["deletions": [record()], "additions": [record("www", "192.0.2.20")]])
            #expect(replaced.status == 200)
            #expect(try await records(google, "name=www.example.com.").map { $0["rrdatas"] } == [["192.0.2.20"]])
        }
    }

    @Test func aDeletionMustSayWhatIsThere() async throws {
        try await Fixture().run { google in
            _ = try await call(google, "POST", "\(zone)/changes", ["additions": [record()]])
            let stale = Fixture.Refusal(
                try await call(google, "POST", "\(zone)/changes", ["deletions": [record("www", "192.0.2.99")]]))
            #expect(stale.status == 412)
            #expect(stale.reason == "conditionNotMet")
            #expect(try await records(google, "name=www.example.com.").count == 1)
        }
    }

    @Test(arguments: [
        ("www", "A", "192.0.2.10", 409, "alreadyExists"),
        ("www", "CNAME", "example.com.", 400, "cnameResourceRecordSetConflict"),
        ("new", "A", "example.com.", 400, "invalid"), ("new", "B", "x", 400, "invalid"),
    ])
    func anAdditionThatCannotBeIsRefused(
        _ name: String, _ type: String, _ data: String, _ status: Int, _ reason: String
    ) async throws {
        try await Fixture().run { google in
            _ = try await call(google, "POST", "\(zone)/changes", ["additions": [record()]])
            let refusal = Fixture.Refusal(
                try await call(google, "POST", "\(zone)/changes", ["additions": [record(name, data, type: type)]]))
            #expect(refusal.status == status)
            #expect(refusal.reason == reason)
        }
    }

    @Test func aNameOutsideOfTheZoneIsRefused() async throws {
        try await Fixture().run { google async throws in
            let record: JSONValue = ["name": "www.example.org.", "type": "A", "ttl": 300, "rrdatas": ["192.0.2.1"]]
            #expect(try await call(google, "POST", "\(zone)/changes", ["additions": [record]]).status == 400)
        }
    }

    @Test func oneRecordSetIsMadeChangedAndDeletedByItself() async throws {
        try await Fixture().run { google async throws in
            #expect(try await call(google, "POST", "\(zone)/rrsets", record()).status == 200)
            let path = "\(zone)/rrsets/www.example.com./A"
            #expect(try await call(google, "PATCH", path, ["ttl": 60]).json["ttl"] == 60)
            #expect(try await call(google, "DELETE", path).status == 200)
            #expect(try await call(google, "GET", path).status == 404)
        }
    }

    @Test func aZoneIsMadeAndNotDeletedWhileItHasRecords() async throws {
        try await Fixture().run { google in
            let zones = "projects/example-project/managedZones"
            let made = try await call(
                google, "POST", zones, ["name": "ml", "dnsName": "ml.example.com.", "description": "defimon ml"])
            #expect(made.status == 200)
            let record: JSONValue = ["name": "a.ml.example.com.", "type": "A", "ttl": 60, "rrdatas": ["192.0.2.1"]]
            _ = try await call(google, "POST", "\(zones)/ml/changes", ["additions": [record]])
            #expect(Fixture.Refusal(try await call(google, "DELETE", "\(zones)/ml")).reason == "containerNotEmpty")
            _ = try await call(google, "POST", "\(zones)/ml/changes", ["deletions": [record]])
            #expect(try await call(google, "DELETE", "\(zones)/ml").status == 204)
        }
    }
}
