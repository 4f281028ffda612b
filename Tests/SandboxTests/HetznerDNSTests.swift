import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

/// Zones and record sets of Hetzner's stand-in.
@Suite struct HetznerDNSTests {
    private typealias Fixture = HetznerFixture

    private func record(_ name: String, _ type: String, _ values: [String]) -> JSONValue {
        [
            "name": .string(name), "type": .string(type),
            "records": .array(values.map { ["value": .string($0)] }),
        ]
    }

    @Test func `A record set is made, set anew, given a time, and deleted`() async throws {
        try await Fixture().run { hetzner in
            try await hetzner.done("POST", "zones/example.com/rrsets", record("www", "A", ["203.0.113.5"]))
            #expect(hetzner.hetzner.records("example.com", "www", "A") == ["203.0.113.5"])
            let path = "zones/example.com/rrsets/www/A"
            #expect(
                try await hetzner.refusal("POST", "zones/example.com/rrsets", record("www", "A", ["203.0.113.6"]))
                    == "409 uniqueness_error")
            let answer = try await hetzner.call(
                "POST", "\(path)/actions/set_records", ["records": [["value": "203.0.113.6"]]])
            #expect(answer.status == 201)
            #expect(hetzner.hetzner.records("example.com", "www", "A") == ["203.0.113.5"])
            hetzner.time.advance(by: .seconds(1))
            #expect(hetzner.hetzner.records("example.com", "www", "A") == ["203.0.113.6"])
            try await hetzner.done("POST", "\(path)/actions/change_ttl", ["ttl": 60])
            #expect(try await hetzner.refusal("POST", "\(path)/actions/change_ttl", ["ttl": 59]) == "422 invalid_input")
            try await hetzner.done("POST", "\(path)/actions/change_protection", ["change": true])
            #expect(try await hetzner.refusal("DELETE", path) == "423 protected")
            try await hetzner.done("POST", "\(path)/actions/change_protection", ["change": false])
            try await hetzner.done("PUT", path, ["labels": ["defimon-pool": "analytics"]])
            let found = try await hetzner.get("zones/example.com/rrsets?label_selector=defimon-pool&type=A")
            #expect(found.at(path: "rrsets.0.ttl") == 60)
            try await hetzner.done("DELETE", path)
            #expect(try await hetzner.refusal("GET", path) == "404 not_found")
        }
    }

    @Test func `Records come and go one by one, and the last takes its set along`() async throws {
        try await Fixture().run { hetzner in
            let path = "zones/example.com/rrsets/@/TXT/actions"
            func records(_ values: String...) -> JSONValue {
                ["records": .array(values.map { ["value": .string("\"\($0)\"")] })]
            }
            try await hetzner.done("POST", "\(path)/add_records", records("a"))
            try await hetzner.done("POST", "\(path)/add_records", records("b"))
            #expect(hetzner.hetzner.records("example.com", "@", "TXT") == ["\"a\"", "\"b\""])
            #expect(try await hetzner.refusal("POST", "\(path)/add_records", records("b")) == "409 uniqueness_error")
            #expect(try await hetzner.refusal("POST", "\(path)/remove_records", records("c")) == "422 invalid_input")
            try await hetzner.done("POST", "\(path)/remove_records", records("a", "b"))
            #expect(try await hetzner.refusal("GET", "zones/example.com/rrsets/@/TXT") == "404 not_found")
        }
    }

    @Test(arguments: [
        ("www", "A", "203.0.113"), ("www", "AAAA", "203.0.113.5"), ("www", "TXT", "bare"), ("WWW", "A", "203.0.113.5"),
        ("www", "X", "y"),
    ])
    func `A record that is none is refused`(_ name: String, _ type: String, _ value: String) async throws {
        try await Fixture().run { hetzner in
            let refusal = try await hetzner.refusal(
                "POST", "zones/example.com/rrsets", record(name, type, [value]))
            #expect(refusal == "422 invalid_input")
        }
    }

    @Test func `A CNAME is alone at its name`() async throws {
        try await Fixture().run { hetzner in
            let path = "zones/example.com/rrsets"
            try await hetzner.done("POST", path, record("www", "CNAME", ["example.com."]))
            #expect(try await hetzner.refusal("POST", path, record("www", "A", ["203.0.113.5"])) == "422 invalid_input")
        }
    }

    @Test func `A zone has its own records from the beginning, and goes with all of them`() async throws {
        try await Fixture().run { hetzner in
            let order: JSONValue = ["name": "example.org", "mode": "primary", "ttl": 300]
            let id = try await hetzner.make("zones", order)
            #expect(try await hetzner.refusal("POST", "zones", order) == "409 uniqueness_error")
            #expect(try await hetzner.get("zones/example.org").at(path: "zone.id") == .int(Int64(id)))
            #expect(try await hetzner.get("zones?name=example.org").at(path: "zones.0.record_count") == 4)
            try await hetzner.done("POST", "zones/\(id)/actions/change_ttl", ["ttl": 600])
            #expect(try await hetzner.get("zones/\(id)").at(path: "zone.ttl") == 600)
            try await hetzner.done("DELETE", "zones/\(id)")
            #expect(try await hetzner.refusal("GET", "zones/example.org") == "404 not_found")
        }
    }
}
