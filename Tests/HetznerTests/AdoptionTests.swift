import Domain
import Sandbox
import TestSupport
import Testing

@testable import Hetzner

@Suite struct AdoptionTests {
    private static let things: JSONValue = [
        "things": [
            ["kind": "network", "name": "analytics", "range": "10.40.0.0/16", "subnets": [["range": "10.40.1.0/24"]]],
            [
                "kind": "server", "name": "analytics-control-1", "type": "cx32", "image": "debian-12",
                "networks": [["network": "analytics"]], "delete_protection": true,
            ],
            [
                "kind": "servers", "name": "analytics-worker", "count": 3, "type": "cx42", "image": "debian-12",
                "networks": [["network": "analytics"]],
            ],
        ]
    ]

    @Test func `what was there before is only read until it is adopted, which changes nothing of it but its mark`()
        async throws
    {
        try await CloudWorld.run({ $0.seed = .init(name: "analytics", workers: 2, labels: [:]) }) { world in
            // The control plane differs, and is not ours.
            let refusal = await #expect(throws: ActionError.self) {
                try await world.perform("hetzner.ensure", Self.things)
            }
            #expect(refusal?.hint == "adopt it first (adopt analytics), or change the definition to what is there")
            #expect(world.changes == [])

            let plan = try await world.plan("hetzner.adopt", Self.things)
            #expect(
                plan.changes == [
                    "network analytics: adopted by the pool analytics",
                    "server analytics-control-1: adopted by the pool analytics",
                    "server analytics-worker-1: adopted by the pool analytics",
                    "server analytics-worker-2: adopted by the pool analytics",
                ])
            #expect(plan.notes.contains("server analytics-worker-3 is not there"))
            #expect(plan.notes.contains("differs: server analytics-control-1: delete_protection: false → true"))
            let output = try await world.perform("hetzner.adopt", Self.things)
            #expect(output["missing"] == ["server analytics-worker-3"])
            #expect(Set(world.changes) == ["update_network", "update_server"])
            #expect(try await world.perform("hetzner.adopt", Self.things)["changed"] == false)

            // Now the deploy may protect it, and adds the worker that is missing.
            try await world.perform("hetzner.ensure", Self.things)
            let control = world.hetzner.thing("servers", "analytics-control-1")
            #expect(control?.at(path: "protection.delete") == true)
            #expect(world.hetzner.things("servers").count == 4)
        }
    }

    @Test func `another pool's things are neither adopted nor changed`() async throws {
        try await CloudWorld.run({ $0.seed = .init(name: "analytics", workers: 2, labels: ["defimon-pool": "ml"]) }) {
            world in
            let error = await #expect(throws: ActionError.self) {
                try await world.perform("hetzner.adopt", Self.things)
            }
            #expect(error?.message.hasSuffix("belongs to the pool ml") == true)
            await #expect(throws: ActionError.self) { try await world.perform("hetzner.ensure", Self.things) }
            #expect(world.changes == [])
        }
    }
}
