import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

@testable import App

/// Two bots and one Lease: only its holder works.
@Suite(.serialized, .timeLimit(.minutes(4)))
struct LeaseFromOutsideTests {
    /// A second bot beside the first: its own ledger and address, the same Lease.
    private struct Second {
        let settings: String
        let address: String
        let world: BotFromOutside

        init(_ world: BotFromOutside) throws {
            let port = try FreePort.take()
            let text = try String(contentsOfFile: world.settings, encoding: .utf8)
                .replacing("listen: 127.0.0.1:\(world.port)", with: "listen: 127.0.0.1:\(port)")
                .replacing("ledger: defimon.sqlite", with: "ledger: second.sqlite\nsocket: second.sock")
            settings = try world.folder.write(text, to: "second.yaml")
            address = "http://127.0.0.1:\(port)"
            self.world = world
        }

        func launch() async throws -> RunningProgram {
            try await RunningProgram(
                Project.binary, ["serve", "--config", settings, "--root", Project.root],
                environment: ["DEFIMON_LOG": "info"], in: world.folder)
        }

        /// Runs the program once with the second bot's settings.
        func command(_ arguments: String...) async throws -> (code: Int32, text: String) {
            let program = try await RunningProgram(
                Project.binary, arguments + ["--config", settings], in: world.folder, directory: Project.root)
            return (await program.ended(), program.text)
        }

        func get(_ path: String) async -> HTTPResponse? {
            // Not reachable yet is not ready yet.
            try? await world.session.send(HTTPRequest(url: address + path), timeout: .seconds(2))
        }

        func isReady(within limit: Duration = .seconds(60)) async -> Bool {
            let isReady: Bool? = await eventually(within: limit) { await get("/readyz")?.status == 200 ? true : nil }
            return isReady == true
        }
    }

    private func holder(_ world: BotFromOutside) -> String? {
        world.standIns.kubernetes.object(
            apiVersion: "coordination.k8s.io/v1", kind: "Lease", namespace: "ethereum", name: "defimon")?
            .at(path: "spec.holderIdentity")?.stringValue
    }

    private func withLease(
        seconds: Int = 6, _ body: (BotFromOutside, Second) async throws -> Void
    ) async throws {
        try await BotFromOutside.run { world in
            try world.changeSettings(
                "ledger: defimon.sqlite\n",
                to: "ledger: defimon.sqlite\nlease: {cluster: analytics, namespace: ethereum, seconds: \(seconds)}\n")
            try await body(world, try Second(world))
        }
    }

    @Test func `the second bot waits and says who holds the Lease, and works as soon as the first has stopped`()
        async throws
    {
        try await withLease { world, second in
            let first = try await world.start()
            let holder = try #require(self.holder(world))
            let waiting = try await second.launch()
            let readiness: HTTPResponse? = await eventually(within: .seconds(60)) { await second.get("/readyz") }
            #expect(readiness?.status == 503, "\(waiting.text)")
            #expect(
                readiness?.text.contains("waits for the lease ethereum/defimon of cluster analytics, held by \(holder)")
                    == true, "\(readiness?.text ?? "")")
            #expect(await second.get("/healthz")?.status == 200)
            // It is let in by nobody, and has opened no ledger.
            #expect(await second.get("/webhooks/alertmanager")?.status == 503)
            #expect(!FileManager.default.fileExists(atPath: world.folder.path("second.sqlite")))
            #expect(waiting.text.components(separatedBy: "the bot waits").count == 2, "\(waiting.text)")

            // Several renewals later both are as they were.
            let version = { world.count("PATCH", "/leases/") }
            let before = version()
            let isRenewed: Bool? = await eventually(within: .seconds(30)) { version() >= before + 3 ? true : nil }
            #expect(isRenewed == true)
            #expect(self.holder(world) == holder)
            #expect(await second.get("/readyz")?.status == 503)

            #expect(await first.end(SIGTERM) == 0, "\(first.text)")
            #expect(first.text.contains("the lease is given back"), "\(first.text)")
            // Released: no waiting for its end.
            #expect(await second.isReady(within: .seconds(5)), "\(waiting.text)")
            #expect(self.holder(world) != holder)
            #expect(await waiting.end(SIGTERM) == 0)
            #expect(self.holder(world) == nil)
        }
    }

    @Test func `told to stop while it waits, a bot ends at once and cleanly`() async throws {
        try await withLease { world, second in
            let first = try await world.start()
            let waiting = try await second.launch()
            _ = await eventually(within: .seconds(60)) { await second.get("/readyz") }
            #expect(await waiting.end(SIGTERM) == 0, "\(waiting.text)")
            #expect(await world.readiness()?.status == 200)
            await first.end()
        }
    }

    @Test func `a bot that was killed is followed after the Lease's duration, not before`() async throws {
        try await withLease { world, second in
            let first = try await world.start()
            let waiting = try await second.launch()
            _ = await eventually(within: .seconds(60)) { await second.get("/readyz") }
            await first.end(SIGKILL)
            let killed = ContinuousClock.now
            #expect(await second.isReady(), "\(waiting.text)")
            let took = killed.duration(to: .now)
            // It had renewed at most 2 s before.
            #expect(took >= .milliseconds(3_900), "\(took)")
            await waiting.end()
        }
    }

    @Test func `a holder that cannot reach the API server ends before another may start`() async throws {
        try await withLease { world, _ in
            let first = try await world.start()
            let before = world.count("PATCH", "/leases/")
            let isRenewed: Bool? = await eventually(within: .seconds(30)) {
                world.count("PATCH", "/leases/") > before ? true : nil
            }
            #expect(isRenewed == true)
            // Every request hangs from now on.
            world.standIns.kubernetes.setFailures { $0.slow = 15_000 }
            let cut = ContinuousClock.now
            #expect(await first.ended(within: .seconds(30)) == 4, "\(first.text)")
            let took = cut.duration(to: .now)
            #expect(took < .seconds(6), "\(took)")
            #expect(
                first.text.contains("the lease ethereum/defimon of cluster analytics could not be renewed"),
                "\(first.text)")
            #expect(first.text.contains("the bot has ended, so that another may start"))
        }
    }

    @Test func `a holder that was stopped for longer than its Lease ends when it wakes, and writes nothing`()
        async throws
    {
        try await withLease { world, second in
            let first = try await world.start()
            let waiting = try await second.launch()
            _ = await eventually(within: .seconds(60)) { await second.get("/readyz") }
            kill(first.id, SIGSTOP)
            #expect(await second.isReady(), "\(waiting.text)")
            let size = try ledgerSize(world)
            kill(first.id, SIGCONT)
            #expect(await first.ended(within: .seconds(30)) == 4, "\(first.text)")
            #expect(try ledgerSize(world) == size)
            #expect(await second.get("/readyz")?.status == 200)
            await waiting.end()
        }
    }

    @Test func `a copy is restored on another machine, whose bot starts frozen when the lost one's Lease is over`()
        async throws
    {
        try await withLease { world, second in
            let first = try await world.start()
            let deployed = try await world.command("run", "deploy analytics")
            #expect(deployed.code == 0, "\(deployed.text)")
            let copy = world.folder.path("copy.sqlite")
            #expect(try await world.command("backup", "--to", copy).code == 0)

            // The node does not answer any more; nobody knows whether it will.
            kill(first.id, SIGSTOP)
            let lost = ContinuousClock.now
            // Kept beside the copies: what it has signed is continued with it alone.
            try FileManager.default.copyItem(
                atPath: world.folder.path("defimon.sqlite.audit-key"),
                toPath: world.folder.path("second.sqlite.audit-key"))
            let restored = try await second.command("restore", "--from", copy)
            #expect(restored.code == 0 && restored.text.contains("starts frozen"), "\(restored.text)")
            let follower = try await second.launch()
            #expect(await second.isReady(), "\(follower.text)")
            let took = lost.duration(to: .now)
            #expect(took >= .milliseconds(3_900), "\(took)")

            // The node is back: its bot ends before it does anything.
            kill(first.id, SIGCONT)
            #expect(await first.ended(within: .seconds(30)) == 4, "\(first.text)")
            let jobs = try await second.command("jobs", "list")
            #expect(jobs.text.contains("deploy analytics"), "\(jobs.text)")
            let held = try await second.command("run", "--detach", "deploy analytics")
            #expect(held.text.contains("frozen by"), "\(held.text)")
            #expect(try await second.command("thaw").code == 0)
            let again = try await second.command("run", "deploy analytics --plan")
            #expect(again.code == 0, "\(again.text)")
            #expect(await follower.end(SIGTERM) == 0, "\(follower.text)")
        }
    }

    private func ledgerSize(_ world: BotFromOutside) throws -> [UInt64] {
        try ["defimon.sqlite", "defimon.sqlite-wal"].map { name in
            let attributes = try FileManager.default.attributesOfItem(atPath: world.folder.path(name))
            return (attributes[.size] as? NSNumber)?.uint64Value ?? 0
        }
    }
}
