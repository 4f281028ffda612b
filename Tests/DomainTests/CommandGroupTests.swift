import Domain
import Testing

@Suite struct CommandGroupTests {
    private func set(default subcommand: String?) -> DefinitionSet {
        let names = ["preview create", "preview list", "preview keep"]
        let commands = names.map { name in
            CommandDefinition(
                name: name, summary: "", arguments: [], roles: [], locks: [], timeout: .seconds(1), startWithin: nil,
                steps: [], onFailure: OnFailure(), offers: [], onSuccess: nil, examples: [], report: [],
                location: .none)
        }
        return DefinitionSet(
            commands: Dictionary(uniqueKeysWithValues: commands.map { ($0.name, $0) }),
            groups: [
                "preview": CommandGroup(
                    name: "preview", summary: "Previews", subcommands: ["create", "list", "keep"],
                    defaultSubcommand: subcommand)
            ], rules: [], people: [], variables: [:], defaultReport: [], hash: "")
    }

    @Test(
        "a group stands for its default subcommand, unless the next word could be meant as another one",
        arguments: [
            (["preview", "42", "1a2b3c4"], "preview create", ["42", "1a2b3c4"]), (["preview"], "preview create", []),
            (["preview", "list"], "preview list", []), (["preview", "create", "42"], "preview create", ["42"]),
            (["preview", "--plan"], "preview create", ["--plan"]),
            (["preview", "lst"], nil, []), (["preview", "creat", "42"], nil, []), (["previw", "42"], nil, []),
            ([], nil, []),
        ] as [([String], String?, [String])])
    func resolves(_ words: [String], _ name: String?, _ rest: [String]) {
        let found = set(default: "create").command(named: words)
        #expect(found?.definition.name == name)
        #expect(Array(found?.rest ?? []) == rest)
    }

    @Test func withoutADefaultItIsNoCommand() {
        let set = set(default: nil)
        #expect(set.command(named: ["preview", "42"]) == nil)
        #expect(set.group(named: ["preview", "42"])?.subcommands == ["create", "list", "keep"])
        #expect(set.group(named: ["list"]) == nil)
        #expect(set.command(named: ["preview", "list"]) != nil)
    }
}
