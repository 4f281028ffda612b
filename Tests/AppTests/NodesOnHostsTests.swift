import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import App

/// Machines of their own that run Ethereum nodes: their disks and their units, by the program itself.
@Suite(.serialized, .timeLimit(.minutes(5)), .enabled(if: SSHServer.isThere))
struct NodesOnHostsTests {
    private static let disk = "projects/defimon-sandbox/zones/europe-west3-a/disks/geth-vm-0-data"

    /// `geth-0` runs on the host `geth-vm-0`, whose data disk has 2 TiB.
    private func run(_ body: (BotFromOutside, HostTools) async throws -> Void) async throws {
        let host = try await HostTools.start()
        try await BotFromOutside.run { world in
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
            world.standIns.google.put(
                NodesOnHostsTests.disk,
                [
                    "sizeGb": "2048", "status": "READY", "labels": ["defimon": "infrastructure"],
                    "type":
                        "https://www.googleapis.com/compute/v1/projects/defimon-sandbox/zones/europe-west3-a/diskTypes/pd-ssd",
                ])
            try await body(world, host)
        }
        await host.server.stop()
    }

    private func size(_ world: BotFromOutside) -> JSONValue? {
        world.standIns.google.resource(NodesOnHostsTests.disk)?["sizeGb"]
    }

    private func snapshots(_ world: BotFromOutside) -> Int {
        world.standIns.google.paths(containing: "/global/snapshots/").count
    }

    private func jobs(_ world: BotFromOutside, _ line: String) async throws -> [Substring] {
        try await world.command("jobs", "list").text.split(separator: "\n").filter { $0.contains(line) }
    }

    // MARK: Disks

    @Test func `The plan of a larger disk shows both sizes, the cost and the filesystem, and changes nothing`()
        async throws
    {
        try await run { world, host in
            let bot = try await world.start()
            let plan = try await world.command("run", "resize-disk geth-vm-0 +20%", "--plan")
            for words in [
                "disk geth-vm-0-data: 2 TiB → 2458 GiB", "disk geth-vm-0-data costs EUR 83.64 a month more",
                "disk geth-vm-0-data: a snapshot, kept 14 d",
                "host geth-vm-0: ext4 on /dev/sdb at /srv/ethereum has 2 TiB now",
            ] { #expect(plan.text.contains(words), "\(words): \(plan.text)") }
            #expect(size(world) == "2048" && snapshots(world) == 0 && host.programs.asked == [])
            await bot.end()
        }
    }

    @Test
    func `A disk grows once with its filesystem, though the alert comes five times and the bot is killed in between`()
        async throws
    {
        try await run { world, host in
            let first = try await world.start()
            func send() async throws {
                let sent = try await RunningProgram(
                    Project.binary,
                    [
                        "send", "alertmanager", "\(Project.root)/webhooks/alertmanager/host-disk-filling.firing.json",
                        "--to", world.address,
                    ],
                    environment: ["ALERTMANAGER_WEBHOOK_TOKEN": world.secrets.alertmanager.reveal()], in: world.folder)
                try #require(await sent.ended() == 0, "\(sent.text)")
            }
            for _ in 0..<2 { try await send() }
            // Google's disk has grown, and the host does not see it yet: once before it grew, and now.
            let isWaiting: Bool? = await eventually(within: .seconds(90)) { host.programs.looks >= 2 ? true : nil }
            try #require(isWaiting == true, "\(first.text)")
            #expect(size(world) == "2458")
            await first.end(SIGKILL)
            #expect(host.programs.asked == [])
            try host.programs.set(disk: 2458)
            let second = try await world.start()
            for _ in 0..<3 { try await send() }
            let line = "resize-disk geth-vm-0 +20%"
            let isOver: Bool? = try await eventually(within: .seconds(90)) {
                try await jobs(world, line).contains { $0.contains("verifying") } ? true : nil
            }
            let all = try await jobs(world, line)
            #expect(isOver == true && all.count == 1, "\(all) \(second.text)")
            #expect(size(world) == "2458" && host.programs.filesystem == 2458)
            #expect(host.programs.asked == ["resize2fs /dev/sdb"])
            #expect(snapshots(world) == 1)
            #expect(world.standIns.google.received.count { $0.hasPrefix("compute.disks.resize ") } == 1)
            await second.end()
        }
    }

    @Test func `The disk of a host that cannot be reached does not grow`() async throws {
        try await run { world, host in
            let bot = try await world.start()
            await host.server.stop()
            let refused = try await world.command("run", "resize-disk geth-vm-0 +200GiB")
            #expect(refused.code == 1)
            #expect(refused.text.contains("Connection refused"), "\(refused.text)")
            #expect(size(world) == "2048")
            await bot.end()
        }
    }

    @Test func `The status tells how full the disks of hosts and the volumes of the cluster are`() async throws {
        let answer: JSONValue = [
            "status": "success",
            "data": [
                "resultType": "vector",
                "result": [["metric": ["persistentvolumeclaim": "data-geth-1-0"], "value": [1_790_000_000, "0.43"]]],
            ],
        ]
        try await ScriptedServer.run(answering: { _ in .init(body: answer.canonicalText) }) { prometheus in
            try await run { world, host in
                try world.changeSettings(#"prometheus_url: """#, to: "prometheus_url: \(prometheus.url)/-/ready")
                let bot = try await world.start()
                let full = try await world.command("run", "status infrastructure")
                #expect(
                    full.text.contains("Disk of geth-vm-0: /srv/ethereum is 59 % full, 819 GiB of 2 TiB are free"),
                    "\(full.text)")
                #expect(full.text.contains("2Ti, 43 % full"), "\(full.text)")
                await bot.end()
            }
        }
    }

    @Test func `A host and a Prometheus that cannot be asked are told as such, and hinder nothing else of the status`()
        async throws
    {
        let port = try FreePort.take()
        try await run { world, host in
            try world.changeSettings(#"prometheus_url: """#, to: "prometheus_url: http://127.0.0.1:\(port)/-/ready")
            let bot = try await world.start()
            await host.server.stop()
            let status = try await world.command("run", "status infrastructure")
            #expect(status.code == 0, "\(status.text)")
            for words in [
                "Connection refused", "Volume data-geth-1-0", "How full volumes are", "2 of 2 Ethereum nodes",
            ] {
                #expect(status.text.contains(words), "\(words): \(status.text)")
            }
            await bot.end()
        }
    }

    @Test func `A claim by the same command grows through Kubernetes`() async throws {
        try await run { world, host in
            let bot = try await world.start()
            func claim() -> JSONValue? {
                world.standIns.kubernetes.object(
                    apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: "ethereum", name: "data-geth-1-0")
            }
            let isBound: Bool? = await eventually(within: .seconds(30)) {
                claim()?.at(path: "status.phase") == "Bound" ? true : nil
            }
            try #require(isBound == true)
            let grown = try await world.command("run", "resize-disk data-geth-1-0 +200GiB")
            #expect(grown.code == 0, "\(grown.text)")
            #expect(claim()?.at(path: "spec.resources.requests.storage") == "2248Gi")
            #expect(size(world) == "2048" && snapshots(world) == 0 && host.programs.looks == 0)
            let unknown = try await world.command("run", "resize-disk data-geth-7-0 +20%")
            #expect(unknown.code != 0 && unknown.text.contains("geth-vm-0"), "\(unknown.text)")
            await bot.end()
        }
    }

    // MARK: Units

    @Test(arguments: [
        ("restart-geth geth-0", "geth.service"), ("restart-lighthouse lighthouse-0", "lighthouse.service"),
    ])
    func `A node on a host is stopped and started by its unit, the other half stays up`(_ line: String, _ unit: String)
        async throws
    {
        try await run { world, host in
            let bot = try await world.start()
            let plan = try await world.command("run", line, "--plan")
            #expect(host.programs.asked == [], "\(plan.text)")
            let done = try await world.command("run", line)
            #expect(done.code == 0, "\(done.text)")
            #expect(host.programs.asked == ["stop -- \(unit)", "reset-failed \(unit)", "start -- \(unit)"])
            // No StatefulSet was touched.
            #expect(world.standIns.ethereum.look(at: "geth-0")?.restarts == 0)
            await bot.end()
        }
    }

    @Test func `A unit that does not start is told with its last log lines`() async throws {
        try await run { world, host in
            let bot = try await world.start()
            try host.programs.set("broken", true)
            let failed = try await world.command("run", "restart-geth geth-0")
            #expect(failed.code == 1)
            #expect(failed.text.contains("Job for geth.service failed"), "\(failed.text)")
            let message = await world.message("restart-geth geth-0", "on a host stopped, and is not in sync")
            #expect(message != nil)
            // In the thread.
            #expect(await world.message("the journal: --no-pager -n 40 -u geth.service") != nil)
            await bot.end()
        }
    }

    @Test func `A bot that is killed while the unit is down starts it, and stops it no second time`() async throws {
        try await run { world, host in
            let bot = try await world.start()
            try host.programs.set("hold", true)
            async let asked = world.command("run", "restart-geth geth-0")
            let isStopped: Bool? = await eventually(within: .seconds(60)) {
                host.programs.asked.count == 2 ? true : nil
            }
            #expect(isStopped == true, "\(bot.text)")
            await bot.end(SIGKILL)
            _ = try await asked
            try host.programs.set("hold", false)
            let again = try await world.start()
            let isOver: Bool? = try await eventually(within: .seconds(90)) {
                try await jobs(world, "restart-geth geth-0").contains { $0.contains("succeeded") } ? true : nil
            }
            #expect(isOver == true, "\(again.text)")
            #expect(
                host.programs.asked.filter { !$0.hasPrefix("reset-failed") } == [
                    "stop -- geth.service", "start -- geth.service",
                ])
            await again.end()
        }
    }
}
