import Domain
import Testing

@testable import GoogleCloud

@Suite struct InputTests {
    @Test(arguments: [
        ("tcp:30303", "tcp:30303"), ("tcp:9090-9099,8545", "tcp:8545,9090-9099"), ("icmp", "icmp"), ("all", "all"),
        ("udp:0", "udp:0"), ("tcp:65535", "tcp:65535"), ("112", "112"), ("tcp:65536", nil), ("tcp:", nil),
        ("icmp:8", nil), ("tcp:20-10", nil), ("http", nil), ("tcp:a", nil),
    ])
    func `protocols and ports are read`(_ text: String, _ shown: String?) {
        #expect(ProtocolPorts(text)?.text == shown)
    }

    private func problems(_ action: String, _ inputs: JSONValue) throws -> [String] {
        let type = try #require(GoogleCloudActions.types(CloudConnection(), root: "/").first { $0.name == action })
        var reader = InputReader.reading(LocatedValue(inputs))
        _ = type.make(&reader)
        reader.finish()
        return reader.problems.map(\.message)
    }

    @Test(
        arguments: [
            (
                ["name": "p2p", "network": "main", "allow": ["http"], "source_ranges": ["0.0.0.0/0"]],
                "'http' in 'allow'"
            ),
            (["name": "p2p", "network": "main", "source_ranges": ["0.0.0.0/0"]], "lets something through"),
            (["name": "p2p", "network": "main", "allow": ["all"]], "names no source"),
            (["name": "P2P", "network": "main", "allow": ["all"], "source_ranges": ["0.0.0.0/0"]], "input 'name'"),
        ] as [(JSONValue, String)])
    func `a wrong firewall rule is told before it runs`(_ inputs: JSONValue, _ words: String) throws {
        #expect(try problems("gcp.firewall-ensure", inputs).contains { $0.contains(words) })
    }

    @Test func `labels are Google's, and the mark is nobody's`() throws {
        let disk: JSONValue = ["name": "d", "size": "10GiB"]
        #expect(try problems("gcp.disk-ensure", disk.with(["labels": ["role": "chain", "empty": ""]])).isEmpty)
        for labels in [["Role": "chain"], ["role": "Chain"], ["defimon": "analytics"]] as [JSONValue] {
            #expect(try problems("gcp.disk-ensure", disk.with(["labels": labels])).count == 1)
        }
    }

    @Test func `a template has nothing that belongs to one instance`() throws {
        let inputs: JSONValue = [
            "name": "geth-1", "machine_type": "n2-standard-8", "subnetwork": "nodes", "boot_size": "50GiB",
            "image": "images/node", "disks": ["chain-0"],
        ]
        #expect(
            try problems("gcp.instance-template-ensure", inputs) == [
                "'disks' belongs to one instance, not to a template"
            ])
    }

    @Test func `the description says which pool a thing belongs to, and no other words do`() {
        func pool(_ text: String) -> String? { PoolMark.pool(of: ["description": .string(text)], .firewall) }
        #expect(pool(PoolMark.description("infrastructure")) == "infrastructure")
        #expect(pool("defimon infrastructure (before: by hand)") == "infrastructure")
        #expect(pool("defimon") == nil)
        #expect(pool("not defimon infrastructure") == nil)
        #expect(pool("") == nil)
    }
}
