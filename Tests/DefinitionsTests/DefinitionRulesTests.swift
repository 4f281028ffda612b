import Definitions
import Domain
import Foundation
import TestSupport
import Testing

/// Single checks, each on a small folder.
@Suite struct DefinitionRulesTests {
    static let steps = "steps: [{uses: http.check, with: {url: x}}]\n"

    private func command(_ text: String, named name: String = "a") -> [String: String] {
        ["commands/\(name).yaml": "command: \(name)\nsummary: s\n\(text)"]
    }

    @Test(arguments: [("things.address-rpc.address", true), ("things", true), ("thing.a", false), ("changed.a", false)])
    func `names in a map that a step puts out are taken, and others are not`(_ path: String, _ isThere: Bool)
        async throws
    {
        let steps =
            "steps:\n- {id: base, uses: gcp.ensure}\n- {uses: http.check, with: {url: \"{{steps.base.\(path)}}\"}}\n"
        let problems = try await Loading.problems(command(steps)).filter { $0.contains("nothing provides") }
        #expect(problems.isEmpty == isThere)
    }

    @Test(
        "a command's mistakes",
        arguments: [
            (steps, []),
            ("", ["commands/a.yaml:1:1: error: command 'a' has no steps; add steps: [{uses: …}]"]),
            ("steps: []\n", ["commands/a.yaml:1:1: error: command 'a' has no steps; add steps: [{uses: …}]"]),
            (
                "steps: {uses: http.check}\n",
                [
                    "commands/a.yaml:1:1: error: command 'a' has no steps; add steps: [{uses: …}]",
                    "commands/a.yaml:3:8: error: 'steps' must be a list, and it is a map; write [ ] around it",
                ]
            ),
            (
                steps + "timeout: 10\n",
                ["commands/a.yaml:4:10: error: 'timeout' must be a time span such as 90s or 2h30m, and it is 10"]
            ),
            (
                steps + "summary_: x\n",
                ["commands/a.yaml:4:1: error: unknown key 'summary_' in the command; did you mean 'summary'?"]
            ),
            (
                steps + "for_each: x\n",
                [
                    "commands/a.yaml:4:1: error: unknown key 'for_each' in the command; known keys: command, summary, arguments, roles, channels, locks, timeout, start_within, steps, on_failure, on_success, offers, examples, report, supersedes, about, schedule, quiet, guards, upkeep, approvals, confirm, verify, default_subcommand, subcommands"
                ]
            ),
            (
                steps + "locks: [\"a b\", \"/a\", {path: a/b, mode: share}]\n",
                [
                    "commands/a.yaml:4:9: error: a lock must be a path of letters, digits, '.', '_' and '-' with '/' between its parts; for example pool/analytics",
                    "commands/a.yaml:4:16: error: a lock must be a path of letters, digits, '.', '_' and '-' with '/' between its parts; for example pool/analytics",
                    "commands/a.yaml:4:40: error: 'mode' must be one of exclusive, shared, and it is 'share'; did you mean 'shared'?",
                ]
            ),
            (
                steps
                    + "arguments:\n  plan: {type: flag}\n  n: {type: integer, min: 5, max: 1}\n  t: {type: text, min: 1}\n  c: {type: choice}\n  d: {type: choice, choices: [a, a, 1]}\n  B: {type: text}\n",
                [
                    "commands/a.yaml:5:3: error: every command has --plan already; choose another name",
                    "commands/a.yaml:6:27: error: 'min' is greater than 'max'",
                    "commands/a.yaml:7:24: error: 'min' belongs to type integer, and this is text; remove it",
                    "commands/a.yaml:8:6: error: argument 'c' has no choices; add choices: [a, b]",
                    "commands/a.yaml:9:34: error: choice 'a' is written twice; remove one of them",
                    "commands/a.yaml:9:37: error: a choice must be text, and it is 1; put it in quotes",
                    "commands/a.yaml:10:3: error: an argument's name must be a name of small letters, digits, '_' and '-', at most 40, that begins with a letter",
                ]
            ),
            (
                "steps:\n  - {id: x, uses: http.check, with: {url: a}}\n  - {id: x, uses: http.check, with: {url: \"{{steps.x.summary}} {{steps.x.certificate_days}}\"}}\n",
                [
                    "commands/a.yaml:5:10: error: the id 'x' belongs to an earlier step; choose another one"
                ]
            ),
            (
                "steps: [{uses: http.check, with: {url: \"{{a b}}\", status: \"{{\"}}]\n",
                [
                    "commands/a.yaml:3:40: error: '{{a b}}' is not a dotted path of letters, digits, '_' and '-'",
                    "commands/a.yaml:3:59: error: '{{' is never closed by '}}'",
                ]
            ),
            (
                "steps: [{uses: http.check, with: {url: x}, retry: {attempts: 0, backoff: 2m, max_backoff: 1m, x: 1}}]\n",
                [
                    "commands/a.yaml:3:62: error: 'attempts' must be a whole number from 1 to 100, and it is 0",
                    "commands/a.yaml:3:91: error: 'max_backoff' is shorter than 'backoff'",
                    "commands/a.yaml:3:95: error: unknown key 'x' in the retry; known keys: attempts, backoff, max_backoff",
                ]
            ),
            (
                steps + "examples: [\"b\", \"a x\", \"a --plan\", \"a \\\"\"]\n",
                [
                    "commands/a.yaml:4:12: error: the example does not begin with 'a'; write a [--plan]",
                    "commands/a.yaml:4:17: error: the example cannot be read: 'x' is one word too many — usage: a [--plan]",
                    "commands/a.yaml:4:36: error: the example cannot be read: a quote is opened and never closed",
                ]
            ),
            (
                steps
                    + "on_failure: {says: \"{{steps.nope.x}}\", steps: [{uses: http.chek}]}\noffers: [{label: L, run: \"a --x=1\"}]\nreport: [ops, pigeon:x]\n",
                [
                    "commands/a.yaml:4:20: error: nothing provides {{steps.nope.x}}; 'steps' has check, chek",
                    "commands/a.yaml:4:55: error: there is no action 'http.chek'; did you mean 'http.check'?",
                    "commands/a.yaml:5:26: error: the offered command cannot run: 'a' has no argument 'x'",
                    "commands/a.yaml:6:10: error: a place must be a place such as slack:#ops, and it is 'ops'",
                    "commands/a.yaml:6:15: error: 'pigeon' is no channel; channels: slack, mattermost, discord, telegram, matrix, email, github, webhook",
                ]
            ),
        ] as [(String, [String])])
    func commandMistakes(_ text: String, _ wanted: [String]) async throws {
        let found = try await Loading.problems(command(text))
        #expect(found == wanted)
    }

    @Test func filesThatAreNoDefinitionsAreReported() async throws {
        let problems = try await Loading.problems([
            "commands/empty.yaml": "# nothing\n", "commands/list.yaml": "[1]\n",
            "commands/two.yaml": "command: two\nsummary: s\n\(Self.steps)---\na: 1\n",
            "commands/deep/x.yaml": "command: x\n", "commands/old.yml": "command: old\n",
            "webhooks/x.yaml": "rule: x\n", "commands/.hidden.yaml": "x\n",
            "commands/README.md": "text\n", "commands/wrong.yaml": "command: right\nsummary: s\n\(Self.steps)",
        ])
        #expect(
            problems == [
                "commands/deep/x.yaml:1:1: error: a command stands in commands/<name>.yaml",
                "commands/empty.yaml:1:1: error: the file is empty",
                "commands/list.yaml:1:1: error: command '' has no steps; add steps: [{uses: …}]",
                "commands/list.yaml:1:1: error: the command must be a map, and it is a list",
                "commands/old.yml:1:1: error: definition files end in .yaml; rename it",
                "commands/two.yaml:5:1: error: a file holds one definition; put the next one into its own file",
                "commands/wrong.yaml:1:10: error: the name 'right' is not the file's; write wrong, or rename the file to right.yaml",
                "webhooks/x.yaml:1:1: error: a rule stands in webhooks/<source>/<name>.yaml",
            ])
    }

    @Test func filesHaveBounds() async throws {
        let problems = try await Loading.problems([
            "commands/big.yaml": "command: " + String(repeating: "x", count: 1_048_577)
        ])
        #expect(problems == ["commands/big.yaml:1:1: error: the file is larger than 1024 KiB; split it"])
        var many: [String: String] = [:]
        for number in 0..<500 { many["commands/c\(number).yaml"] = "command: c\(number)\nsummary: s\n\(Self.steps)" }
        let loaded = try await Loading.load(many)
        #expect(loaded.problems.map(\.message) == ["there are more than 500 definition files"])
    }

    @Test func aFileThatIsNotUTF8IsRefused() async throws {
        let folder = try TemporaryFolder()
        try folder.write("listen: 127.0.0.1:0\n", to: "defimon.yaml")
        try folder.write("", to: "commands/x.yaml")
        try Data([0x63, 0xff, 0xfe]).write(to: URL(filePath: folder.path("commands/x.yaml")))
        let problems = Loading.loader(root: folder.url.path).load().problems
        #expect(problems.map(\.description) == ["commands/x.yaml:1:1: error: the file is not UTF-8; save it as UTF-8"])
    }

    @Test func aMissingSettingsFileIsAProblem() async throws {
        let folder = try TemporaryFolder()
        #expect(
            Loading.loader(root: folder.url.path).load().problems.map(\.description) == [
                "defimon.yaml:1:1: error: the file is not there"
            ])
    }

    @Test func subcommandsTakeOverRolesAndHaveTheirOwnNames() async throws {
        let loaded = try await Loading.load([
            "commands/preview.yaml": """
            command: preview
            summary: Previews
            roles: [operator]
            timeout: 20m
            subcommands:
              create:
                summary: Make one
                arguments: {name: {type: text}}
                steps: [{uses: http.check, with: {url: "https://{{arguments.name}}"}}]
                examples: [preview create x]
              delete:
                summary: Remove one
                roles: [lead]
                timeout: 1m
                steps: [{uses: http.check, with: {url: x}}]
            """
        ])
        #expect(loaded.problems == [])
        let commands = try #require(loaded.definitions?.commands)
        #expect(commands.keys.sorted() == ["preview create", "preview delete"])
        #expect(
            commands["preview create"]?.roles == ["operator"] && commands["preview create"]?.timeout == .seconds(1200))
        #expect(commands["preview delete"]?.roles == ["lead"] && commands["preview delete"]?.timeout == .seconds(60))
    }

    @Test func whatHasNoEffectOnAGroupIsAProblem() async throws {
        let problems = try await Loading.problems([
            "commands/preview.yaml":
                "command: preview\nsummary: s\nlocks: [a]\nsubcommands:\n  Up: {summary: s, command: x, steps: [{uses: http.check, with: {url: x}}]}\n"
        ])
        #expect(
            problems == [
                "commands/preview.yaml:3:1: error: 'locks' has no effect: 'preview' has subcommands and no steps; move it into the subcommands",
                "commands/preview.yaml:5:3: error: a subcommand's name must be a name of small letters, digits and hyphens, at most 40, that begins with a letter",
                "commands/preview.yaml:5:20: error: unknown key 'command' in the subcommand; known keys: summary, arguments, roles, channels, locks, timeout, start_within, steps, on_failure, on_success, offers, examples, report, supersedes, about, schedule, quiet, guards, upkeep, approvals, confirm, verify, default_subcommand, subcommands",
            ])
    }

    @Test func stepsGetIdsOfTheirOwn() async throws {
        let loaded = try await Loading.load(
            command(
                "steps:\n  - {uses: http.check, with: {url: a}}\n  - {uses: http.check, with: {url: b}}\n  - {name: \"The API answers!\", uses: http.check, with: {url: \"{{steps.check-2.summary}}\"}}\n"
            ))
        #expect(loaded.problems == [])
        #expect(loaded.definitions?.commands["a"]?.steps.map(\.id) == ["check", "check-2", "the-api-answers"])
        #expect(
            loaded.definitions?.commands["a"]?.steps.map(\.name) == ["http.check", "http.check", "The API answers!"])
    }

    @Test func theHashFollowsEveryFileAndNothingElse() async throws {
        let files = command(Self.steps)
        let hash = try await Loading.load(files).definitions?.hash
        #expect(hash?.count == 64)
        #expect(try await Loading.load(files).definitions?.hash == hash)
        #expect(try await Loading.load(files.merging(["commands/notes.md": "x"]) { $1 }).definitions?.hash == hash)
        #expect(try await Loading.load(command(Self.steps + "# x\n")).definitions?.hash != hash)
        #expect(
            try await Loading.load(files.merging(["defimon.yaml": "listen: 127.0.0.1:1\n"]) { $1 }).definitions?.hash
                != hash)
    }
}
