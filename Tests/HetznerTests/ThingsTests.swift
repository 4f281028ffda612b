import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import Hetzner

/// A whole pool from one list.
@Suite struct ThingsTests {
    @Test func `a pool is made from nothing in the order that it needs, and then nothing is to do`() async throws {
        try await CloudWorld.run { world in
            let plan = try await world.plan("hetzner.ensure", CloudWorld.pool)
            #expect(plan.changes.count == CloudWorld.count)
            #expect(plan.changes.allSatisfy { $0.contains(": create") })
            #expect(plan.notes.contains("server worker-1 costs EUR 4.29 a month"))
            #expect(world.changes == [])

            let made = try await world.perform("hetzner.ensure", CloudWorld.pool)
            #expect(made["changed"] == true)
            #expect(made.at(path: "things.server-control-1.private_ip") == "10.40.1.10")
            #expect(made.at(path: "things.load-balancer-pool.private_ip") == "10.40.1.250")
            let ip = made.at(path: "things.primary-ip-control.ip")
            #expect(ip?.stringValue?.isEmpty == false)
            #expect(made.at(path: "things.server-control-1.ip") == ip)
            #expect(made.canonicalText.contains("join-") == false)

            let before = world.exchangesSeen.count
            let again = try await world.perform("hetzner.ensure", CloudWorld.pool)
            #expect(again["summary"] == .string("nothing to do: all \(CloudWorld.count) are as wanted"))
            let looks = world.exchangesSeen.dropFirst(before)
            #expect(looks.allSatisfy { $0.verb == "GET" })
            // Each is read once, also those that others refer to.
            #expect(looks.count == CloudWorld.count)
            #expect(try await world.plan("hetzner.ensure", CloudWorld.pool).changes == [])
        }
    }

    @Test func `a server with an address of its own starts when it has it, with its secrets in the user data alone`()
        async throws
    {
        try await CloudWorld.run { world in
            try await world.perform("hetzner.ensure", CloudWorld.pool)
            let asked = world.changes.filter {
                ["create_server", "attach_server_to_network", "poweron_server"].contains($0)
            }
            #expect(asked.filter { $0 == "create_server" }.count == 3)
            #expect(asked.last == "poweron_server")
            let control = try #require(world.hetzner.thing("servers", "control-1"))
            #expect(control["status"] == "running")
            #expect(control["labels"]?["defimon-pool"] == "analytics")
            #expect(control["labels"]?["defimon-job"] == "42")
            #expect(control["labels"]?["defimon-start"] == nil)
            #expect(control["labels"]?["role"] == "control")
            let text = try #require(world.hetzner.userData("control-1"))
            #expect(text.hasPrefix("#cloud-config\n"))
            let document = try JSONValue(parsing: String(text.dropFirst("#cloud-config\n".count)))
            #expect(document.at(path: "write_files.0.content") == "join-\"token\"\nof two lines")
        }
    }

    @Test(
        arguments: [
            "create_network", "create_firewall", "create_primary_ip", "create_server", "attach_server_to_network",
            "poweron_server", "update_server", "create_volume", "create_load_balancer",
            "attach_load_balancer_to_network", "add_load_balancer_service", "add_load_balancer_target",
            "create_zone_rrset",
        ], [HetznerFailures.Kind.reset, .resetAfterwards])
    func `a run that is cut off anywhere is taken up, and everything is made once`(
        _ method: String, _ kind: HetznerFailures.Kind
    ) async throws {
        try await CloudWorld.run { world in
            world.hetzner.failures.counts[kind] = FailureCount(1, methods: method)
            let key = UUID().uuidString
            let error = await #expect(throws: ActionError.self) {
                try await world.perform("hetzner.ensure", CloudWorld.pool, key: key)
            }
            #expect(error?.retry != .never)
            try await world.perform("hetzner.ensure", CloudWorld.pool, key: key, attempt: 2)
            #expect(try await world.plan("hetzner.ensure", CloudWorld.pool).changes == [])
            let names = world.hetzner.things("servers").compactMap { $0["name"]?.stringValue }.sorted()
            #expect(names == ["control-1", "worker-1", "worker-2"])
            #expect(world.hetzner.things("load_balancers").count == 1)
            #expect(world.hetzner.thing("servers", "control-1")?["status"] == "running")
            // All carry the mark, and belong to what is listed.
            let orphans = try await world.perform("hetzner.orphans", CloudWorld.pool)
            #expect(orphans["count"] == 0)
        }
    }

    @Test(arguments: [HetznerFailures.Kind.locked, .conflict, .unavailable, .rateLimited, .maintenance, .serverError])
    func `what passes by itself is waited for or tried again later`(_ kind: HetznerFailures.Kind) async throws {
        try await CloudWorld.run { world in
            world.hetzner.failures.counts[kind] = FailureCount(2, methods: "create_server")
            do {
                try await world.perform("hetzner.ensure", CloudWorld.pool)
            } catch let error as ActionError {
                #expect(error.retry != .never)
                #expect(![.locked, .conflict].contains(kind), "these are waited for")
                world.hetzner.failures.counts = [:]
                try await world.perform("hetzner.ensure", CloudWorld.pool)
            }
            #expect(world.hetzner.things("servers").count == 3)
        }
    }

    @Test func `a location without servers is told with what to do, and is not tried again`() async throws {
        try await CloudWorld.run { world in
            world.hetzner.failures.exhausted = ["fsn1"]
            let error = await #expect(throws: ActionError.self) {
                try await world.perform("hetzner.server-ensure", CloudWorld.server)
            }
            #expect(error?.retry == .never)
            #expect(error?.hint?.contains("another location") == true)
            try await world.perform("hetzner.server-ensure", CloudWorld.server.with(["location": "nbg1"]))
            #expect(world.hetzner.things("servers").count == 1)
        }
    }

    @Test func `a full project is told with what to do`() async throws {
        try await CloudWorld.run { world in
            world.hetzner.failures.limits = ["servers": 0]
            let error = await #expect(throws: ActionError.self) {
                try await world.perform("hetzner.server-ensure", CloudWorld.server)
            }
            #expect(error?.retry == .never)
            #expect(error?.hint?.contains("limit") == true)
        }
    }

    @Test func `what is refused is told before anything is changed, all at once`() async throws {
        try await CloudWorld.run { world in
            try await world.perform("hetzner.ensure", CloudWorld.pool)
            let before = world.changes.count
            let changed = CloudWorld.pool { things in
                things.map { thing in
                    switch thing["kind"] {
                    case "server": thing.with(["type": "cx32"])
                    case "network": thing.with(["range": "10.50.0.0/16", "subnets": []])
                    case "firewall": thing.with(["rules": [["protocol": "icmp", "sources": ["0.0.0.0/0"]]]])
                    default: thing
                    }
                }
            }
            let error = try #require(
                await #expect(throws: ActionError.self) { try await world.perform("hetzner.ensure", changed) })
            #expect(error.message.hasSuffix("(and 1 more)"))
            #expect(error.details?.contains("server control-1") == true)
            #expect(error.details?.contains("network pool") == true)
            #expect(world.changes.count == before)
        }
    }

    @Test func `one change changes just that`() async throws {
        try await CloudWorld.run { world in
            try await world.perform("hetzner.ensure", CloudWorld.pool)
            let before = world.changes.count
            let changed = CloudWorld.pool { things in
                things.map { thing in
                    thing["kind"] == "firewall"
                        ? thing.with(["rules": [["protocol": "tcp", "port": "22", "sources": "203.0.113.0/24"]]])
                        : thing
                }
            }
            let plan = try await world.plan("hetzner.ensure", changed)
            #expect(plan.changes.count == 1 && plan.changes.first?.hasPrefix("firewall nodes: rules: ") == true)
            let result = try await world.perform("hetzner.ensure", changed)
            #expect(result["summary"] == .string("1 change of \(CloudWorld.count) things"))
            #expect(Array(world.changes.dropFirst(before)) == ["set_firewall_rules"])
        }
    }

    @Test func `a count that a person has set goes before the file's, and the plan says so`() async throws {
        try await CloudWorld.run { world in
            try await world.perform("hetzner.ensure", CloudWorld.pool)
            let scale: JSONValue = ["name": "workers", "count": 3]
            #expect(
                try await world.plan("hetzner.scale", scale).changes == [
                    "workers of the pool analytics: as files say → 3"
                ])
            try await world.perform("hetzner.scale", scale)
            #expect(world.kept.keys.contains("override/hetzner/analytics/workers"))
            let plan = try await world.plan("hetzner.ensure", CloudWorld.pool)
            #expect(plan.changes.map { $0.prefix(24) } == ["server worker-3: create "])
            #expect(plan.notes.contains { $0.hasPrefix("worker: 3 instead of 2, set by olivia") })
            try await world.perform("hetzner.ensure", CloudWorld.pool)
            #expect(world.hetzner.things("servers").count == 4)
            // Fewer are kept: none is deleted, and the surplus is told, the highest first.
            #expect(try await world.plan("hetzner.scale", ["name": "workers", "count": 1]).deletions == 1)
            try await world.perform("hetzner.scale", ["name": "workers", "count": 1])
            #expect(try await world.plan("hetzner.ensure", CloudWorld.pool).changes == [])
            let surplus = try await world.perform("hetzner.surplus", ["name": "worker", "count": 1])
            #expect(surplus["surplus"] == [["server": "worker-3"], ["server": "worker-2"]])
            #expect(surplus["present"] == 3)
            try await world.perform("hetzner.scale", ["name": "workers", "forget": true])
            #expect(!world.kept.keys.contains("override/hetzner/analytics/workers"))
        }
    }

    @Test func `what carries the bot's labels and is not listed is an orphan`() async throws {
        try await CloudWorld.run { world in
            try await world.perform("hetzner.ensure", CloudWorld.pool)
            try await world.perform("hetzner.server-ensure", CloudWorld.server)
            try await world.perform("hetzner.server-ensure", CloudWorld.server.with(["name": "ml-1", "pool": "ml"]))
            try await world.perform(
                "hetzner.dns-records-ensure", ["zone": "example.com", "name": "old", "values": ["192.0.2.1"]])
            var inputs = CloudWorld.pool
            let all = try await world.perform("hetzner.orphans", inputs)
            let names = (all["orphans"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
            #expect(names == ["ml-1", "web-1", "old A"] || names == ["web-1", "ml-1", "old A"])
            inputs = inputs.with(["pool": "analytics"])
            let ours = try await world.perform("hetzner.orphans", inputs)
            #expect(ours["count"] == 2)
            #expect(ours["details"]?.stringValue?.contains("server web-1, pool analytics, made by job 42") == true)
        }
    }
}
