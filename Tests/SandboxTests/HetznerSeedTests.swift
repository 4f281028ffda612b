import Domain
import Sandbox
import Synchronization
import TestSupport
import Testing

/// A project that has a pool from the beginning.
@Suite struct HetznerSeedTests {
    @Test func `A pool that an earlier deploy left runs, carries its marks and has its names`() async throws {
        var seed = HetznerStandIn.Seed(name: "analytics", workers: 2, labels: ["defimon-pool": "analytics"])
        seed.publicKey = HetznerFixture.publicKey
        let planted = seed
        try await HetznerFixture { $0.seed = planted }.run { hetzner in
            let marked = try await hetzner.get("servers?label_selector=defimon-pool%3Danalytics&status=running")
            #expect(
                marked["servers"]?.arrayValue?.map { $0["name"] } == [
                    "analytics-control-1", "analytics-worker-1", "analytics-worker-2",
                ])
            let control = hetzner.hetzner.thing("servers", "analytics-control-1")
            let address = hetzner.hetzner.thing("primary_ips", "analytics-control")
            #expect(control?.at(path: "public_net.ipv4.ip") == address?["ip"])
            #expect(control?.at(path: "private_net.0.ip") == "10.40.1.2")
            #expect(control?.at(path: "placement_group.name") == "analytics")
            #expect(hetzner.hetzner.thing("firewalls", "analytics-nodes")?["applied_to"]?.arrayValue?.count == 3)
            for kind in ["networks", "ssh_keys", "load_balancers", "placement_groups"] {
                #expect(hetzner.hetzner.thing(kind, "analytics")?.at(path: "labels.defimon-pool") == "analytics")
            }
            let told = Mutex<[String]>([])
            hetzner.hetzner.onServerRunning { server in told.withLock { $0.append(server["name"]?.plainText ?? "") } }
            #expect(told.withLock { $0 }.count == 3)
            _ = try await hetzner.makeServer("analytics-worker-3")
            #expect(told.withLock { $0 }.count == 4)
        }
    }

    @Test func `A project without one is empty but for its zones`() async throws {
        try await HetznerFixture().run { hetzner in
            for kind in ["servers", "volumes", "networks", "firewalls", "load_balancers", "ssh_keys", "primary_ips"] {
                #expect(hetzner.hetzner.things(kind).isEmpty)
            }
            #expect(hetzner.hetzner.thing("zones", "example.com") != nil)
        }
    }
}
