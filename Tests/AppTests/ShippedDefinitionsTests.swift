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
                "deploy", "deploy-commit", "diagnose-pod", "drain", "drift", "events", "logs", "preview create",
                "preview keep", "preview list", "preview offer", "preview remove", "preview sweep", "resize-volume",
                "restart-geth", "restart-workload", "rollback", "scale",
            ])
        #expect(
            definitions.rules.map(\.name).sorted() == [
                "deploy-on-push", "geth-down", "pod-crash-looping", "preview-closed", "preview-fork", "preview-opened",
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
        #expect(command.timeout == .seconds(2400))
        #expect(command.approvals.map(\.from) == [["lead"]])
        #expect(command.approvals.first?.when.map(\.description) == ["arguments.force = \"true\""])
        #expect(command.steps.map(\.id) == ["the-other-node-must-be-in-sync", "restart", "back-up", "in-sync-again"])
        #expect(command.steps[0].unless.map(\.description) == ["arguments.force = \"true\""])
        #expect(command.steps.last?.timeout == .seconds(1800))
        #expect(
            command.locks == [
                LockTemplate(path: try Template(parsing: "pool/infrastructure/ethereum"), mode: .exclusive)
            ])
        #expect(command.location.description == "commands/restart-geth.yaml:1:10")
    }
}
