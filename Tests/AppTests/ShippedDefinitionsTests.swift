import Definitions
import Domain
import TestSupport
import Testing

@testable import App

/// What is in `commands/` and `webhooks/`, read with the actions that the program has.
@Suite struct ShippedDefinitionsTests {
    private func loader() async throws -> DefinitionsLoader {
        let files = Bot.Files(
            settings: "\(Project.root)/deploy/bot/defimon.example.yaml", root: Project.root)
        return try Bot.loader(files, try await BotEnvironment(process: [:], folder: files.folder))
    }

    @Test func theShippedDefinitionsHaveNoProblemAndTheirExamplesHold() async throws {
        let loader = try await loader()
        let loaded = await loader.loadAndTryExamples()
        #expect(loaded.problems.map(\.description) == [])
        let definitions = try #require(loaded.definitions)
        #expect(
            definitions.commands.keys.sorted() == [
                "adopt", "adopt analytics", "certs", "check-ethereum", "check-host", "deploy", "deploy analytics",
                "deploy infrastructure", "deploy-commit", "diagnose-geth", "diagnose-pod", "drain", "drift", "events",
                "logs", "orphans", "preview create", "preview keep", "preview list", "preview offer",
                "preview remove", "preview sweep", "prune-snapshots", "remove-worker", "renew-geth", "resize-disk",
                "resize-memory",
                "resize-volume", "restart-geth", "restart-lighthouse", "restart-workload", "restore-geth",
                "revoke-cert", "rollback", "rotate-acme-key", "rotate-certs",
                "scale", "scale-workers", "serve-geth", "upgrade-geth", "watch-sync",
            ])
        #expect(
            definitions.rules.map(\.name).sorted() == [
                "certificate-expiring", "database-out-of-memory", "deploy-on-push", "disk-filling",
                "ethereum-no-node-in-sync", "geth-down", "geth-out-of-sync",
                "host-disk-filling", "host-disk-other", "lighthouse-out-of-sync", "peers-low", "pod-crash-looping",
                "preview-closed", "preview-fork", "preview-opened", "vm-unreachable", "volume-filling",
            ])
        #expect(definitions.rules.filter { !$0.isEnabled }.map(\.name) == ["deploy-on-push"])
        #expect(definitions.hash.count == 64)
    }

    @Test func restartGethIsReadAsTheDesignSays() async throws {
        let loader = try await loader()
        let command = try #require(loader.load().definitions?.commands["restart-geth"])
        #expect(command.arguments.map(\.name) == ["node", "force"])
        #expect(command.arguments.map(\.isRequired) == [true, false])
        #expect(command.roles == ["operator"])
        #expect(command.timeout == .seconds(7200))
        #expect(command.approvals.map(\.from) == [["lead"]])
        #expect(command.approvals.first?.when.map(\.description) == ["arguments.force = \"true\""])
        #expect(
            command.steps.map(\.id) == [
                "look", "allowed", "restart", "back-up", "out-of-the-load-balancer", "stop-the-unit",
                "its-count-of-starts-begins-anew", "start-the-unit", "in-sync-again", "back-in-the-load-balancer",
                "instance-back-in-the-load-balancer",
            ])
        #expect(command.steps[2].unless.map(\.description) == ["steps.allowed.restart = \"false\""])
        // Longer than a Geth may take to end, which is killed else and loses days of its head.
        #expect(command.steps[3].timeout == .seconds(1200))
        #expect(command.steps[5].timeout == .seconds(900))
        #expect(command.onFailure.steps.map(\.action) == ["kubernetes.logs", "ssh.run"])
        #expect(
            command.locks == [
                LockTemplate(path: try Template(parsing: "pool/infrastructure/ethereum"), mode: .exclusive)
            ])
        #expect(command.location.description == "commands/restart-geth.yaml:1:10")
    }
}
