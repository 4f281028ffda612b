import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import App

/// The infrastructure pool with its nodes on instances, behind a load balancer that the bot takes them out of.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: SSHServer.isThere))
struct InfrastructureOnInstancesTests {
    private static let command = "deploy infrastructure"

    /// `geth-0` runs on the host `geth-vm-0`; connections of the load balancer have a second to end.
    private func run(_ body: (BotFromOutside, HostTools, String) async throws -> Void) async throws {
        let root = try TemporaryFolder()
        for name in ["commands", "webhooks", "deploy"] {
            try FileManager.default.copyItem(atPath: "\(Project.root)/\(name)", toPath: root.path(name))
        }
        let file = root.path("deploy/infrastructure-pool/deployment/google-instances.yaml")
        let text = try String(contentsOfFile: file, encoding: .utf8)
        try #require(text.contains("draining_seconds: 60"))
        try text.replacing("draining_seconds: 60", with: "draining_seconds: 1")
            .write(toFile: file, atomically: true, encoding: .utf8)
        let host = try await HostTools.start()
        try await BotFromOutside.run { world in
            try world.changeSettings("nodes_on: cluster", to: "nodes_on: instances")
            try world.changeSettings(
                """
                      runs_on:
                        cluster: infrastructure
                        namespace: ethereum
                        execution: StatefulSet/geth-0
                        consensus: StatefulSet/lighthouse-0
                """,
                to: """
                          also_called: [lighthouse-0]
                          runs_on: {host: geth-vm-0, execution_unit: geth.service, consensus_unit: lighthouse.service}
                    """)
            let settings = try String(contentsOfFile: world.settings, encoding: .utf8)
            try world.folder.write(settings + host.settings("geth-vm-0"), to: "defimon.yaml")
            try await body(world, host, root.url.path)
        }
        await host.server.stop()
    }

    /// Types a command line that Lena approves, and returns what the job's message says when it has succeeded.
    @discardableResult
    private func approved(_ line: String, _ world: BotFromOutside) async throws -> (asked: String, done: String) {
        try await world.type("/defimon \(line)")
        let asked = try #require(await world.message(line, "waiting for approval", "May approve"))
        let number = try #require(asked.firstMatch(of: /job (\d+)/)?.1)
        try await world.type("/defimon approve \(number)", as: SandboxPeople.leadID)
        return (asked, try #require(await world.message(within: .seconds(120), line, "· succeeded")))
    }

    private func asked(_ world: BotFromOutside, _ method: String) -> Int {
        world.standIns.google.received.count { $0.hasPrefix("\(method) ") }
    }

    @Test
    func `Nodes come up on instances from nothing, and each is out of the load balancer while it is restarted`()
        async throws
    {
        try await run { world, host, root in
            let bot = try await world.start(root: root)
            try await approved(Self.command, world)
            for (method, count) in [
                ("compute.disks.insert", 2), ("compute.instances.insert", 2), ("compute.instanceGroups.insert", 1),
                ("compute.instanceGroups.addInstances", 1), ("compute.regionHealthChecks.insert", 1),
                ("compute.regionBackendServices.insert", 1), ("compute.forwardingRules.insert", 1),
                ("container.projects.locations.clusters.create", 0),
            ] { #expect(asked(world, method) == count, "\(method)") }

            let again = try await world.command("run", Self.command)
            #expect(again.code == 0, "\(again.text)")
            #expect(again.text.contains("nothing to do: all 9 are as wanted"), "\(again.text)")

            let restarted = try await world.command("run", "restart-geth geth-0")
            #expect(restarted.code == 0, "\(restarted.text)")
            #expect(restarted.text.contains("geth-vm-0 is taken out of unmanaged instance group defimon-rpc"))
            #expect(restarted.text.contains("geth-vm-0 is back in unmanaged instance group defimon-rpc"))
            #expect(asked(world, "compute.instanceGroups.removeInstances") == 1)
            #expect(asked(world, "compute.instanceGroups.addInstances") == 2)

            let before = host.programs.asked.count
            let renewed = try await world.command("run", "renew-geth geth-vm-0")
            #expect(renewed.code == 0, "\(renewed.text)")
            #expect(
                Array(host.programs.asked.dropFirst(before)) == [
                    "google_metadata_script_runner startup", "stop -- lighthouse.service", "stop -- geth.service",
                    "reset-failed geth.service lighthouse.service", "start -- geth.service",
                    "start -- lighthouse.service",
                ])
            #expect(asked(world, "compute.instanceGroups.removeInstances") == 2)
            #expect(asked(world, "compute.instanceGroups.addInstances") == 3)

            // It does not come back: it is left out, by the next deploy too, until a person puts it back.
            try host.programs.set("broken", true)
            let failed = try await world.command("run", "restart-geth geth-0")
            #expect(failed.code == 1)
            #expect(await world.message("restart-geth geth-0", "an instance stays out until serve-geth") != nil)
            let deployed = try await world.command("run", Self.command)
            #expect(deployed.text.contains("nothing to do: all 9 are as wanted"), "\(deployed.text)")
            #expect(asked(world, "compute.instanceGroups.addInstances") == 3)
            let served = try await world.command("run", "serve-geth geth-0")
            #expect(served.code == 0, "\(served.text)")
            #expect(asked(world, "compute.instanceGroups.addInstances") == 4)
            await bot.end()
        }
    }

    @Test func `A node gets a new disk out of its newest snapshot, and its old one is kept`() async throws {
        try await run { world, host, root in
            let bot = try await world.start(root: root)
            try await approved(Self.command, world)
            let zone = "projects/defimon-sandbox/zones/europe-west3-a"
            let none = try await world.command("run", "restore-geth geth-vm-0", "--plan")
            #expect(none.text.contains("there is no snapshot of disk geth-vm-0-data that is READY"), "\(none.text)")
            world.standIns.google.put(
                "projects/defimon-sandbox/global/snapshots/before",
                [
                    "status": "READY", "diskSizeGb": "2048", "creationTimestamp": "2026-11-20T00:00:00.000Z",
                    "sourceDisk": .string("https://www.googleapis.com/compute/v1/\(zone)/disks/geth-vm-0-data"),
                ])
            let (question, done) = try await approved("restore-geth geth-vm-0", world)
            #expect(question.contains("of snapshot before of 2026-11-20"), "\(question)")
            let name = try #require(done.firstMatch(of: /with disk (geth-vm-0-data-[0-9]+)/)?.1)
            #expect(
                host.programs.asked == [
                    "stop -- lighthouse.service", "stop -- geth.service", "stop -- srv-ethereum.mount",
                    "start -- srv-ethereum.mount", "reset-failed geth.service lighthouse.service",
                    "start -- geth.service", "start -- lighthouse.service",
                ])
            let disks = world.standIns.google.resource("\(zone)/instances/geth-vm-0")?["disks"]?.arrayValue ?? []
            let data = try #require(disks.first { $0["deviceName"] == "geth-vm-0-data" })
            #expect(data["source"]?.stringValue?.hasSuffix("/\(name)") == true)
            let old = world.standIns.google.resource("\(zone)/disks/geth-vm-0-data")
            #expect(old?.at(path: "labels.defimon-replaced-by") == .string(String(name)))
            #expect(asked(world, "compute.instanceGroups.addInstances") == 2)
            // The next deploy finds all as it should be.
            let again = try await world.command("run", Self.command)
            #expect(again.text.contains("nothing to do: all 9 are as wanted"), "\(again.text)")
            await bot.end()
        }
    }
}
