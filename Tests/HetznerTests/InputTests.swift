import Domain
import Testing

@testable import Hetzner

@Suite struct InputTests {
    private func problems(_ action: String, _ inputs: JSONValue) throws -> [String] {
        let type = try #require(
            HetznerActions.types(HetznerConnection(), root: "/").first { $0.name == "hetzner.\(action)" })
        var reader = InputReader.reading(LocatedValue(inputs))
        _ = type.make(&reader)
        reader.finish()
        return reader.problems.map(\.message)
    }

    private static func rule(_ members: [String: JSONValue]) -> JSONValue {
        let rule: [String: JSONValue] = ["protocol": "tcp", "port": "22", "sources": ["203.0.113.0/24"]]
        return ["name": "nodes", "rules": [.object(rule.merging(members) { $1 })]]
    }

    @Test(
        arguments: [
            ("network", ["name": "a", "range": "10.0.0.1/16"], "is no range of IPv4 addresses"),
            (
                "network", ["name": "a", "range": "10.0.0.0/16", "subnets": [["range": "10.1.0.0/24"]]],
                "is not within"
            ),
            ("firewall", rule(["sources": ""]), "the rule names no sources"),
            ("firewall", rule(["sources": []]), "the rule names no sources"),
            ("firewall", rule(["sources": ["everybody"]]), "is no range of addresses"),
            ("firewall", rule(["port": .null]), "the rule names no port"),
            ("firewall", rule(["port": "0"]), "is no port"), ("firewall", rule(["port": "65536"]), "is no port"),
            ("firewall", rule(["port": "20-10"]), "is no port"),
            ("firewall", rule(["protocol": "icmp"]), "icmp has no ports"),
            ("firewall", rule(["colour": "red"]), "unknown input 'colour'"),
            ("volume", ["name": "d", "size": "9GiB"], "must be at least 10GiB"),
            ("volume", ["name": "d", "size": "10GiB", "format": "zfs"], "is neither ext4 nor xfs"),
            ("certificate", ["name": "c", "certificate": "x", "private_key": "-----BEGIN"], "is written out"),
            ("dns-records", ["zone": "example.com", "name": "a", "values": ["none"]], "is no IPv4 address"),
            ("dns-zone", ["name": "example.com", "ttl": "59s"], "must be at least 60s"),
            (
                "server",
                CloudWorld.server.with(["networks": [["network": "pool", "private_ip": "10.0.0"]]]),
                "is no IPv4 address"
            ),
            ("server", CloudWorld.server.with(["secrets": ["x": ["env": "HOME"]]]), "is not {stored: NAME}"),
            ("server", CloudWorld.server.with(["labels": ["defimon-pool": "ml"]]), "is no label"),
            ("server", CloudWorld.server.with(["name": "Web_1"]), "input 'name'"),
            (
                "servers",
                CloudWorld.server.with(["count": 2, "networks": [["network": "pool", "private_ip": "10.0.0.2"]]]),
                "cannot have the same 'private_ip'"
            ),
            ("servers", CloudWorld.server.with(["count": 101]), "input 'count'"),
            (
                "load-balancer",
                [
                    "name": "l", "type": "lb11",
                    "services": [["listen_port": 443, "destination_port": 1, "protocol": "https"]],
                ],
                "https, and only https, has certificates"
            ),
            (
                "load-balancer", ["name": "l", "type": "lb11", "targets": [["use_private_ip": true]]],
                "a target is one of"
            ),
        ] as [(String, JSONValue, String)])
    func `a wrong input is told before anything runs`(_ kind: String, _ inputs: JSONValue, _ words: String) throws {
        let found = try problems("\(kind)-ensure", inputs)
        #expect(found.contains { $0.contains(words) }, "\(found)")
    }

    @Test func `right inputs have no problems`() throws {
        for thing in CloudWorld.things {
            var members = thing.objectValue ?? [:]
            let kind = members.removeValue(forKey: "kind")?.stringValue ?? ""
            #expect(try problems("\(kind)-ensure", .object(members)) == [], "\(kind)")
        }
    }

    @Test(arguments: [0, 100, 101, -1])
    func `a count has its bounds`(_ count: Int) throws {
        let found = try problems("scale", ["name": "workers", "count": .int(Int64(count))])
        #expect(found.isEmpty == (0...100).contains(count))
    }

    @Test func `a count is set or forgotten, not both`() throws {
        #expect(try problems("scale", ["name": "workers"]).count == 1)
        #expect(try problems("scale", ["name": "workers", "count": 1, "forget": true]).count == 1)
        #expect(try problems("scale", ["name": "workers", "forget": true]).isEmpty)
    }

    @Test(arguments: [
        ("6f1c2d3e-0000-4000-8000-000000000001", "6f1c2d3e-0000-4000-8000-000000000001"),
        ("step/1 of 2", "step-1-of-2"),
        (String(repeating: "a", count: 80), String(repeating: "a", count: 63)),
    ])
    func `a step's key is a label's value`(_ key: String, _ value: String) {
        #expect(HetznerMark.step(Fixture.context(key: key)) == value)
        #expect(HetznerName.label?.matches(value) == true)
    }

    @Test func `the patterns compile`() {
        let all = [
            HetznerName.thing, HetznerName.location, HetznerName.zone, HetznerName.type, HetznerName.image,
            HetznerName.label, HetznerName.key, HetznerName.selector, HetznerName.address, HetznerName.ports,
            HetznerName.domain, HetznerName.record,
        ]
        #expect(all.allSatisfy { $0 != nil })
    }
}
