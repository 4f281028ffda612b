import Domain
import Foundation
import Sandbox
import TestSupport
import Testing

@testable import App

/// Ethereum nodes that are ill, as the people on call see them.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct EthereumFromOutsideTests {
    private func restarts(_ world: BotFromOutside, _ node: String) -> [Int] {
        let view = world.standIns.ethereum.look(at: node)
        return [view?.restarts ?? -1, view?.lighthouseRestarts ?? -1]
    }

    @Test func `Where the secret is the cause nothing is restarted, and it says what to mend`() async throws {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            world.standIns.ethereum.set("geth-0", .wrongSecret, true, ago: .seconds(600))
            let refused = try await world.command("run", "restart-geth geth-0")
            #expect(refused.code == 1)
            for words in [
                "a restart of Geth is no remedy: geth-0 is jwt-mismatch", "the same JWT secret",
            ] { #expect(refused.text.contains(words), "\(words): \(refused.text)") }
            #expect(restarts(world, "geth-0") == [0, 0])
            let status = try await world.command("run", "status infrastructure")
            #expect(status.text.contains("1 of 2 Ethereum nodes are in sync."), "\(status.text)")
            #expect(status.text.contains("beacon node cannot reach its execution client"), "\(status.text)")
            let diagnosed = try await world.command("run", "diagnose-geth geth-0")
            #expect(diagnosed.text.contains("401: signature is invalid"), "\(diagnosed.text)")
            #expect(!diagnosed.text.contains(world.standIns.ethereum.jwtSecret(of: "geth-0").reveal()))
            await bot.end()
        }
    }

    @Test func `A node that is down is started, though the other one is not in sync either`() async throws {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            world.standIns.ethereum.set("geth-0", .down)
            world.standIns.ethereum.set("geth-1", .syncing(behind: 5000))
            let checked = try await world.command("run", "check-ethereum")
            #expect(checked.code == 1 && checked.text.contains("0 of 2 nodes in sync"), "\(checked.text)")
            let started = try await world.command("run", "restart-geth geth-0")
            #expect(started.code == 0, "\(started.text)")
            #expect(started.text.contains("Geth of geth-0 is down and is started, no other node is in sync"))
            #expect(restarts(world, "geth-0") == [1, 0])
            let other = try await world.command("run", "restart-geth geth-1")
            #expect(other.code == 1 || restarts(world, "geth-1") == [1, 0])
            await bot.end()
        }
    }

    @Test func `An alert of Lighthouse restarts Lighthouse alone`() async throws {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            try await world.standIns.alerts.fire("lighthouse-down-geth-0")
            let end = await world.message(within: .seconds(120), "restart-lighthouse lighthouse-0", "succeeded")
            #expect(end != nil, "\(bot.text)")
            #expect(restarts(world, "geth-0") == [0, 1])
            await bot.end()
        }
    }

    @Test func `A head of Geth that stands still because of Lighthouse ends in a restart of Lighthouse`() async throws {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            world.standIns.ethereum.set("geth-0", .lighthouseStuck, true, ago: .seconds(600))
            try await world.standIns.alerts.fire("geth-stuck-geth-0")
            world.standIns.ethereum.set("geth-0", .healthy)
            let refusal = await world.message(
                within: .seconds(120), "restart-geth geth-0", "no remedy: geth-0 is lighthouse-stuck")
            #expect(refusal != nil, "\(bot.text)")
            let end = await world.message(within: .seconds(120), "restart-lighthouse lighthouse-0", "succeeded")
            #expect(end != nil, "\(bot.text)")
            #expect(restarts(world, "geth-0") == [0, 1])
            await bot.end()
        }
    }

    @Test func `A new version goes to one node, and to the other one when the first is in sync`() async throws {
        try await BotFromOutside.run { world in
            let bot = try await world.start()
            let done = try await world.command("run", "upgrade-geth ethereum/client-go:v9.9.9")
            #expect(done.code == 0, "\(done.text)")
            for name in ["geth-0", "geth-1"] {
                let set = world.standIns.kubernetes.object(
                    apiVersion: "apps/v1", kind: "StatefulSet", namespace: "ethereum", name: name)
                let containers = set?.at(path: "spec.template.spec.containers")?.arrayValue
                #expect(containers?.first?["image"] == "ethereum/client-go:v9.9.9")
                #expect(restarts(world, name) == [1, 0])
            }
            // With one that is not in sync it does not begin.
            world.standIns.ethereum.set("geth-0", .down)
            let refused = try await world.command("run", "upgrade-geth ethereum/client-go:v9.9.10")
            #expect(refused.code == 1 && refused.text.contains("1 of 2 nodes in sync, wanted are 2"))
            #expect(restarts(world, "geth-1") == [1, 0])
            await bot.end()
        }
    }

    @Test func `A disk that fills grows once, though the alert comes five times and the bot is killed in between`()
        async throws
    {
        try await BotFromOutside.run { world in
            let first = try await world.start()
            func send() async throws {
                let sent = try await RunningProgram(
                    Project.binary,
                    [
                        "send", "alertmanager", "\(Project.root)/webhooks/alertmanager/disk-filling.firing.json",
                        "--to", world.address,
                    ],
                    environment: ["ALERTMANAGER_WEBHOOK_TOKEN": world.secrets.alertmanager.reveal()], in: world.folder)
                try #require(await sent.ended() == 0, "\(sent.text)")
            }
            func claim() -> JSONValue? {
                world.standIns.kubernetes.object(
                    apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: "ethereum", name: "data-geth-0-0")
            }
            func size() -> JSONValue? { claim()?.at(path: "spec.resources.requests.storage") }
            let isBound: Bool? = await eventually(within: .seconds(30)) {
                claim()?.at(path: "status.phase") == "Bound" ? true : nil
            }
            try #require(isBound == true)
            for _ in 0..<2 { try await send() }
            let isGrown: Bool? = await eventually(within: .seconds(60)) { size() == "2458Gi" ? true : nil }
            #expect(isGrown == true, "\(first.text)")
            await first.end(SIGKILL)
            let second = try await world.start()
            for _ in 0..<3 { try await send() }
            let line = "resize-volume infrastructure data-geth-0-0 +20% namespace=ethereum max=4Ti"
            let isOver: Bool? = try await eventually(within: .seconds(60)) {
                try await world.command("jobs", "list").text.split(separator: "\n")
                    .contains { $0.contains(line) && $0.contains("verifying") } ? true : nil
            }
            #expect(size() == "2458Gi")
            let jobs = try await world.command("jobs", "list").text
            #expect(isOver == true, "\(jobs)")
            #expect(jobs.split(separator: "\n").count { $0.contains(line) } == 1)
            await second.end()
        }
    }
}
