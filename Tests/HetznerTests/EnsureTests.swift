import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Hetzner

/// Each kind by itself: made, found, changed in place, refused.
@Suite struct EnsureTests {
    /// A change of one input: what it does, or that it is refused.
    struct Change: Sendable, CustomTestStringConvertible {
        var kind: String
        var inputs: JSONValue
        var change: [String: JSONValue]
        /// Operations; nil: it is refused.
        var operations: [String]?
        var testDescription: String { "\(kind) \(JSONValue.object(change).canonicalText)" }

        init(_ kind: String, _ change: [String: JSONValue], _ operations: [String]?) {
            self.kind = kind
            self.change = change
            self.operations = operations
            inputs = kind == "server" ? CloudWorld.server : EnsureTests.inputs(kind)
        }
    }

    static func inputs(_ kind: String) -> JSONValue {
        let found = CloudWorld.things.first { $0["kind"]?.stringValue == kind }
        var members = found?.objectValue ?? [:]
        members.removeValue(forKey: "kind")
        // Alone there is no server to refer to.
        if kind == "volume" || kind == "floating-ip" { members.removeValue(forKey: "server") }
        return .object(members)
    }

    static let changes: [Change] = [
        Change("network", ["subnets": [["range": "10.40.1.0/24"], ["range": "10.40.2.0/24"]]], ["add_network_subnet"]),
        Change("network", ["range": "10.40.0.0/13"], ["change_network_ip_range"]),
        Change("network", ["range": "10.32.0.0/12"], nil),
        Change("network", ["range": "10.40.0.0/17"], nil),
        Change("network", ["labels": ["team": "data"]], ["update_network"]),
        Change("network", ["subnets": []], []),
        Change(
            "firewall", ["rules": [["protocol": "udp", "port": "51820", "sources": ["::/0"]]]],
            ["set_firewall_rules"]),
        Change("firewall", ["apply_to_label": "role=worker"], ["apply_firewall_to_resources"]),
        Change("placement-group", ["labels": ["team": "data"]], ["update_placement_group"]),
        Change(
            "ssh-key",
            ["public_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHn8ZlTs2Q8d7x0Jv3u0yqg0Vb3c8m2n1p5r7t9v2x4z other"],
            nil),
        Change("ssh-key", ["public_key": .string(CloudWorld.publicKey + " and more")], []),
        Change("primary-ip", ["location": "nbg1"], nil),
        Change("primary-ip", ["auto_delete": true], ["update_primary_ip"]),
        Change("floating-ip", ["type": "ipv6"], nil),
        Change("dns-zone", ["ttl": "2h"], ["change_zone_ttl"]),
        Change("dns-records", ["values": ["192.0.2.11", "192.0.2.10"]], ["set_zone_rrset_records"]),
        Change("dns-records", ["ttl": "10m"], ["change_zone_rrset_ttl"]),
        Change("dns-records", ["name": "api"], []),
        Change("volume", ["size": "40GiB"], ["resize_volume"]),
        Change("volume", ["size": "10GiB"], []),
        Change("volume", ["location": "nbg1"], nil),
        Change("server", ["type": "cx32"], nil),
        Change("server", ["image": "ubuntu-24.04"], nil),
        Change("server", ["location": "nbg1"], nil),
        Change("server", ["delete_protection": true], ["change_server_protection"]),
        Change("server", ["labels": ["role": "worker"]], ["update_server"]),
        Change("server", ["user_data": "#!/bin/sh"], []),
    ]

    @Test(arguments: changes)
    func `what may be changed in place is changed by one request, the rest is refused with its difference`(
        _ change: Change
    ) async throws {
        try await CloudWorld.run { world in
            let action = "hetzner.\(change.kind)-ensure"
            let made = try await world.perform(action, change.inputs)
            #expect(made["changed"] == true)
            #expect(made["id"] != nil && made["id"] != .null)
            #expect(try await world.perform(action, change.inputs)["changed"] == false)
            let before = world.changes.count
            let inputs = change.inputs.with(change.change)
            guard let operations = change.operations else {
                let error = await #expect(throws: ActionError.self) { try await world.plan(action, inputs) }
                #expect(error?.message.contains(" → ") == true || error?.message.contains("another") == true)
                #expect(error?.hint != nil)
                await #expect(throws: ActionError.self) { try await world.perform(action, inputs) }
                #expect(world.changes.count == before)
                return
            }
            #expect(try await world.plan(action, inputs).changes.count == operations.count)
            #expect(try await world.perform(action, inputs)["changed"] == .bool(!operations.isEmpty))
            #expect(Array(world.changes.dropFirst(before)) == operations)
            #expect(try await world.plan(action, inputs).changes == [])
        }
    }

    @Test func `labels that others have set stay`() async throws {
        try await CloudWorld.run { world in
            try await world.perform("hetzner.server-ensure", CloudWorld.server)
            let id = try #require(world.hetzner.thing("servers", "web-1")?["id"]?.intValue)
            let labels = world.hetzner.thing("servers", "web-1")?["labels"]?.with(["by-hand": "yes"]) ?? [:]
            _ = try await world.cloud.client().send(HetznerCall("PUT", "servers/\(id)", body: ["labels": labels]))
            try await world.perform("hetzner.server-ensure", CloudWorld.server.with(["labels": ["role": "web"]]))
            let after = world.hetzner.thing("servers", "web-1")?["labels"]
            #expect(after?["by-hand"] == "yes")
            #expect(after?["role"] == "web")
            #expect(after?["defimon-job"] == "42")
        }
    }

    @Test func `a server that runs gets the firewalls and networks that it lacks`() async throws {
        try await CloudWorld.run { world in
            try await world.perform("hetzner.server-ensure", CloudWorld.server)
            try await world.perform("hetzner.network-ensure", CloudWorld.network)
            try await world.perform("hetzner.firewall-ensure", Self.inputs("firewall"))
            let before = world.changes.count
            let inputs = CloudWorld.server.with([
                "networks": [["network": "pool", "private_ip": "10.40.1.77"]], "firewalls": ["nodes"],
            ])
            let output = try await world.perform("hetzner.server-ensure", inputs)
            #expect(output["private_ip"] == "10.40.1.77")
            // The firewall came by its label already, or is applied now; it never starts what runs.
            #expect(!world.changes.dropFirst(before).contains("poweron_server"))
            #expect(world.changes.dropFirst(before).contains("attach_server_to_network"))
            #expect(try await world.plan("hetzner.server-ensure", inputs).changes == [])
            let other = CloudWorld.server.with(["networks": [["network": "pool", "private_ip": "10.40.1.78"]]])
            await #expect(throws: ActionError.self) { try await world.plan("hetzner.server-ensure", other) }
        }
    }

    @Test func `a server that a person has switched off stays off`() async throws {
        try await CloudWorld.run { world in
            try await world.perform("hetzner.ensure", CloudWorld.pool)
            try await world.perform("hetzner.server-power-off", ["server": "control-1"])
            #expect(try await world.perform("hetzner.ensure", CloudWorld.pool)["changed"] == false)
            #expect(world.hetzner.thing("servers", "control-1")?["status"] == "off")
        }
    }

    @Test func `a load balancer's services and targets become what is listed`() async throws {
        try await CloudWorld.run { world in
            try await world.perform("hetzner.ensure", CloudWorld.pool)
            let before = world.changes.count
            let changed = Self.inputs("load-balancer").with([
                "services": [
                    ["protocol": "tcp", "listen_port": 443, "destination_port": 31443, "proxyprotocol": true],
                    ["protocol": "tcp", "listen_port": 9000, "destination_port": 30900],
                ],
                "targets": [["server": "worker-1", "use_private_ip": true]], "algorithm": "least_connections",
                "type": "lb21",
            ])
            try await world.perform("hetzner.load-balancer-ensure", changed)
            #expect(
                world.changes.dropFirst(before).sorted() == [
                    "add_load_balancer_service", "add_load_balancer_target", "change_load_balancer_algorithm",
                    "change_load_balancer_type", "delete_load_balancer_service", "remove_load_balancer_target",
                    "update_load_balancer_service",
                ])
            #expect(try await world.plan("hetzner.load-balancer-ensure", changed).changes == [])
        }
    }

    @Test func `what is made of something that is not there says what is missing`() async throws {
        try await CloudWorld.run { world in
            for (action, inputs, words) in [
                ("hetzner.server-ensure", CloudWorld.server.with(["firewalls": ["none"]]), "there is no firewall none"),
                ("hetzner.volume-ensure", ["name": "d", "size": "10GiB", "server": "none"], "there is no server none"),
                (
                    "hetzner.ssh-key-ensure", ["name": "k", "public_key": ["stored": "none"]],
                    "SSH key k: there is no secret 'none'"
                ),
                (
                    "hetzner.server-ensure",
                    CloudWorld.server.with(["user_data": "{{secrets.x}}", "secrets": ["x": ["stored": "none"]]]),
                    "server web-1: there is no secret 'none'"
                ),
                (
                    "hetzner.server-ensure", CloudWorld.server.with(["user_data": "{{secrets.y}}"]),
                    "server web-1: nothing provides {{secrets.y}} in user_data"
                ),
            ] as [(String, JSONValue, String)] {
                // What an earlier step makes may be missing when it is planned.
                let plan = try await world.plan(action, inputs)
                #expect(plan.changes.count == 1)
                let error = await #expect(throws: ActionError.self) { try await world.perform(action, inputs) }
                #expect(error?.message == words)
            }
            #expect(world.changes == [])
        }
    }

    @Test(arguments: [(UserData.largest, true), (UserData.largest + 1, false)])
    func `user data has the bound that Hetzner gives it`(_ size: Int, _ isTaken: Bool) async throws {
        try await CloudWorld.run { world in
            let inputs = CloudWorld.server.with(["user_data": .string(String(repeating: "a", count: size))])
            do {
                try await world.perform("hetzner.server-ensure", inputs)
                #expect(isTaken)
            } catch let error as ActionError {
                #expect(!isTaken)
                #expect(error.message.contains("more than the 32768"))
            }
        }
    }
}
