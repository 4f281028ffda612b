import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

/// Networks, firewalls, addresses and volumes of Hetzner's stand-in.
@Suite struct HetznerNetworkTests {
    private typealias Fixture = HetznerFixture

    @Test func `Servers get free addresses of a subnet, or the one that they ask for`() async throws {
        try await Fixture().run { hetzner in
            let network = try await hetzner.makeNetwork()
            let one = try await hetzner.makeServer("one", ["networks": [.int(Int64(network))]])
            #expect(try await hetzner.server(one, "private_net.0.ip") == "10.40.1.2")
            let two = try await hetzner.makeServer("two")
            let path = "servers/\(two)/actions/attach_to_network"
            func ask(_ ip: String) -> JSONValue { ["network": .int(Int64(network)), "ip": .string(ip)] }
            for ip in ["10.40.1.1", "10.40.1.2", "10.40.2.7", "10.40.1.255"] {
                #expect(try await hetzner.refusal("POST", path, ask(ip)) == "422 ip_not_available", "\(ip)")
            }
            try await hetzner.done("POST", path, ask("10.40.1.254"))
            #expect(try await hetzner.server(two, "private_net.0.ip") == "10.40.1.254")
            #expect(try await hetzner.refusal("POST", path, ask("10.40.1.9")) == "422 server_already_attached")
            #expect(try await hetzner.get("networks/\(network)").at(path: "network.servers.1") == .int(Int64(two)))
            #expect(
                try await hetzner.refusal(
                    "POST", "networks/\(network)/actions/delete_subnet", ["ip_range": "10.40.1.0/24"])
                    == "422 service_error")
            try await hetzner.done("DELETE", "networks/\(network)")
            #expect(try await hetzner.server(two, "private_net") == [])
        }
    }

    @Test func `Subnets lie within the network and apart, and one change goes on at a time`() async throws {
        try await Fixture().run { hetzner in
            let path = "networks/\(try await hetzner.makeNetwork())/actions"
            func subnet(_ range: String) -> JSONValue {
                ["type": "cloud", "network_zone": "eu-central", "ip_range": .string(range)]
            }
            for range in ["10.41.0.0/24", "10.40.1.128/25", "10.40.0.1/24"] {
                #expect(try await hetzner.refusal("POST", "\(path)/add_subnet", subnet(range)) == "422 invalid_input")
            }
            _ = try await hetzner.call("POST", "\(path)/add_subnet", subnet("10.40.2.0/24"))
            #expect(try await hetzner.refusal("POST", "\(path)/add_subnet", subnet("10.40.3.0/24")) == "409 conflict")
            hetzner.time.advance(by: .seconds(1))
            // Without a range the first free one is taken.
            try await hetzner.done("POST", "\(path)/add_subnet", ["type": "cloud", "network_zone": "eu-central"])
            #expect(
                hetzner.hetzner.thing("networks", "analytics")?.at(path: "subnets.2.ip_range") == "10.40.0.0/24")
            try await hetzner.done(
                "POST", "\(path)/add_route", ["destination": "10.100.0.0/16", "gateway": "10.40.1.2"])
            try await hetzner.done(
                "POST", "\(path)/delete_route", ["destination": "10.100.0.0/16", "gateway": "10.40.1.2"])
            #expect(
                try await hetzner.refusal("POST", "\(path)/change_ip_range", ["ip_range": "10.40.0.0/17"])
                    == "422 invalid_input")
            try await hetzner.done("POST", "\(path)/change_ip_range", ["ip_range": "10.40.0.0/14"])
        }
    }

    @Test func `A firewall is before the servers that it is applied to and those that its selector finds`()
        async throws
    {
        try await Fixture().run { hetzner in
            let rule: JSONValue = [
                "direction": "in", "protocol": "tcp", "port": "22", "source_ips": ["198.51.100.0/24"],
                "description": "SSH",
            ]
            let firewall = try await hetzner.make(
                "firewalls",
                [
                    "name": "analytics-nodes", "rules": [rule],
                    "apply_to": [
                        ["type": "label_selector", "label_selector": ["selector": "defimon-pool=analytics"]]
                    ],
                ])
            let inside = try await hetzner.makeServer("one")
            let outside = try await hetzner.makeServer("two", ["labels": [:]])
            #expect(try await hetzner.server(inside, "public_net.firewalls.0.status") == "applied")
            #expect(try await hetzner.server(outside, "public_net.firewalls") == [])
            let target: JSONValue = [["type": "server", "server": ["id": .int(Int64(outside))]]]
            let path = "firewalls/\(firewall)/actions"
            try await hetzner.done("POST", "\(path)/apply_to_resources", ["apply_to": target])
            #expect(try await hetzner.server(outside, "public_net.firewalls.0.id") == .int(Int64(firewall)))
            #expect(
                try await hetzner.refusal("POST", "\(path)/apply_to_resources", ["apply_to": target])
                    == "422 firewall_already_applied")
            #expect(try await hetzner.refusal("DELETE", "firewalls/\(firewall)") == "422 resource_in_use")
            try await hetzner.done("POST", "\(path)/remove_from_resources", ["remove_from": target])
            try await hetzner.done("POST", "\(path)/set_rules", ["rules": []])
            #expect(hetzner.hetzner.thing("firewalls", "analytics-nodes")?["rules"] == [])
        }
    }

    @Test(
        arguments: [
            ["direction": "up"], ["protocol": "http"], ["port": "0"], ["port": "90-80"], ["port": .null],
            ["source_ips": []], ["source_ips": ["10.0.0.1/8"]], ["protocol": "icmp"],
        ] as [[String: JSONValue]])
    func `A rule that is none is refused with its place`(_ wrong: [String: JSONValue]) async throws {
        try await Fixture().run { hetzner in
            let rule: [String: JSONValue] = [
                "direction": "in", "protocol": "tcp", "port": "22", "source_ips": ["0.0.0.0/0", "::/0"],
            ]
            let body: JSONValue = ["name": "f", "rules": [.object(rule), .object(rule.merging(wrong) { $1 })]]
            let answer = try await hetzner.call("POST", "firewalls", body)
            #expect(answer.status == 422)
            let field = try answer.json.at(path: "error.details.fields.0.name")?.stringValue ?? ""
            #expect(field.hasPrefix("rules.1."))
            #expect(hetzner.hetzner.things("firewalls").isEmpty)
        }
    }

    @Test func `A primary address changes its server only while that is off`() async throws {
        try await Fixture().run { hetzner in
            let address = try await hetzner.make(
                "primary_ips", ["name": "a", "type": "ipv4", "assignee_type": "server", "location": "fsn1"])
            let id = try await hetzner.makeServer("one", ["public_net": ["ipv4": .int(Int64(address))]])
            let path = "primary_ips/\(address)"
            #expect(try await hetzner.refusal("DELETE", path) == "422 must_be_unassigned")
            #expect(try await hetzner.refusal("POST", "\(path)/actions/unassign") == "422 server_not_stopped")
            try await hetzner.done("POST", "servers/\(id)/actions/poweroff")
            try await hetzner.done("POST", "\(path)/actions/unassign")
            #expect(try await hetzner.server(id, "public_net.ipv4") == .null)
            try await hetzner.done(
                "POST", "\(path)/actions/assign", ["assignee_type": "server", "assignee_id": .int(Int64(id))])
            try await hetzner.done("PUT", path, ["name": "b", "auto_delete": true])
            let ip = try #require(try await hetzner.server(id, "public_net.ipv4.ip"))
            try await hetzner.done("POST", "\(path)/actions/change_dns_ptr", ["ip": ip, "dns_ptr": "a.example.com"])
            #expect(try await hetzner.server(id, "public_net.ipv4.dns_ptr") == "a.example.com")
            #expect(
                try await hetzner.refusal(
                    "POST", "servers",
                    Fixture.server("two", ["location": "nbg1", "public_net": ["ipv4": .int(Int64(address))]]))
                    == "422 primary_ip_assigned")
        }
    }

    @Test func `A floating address goes from server to server`() async throws {
        try await Fixture().run { hetzner in
            let one = try await hetzner.makeServer("one")
            let two = try await hetzner.makeServer("two")
            let address = try await hetzner.make(
                "floating_ips", ["type": "ipv4", "name": "entry", "server": .int(Int64(one))])
            #expect(try await hetzner.server(one, "public_net.floating_ips.0") == .int(Int64(address)))
            try await hetzner.done(
                "POST", "floating_ips/\(address)/actions/assign", ["server": .int(Int64(two))])
            #expect(try await hetzner.server(one, "public_net.floating_ips") == [])
            #expect(try await hetzner.refusal("DELETE", "floating_ips/\(address)") == "422 must_be_unassigned")
            try await hetzner.done("POST", "floating_ips/\(address)/actions/unassign")
            try await hetzner.done("DELETE", "floating_ips/\(address)")
        }
    }

    @Test func `A volume grows and never shrinks, from ten gigabytes to ten terabytes`() async throws {
        try await Fixture().run { hetzner in
            func volume(_ size: Int64) -> JSONValue { ["name": "data", "size": .int(size), "location": "fsn1"] }
            for size in [9, 10_241] as [Int64] {
                #expect(try await hetzner.refusal("POST", "volumes", volume(size)) == "422 invalid_input")
            }
            let id = try await hetzner.make("volumes", volume(10))
            let path = "volumes/\(id)/actions/resize"
            for size in [9, 10, 10_241] as [Int64] {
                #expect(try await hetzner.refusal("POST", path, ["size": .int(size)]) == "422 invalid_input")
            }
            _ = try await hetzner.call("POST", path, ["size": 11])
            #expect(try await hetzner.get("volumes/\(id)").at(path: "volume.size") == 10)
            #expect(try await hetzner.refusal("POST", path, ["size": 12]) == "423 locked")
            hetzner.time.advance(by: .seconds(1))
            #expect(try await hetzner.get("volumes/\(id)").at(path: "volume.size") == 11)
            try await hetzner.done("POST", path, ["size": 10_240])
        }
    }

    @Test func `A volume is attached to one server of its location and deleted when it is free`() async throws {
        try await Fixture().run { hetzner in
            let here = try await hetzner.makeServer("here")
            let there = try await hetzner.makeServer("there", ["location": "hel1"])
            let id = try await hetzner.make(
                "volumes", ["name": "data", "size": 10, "location": "fsn1", "format": "ext4"])
            let path = "volumes/\(id)"
            func to(_ server: Int) -> JSONValue { ["server": .int(Int64(server)), "automount": false] }
            #expect(try await hetzner.refusal("POST", "\(path)/actions/attach", to(there)) == "422 invalid_input")
            try await hetzner.done("POST", "\(path)/actions/attach", to(here))
            #expect(try await hetzner.refusal("DELETE", path) == "423 locked")
            #expect(try await hetzner.refusal("POST", "\(path)/actions/attach", to(here)) == "422 invalid_input")
            try await hetzner.done("POST", "\(path)/actions/detach")
            try await hetzner.done("POST", "\(path)/actions/change_protection", ["delete": true])
            #expect(try await hetzner.refusal("DELETE", path) == "423 protected")
            try await hetzner.done("POST", "\(path)/actions/change_protection", ["delete": false])
            try await hetzner.done("DELETE", path)
        }
    }
}
