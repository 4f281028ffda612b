import Domain
import Foundation
import Sandbox
import Synchronization
import TestSupport
import Testing

@testable import App

/// The infrastructure pool, from an empty project to nodes that follow the chain.
@Suite(.serialized, .timeLimit(.minutes(5))) struct InfrastructureFromOutsideTests {
    private static let command = "deploy infrastructure"

    /// Lena approves the job that waits.
    private func approve(_ world: BotFromOutside) async throws {
        let asked = try #require(await world.message(Self.command, "waiting for approval", "May approve"))
        let number = try #require(asked.firstMatch(of: /job (\d+)/)?.1)
        try await world.type("/defimon approve \(number)", as: SandboxPeople.leadID)
    }

    /// What Google has begun to make, by method: each operation once, however often it was asked for.
    private final class Creations: Sendable {
        private let operations = Mutex<[String: Set<String>]>([:])

        func add(_ exchange: SandboxExchange) {
            let method = exchange.methodID
            guard exchange.status == 200, method.hasSuffix(".insert") || method.hasSuffix(".create"),
                let name = exchange.answer["name"]?.stringValue
            else { return }
            operations.withLock { _ = $0[method, default: []].insert(name) }
        }

        var counts: [String: Int] { operations.withLock { $0.mapValues(\.count) } }
    }

    @Test func `the pool comes up from nothing though the bot is killed twice, and then there is nothing to do`()
        async throws
    {
        let root = try TemporaryFolder()
        for name in ["commands", "webhooks", "deploy"] {
            try FileManager.default.copyItem(atPath: "\(Project.root)/\(name)", toPath: root.path(name))
        }
        try await BotFromOutside.run(withoutNodes: true) { world in
            let creations = Creations()
            world.standIns.google.onExchange { creations.add($0) }
            var bot = try await world.start(root: root.url.path)
            try await world.type("/defimon \(Self.command)")
            try await approve(world)
            for part in ["networks/defimon", "clusters/infrastructure"] {
                let isBegun: Bool? = await eventually(within: .seconds(60)) {
                    world.standIns.google.paths(containing: part).isEmpty ? nil : true
                }
                try #require(isBegun == true, "\(bot.text)")
                await bot.end(SIGKILL)
                bot = try await world.start(root: root.url.path)
            }
            let done = try #require(
                await world.message(within: .seconds(120), Self.command, "· succeeded"), "\(bot.text)")
            // How far they are when it ends hangs on how long the rest has taken.
            #expect(
                done.contains("all 2 nodes are in sync") || done.contains("2 nodes follow the chain"), "\(done)")
            #expect(
                creations.counts == [
                    "compute.networks.insert": 1, "compute.subnetworks.insert": 1, "compute.routers.insert": 1,
                    "compute.firewalls.insert": 3, "container.projects.locations.clusters.create": 1,
                    "container.projects.locations.clusters.nodePools.create": 1,
                ])

            let again = try await world.command("run", Self.command)
            #expect(again.code == 0, "\(again.text)")
            #expect(again.text.contains("nothing to do: all 6 are as wanted"), "\(again.text)")
            #expect(again.text.contains("46 objects, 0 changed"), "\(again.text)")

            let settings = root.path("deploy/infrastructure-pool/deployment/google-network.yaml")
            let text = try String(contentsOfFile: settings, encoding: .utf8)
            let rule = #"allow: ["tcp:3001,8545,9090"]"#
            try #require(text.contains(rule))
            try text.replacing(rule, with: #"allow: ["tcp:8545"]"#)
                .write(toFile: settings, atomically: true, encoding: .utf8)
            let plan = try await world.command("run", "\(Self.command) --plan")
            #expect(plan.text.contains("This is what it would change (1)."), "\(plan.text)")
            #expect(
                plan.text.contains("firewall rule defimon-allowed: allowed: tcp:3001,8545,9090 → tcp:8545"),
                "\(plan.text)")
            await bot.end()
        }
    }
}
