import Domain
import Sandbox
import TestSupport
import Testing

@testable import Hetzner

@Suite struct StatusTests {
    private static let usage = """
        Filesystem     Type    1B-blocks      Used     Avail Use% IUse% Mounted on
        /dev/sdb       ext4  21474836480 5368709120 16106127360  25%    1% /mnt/data
        """

    private func values(_ blocks: [Report.Block]) -> [String: String] {
        var values: [String: String] = [:]
        for case .fields(let fields) in blocks { for field in fields { values[field.name] = field.value } }
        return values
    }

    @Test func `servers, volumes, load balancers and the month's cost are shown, others' are not`() async throws {
        try await CloudWorld.run { world in
            try await world.perform("hetzner.ensure", CloudWorld.pool)
            try await world.perform("hetzner.server-ensure", CloudWorld.server.with(["pool": "ml"]))
            world.hetzner.setHealth("worker-2", isWell: false)
            let hosts = ScriptedHosts(["control-1"]) { call throws(HostError) in
                HostCommandResult(.exited(0), output: .init(Self.usage), errors: .init(""))
            }
            let shown = values(try await HetznerStatus(world.cloud, hosts: hosts).blocks(pool: "analytics"))
            #expect(
                shown.keys.sorted() == [
                    "Cost", "Load balancer pool", "Server control-1", "Server worker-1", "Server worker-2",
                    "Volume data",
                ])
            #expect(shown["Server control-1"]?.hasPrefix("running, cx22, fsn1, ") == true)
            #expect(shown["Server control-1"]?.hasSuffix(", 10.40.1.10 inside") == true)
            #expect(shown["Volume data"] == "20 GiB, fsn1, on control-1, 25 % used, 15 GiB of 20 GiB free")
            #expect(shown["Load balancer pool"]?.contains("worker-1 healthy; worker-2 unhealthy") == true)
            // Three servers, 20 GB, a load balancer, three addresses.
            #expect(shown["Cost"] == "EUR 19.14 a month")
            let device = try #require(world.hetzner.thing("volumes", "data")?["linux_device"]?.stringValue)
            #expect(hosts.calls.map(\.command.arguments) == [DiskUsage.command(device)])
        }
    }

    @Test(arguments: ["dev", "fails", "unknown"])
    func `what a host does not say of a volume is left out`(_ way: String) async throws {
        try await CloudWorld.run { world in
            try await world.perform("hetzner.ensure", CloudWorld.pool)
            let hosts = ScriptedHosts(way == "unknown" ? [] : ["control-1"]) { _ throws(HostError) in
                guard way == "dev" else { throw HostError("control-1", .lost, "gone") }
                let text = Self.usage.replacing("/dev/sdb       ext4 ", with: "udev       devtmpfs ")
                return HostCommandResult(.exited(0), output: .init(text), errors: .init(""))
            }
            let shown = values(try await HetznerStatus(world.cloud, hosts: hosts).blocks(pool: "analytics"))
            #expect(shown["Volume data"] == "20 GiB, fsn1, on control-1")
        }
    }

    @Test func `without settings, and for a pool that has nothing there, nothing is shown`() async throws {
        let none = try await HetznerStatus(HetznerConnection(), hosts: NoHosts()).blocks(pool: "analytics")
        #expect(none.isEmpty)
        try await CloudWorld.run { world in
            let nothing = try await HetznerStatus(world.cloud, hosts: NoHosts()).blocks(pool: "analytics")
            #expect(nothing.isEmpty)
        }
    }
}
