import Definitions
import Domain
import Testing

@Suite struct ShippedDefinitionsTests {
    @Test func theShippedDefinitionsHaveNoProblemAndTheirExamplesHold() async throws {
        let loader = Loading.loader(root: Loading.root, settingsPath: "deploy/bot/defimon.example.yaml")
        let loaded = await loader.loadAndTryExamples()
        #expect(loaded.problems.map(\.description) == [])
        let definitions = try #require(loaded.definitions)
        #expect(definitions.commands.keys.sorted() == ["deploy", "diagnose-pod", "restart-geth", "restart-workload"])
        #expect(definitions.rules.map(\.name).sorted() == ["geth-down", "pod-crash-looping"])
        #expect(definitions.hash.count == 64)
    }

    @Test func restartGethIsReadAsTheDesignSays() async throws {
        let loader = Loading.loader(root: Loading.root, settingsPath: "deploy/bot/defimon.example.yaml")
        let command = try #require(loader.load().definitions?.commands["restart-geth"])
        #expect(command.arguments.map(\.name) == ["node", "force"])
        #expect(command.arguments.map(\.isRequired) == [true, false])
        #expect(command.roles == ["operator"])
        #expect(command.timeout == .seconds(2400))
        #expect(command.steps.map(\.id) == ["the-other-node-must-be-in-sync", "restart", "back-up", "in-sync-again"])
        #expect(command.steps[0].unless.map(\.description) == ["arguments.force = \"true\""])
        #expect(command.steps.last?.timeout == .seconds(1800))
        #expect(
            command.locks == [
                LockTemplate(path: try Template(parsing: "pool/infrastructure/ethereum"), mode: .exclusive)
            ])
        #expect(command.location.description == "commands/restart-geth.yaml:1:10")
    }

    @Test func everyActionHasAFakeThatIsUsed() async throws {
        let loader = Loading.loader(root: Loading.root, settingsPath: "deploy/bot/defimon.example.yaml")
        let definitions = try #require(loader.load().definitions)
        for step in definitions.commands.values.flatMap(\.steps) {
            #expect(FakeActions.catalogue[step.action] != nil)
        }
    }
}
