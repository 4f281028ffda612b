import Definitions
import Domain
import Foundation
import Testing

/// Roles with limits, places where commands are taken, and how often somebody may ask.
@Suite struct RolesTests {
    private static let steps = "steps: [{uses: http.check, with: {url: x}}]\n"

    private func files(_ settings: String, deploy: String = "roles: [operator]\n") -> [String: String] {
        [
            "defimon.yaml":
                "pools: {analytics: {x: 1}, ml: {x: 1}}\npeople: {ada: {name: Ada, roles: [operator], cli: ada}}\n\(settings)",
            "commands/deploy.yaml":
                "command: deploy\nsummary: s\narguments: {pool: {type: choice, choices: [analytics, ml]}, n: {type: integer, optional: true}}\n\(Self.steps)\(deploy)",
            "commands/preview.yaml":
                "command: preview\nsummary: s\nroles: [developer]\nsubcommands:\n  create: {summary: s, \(Self.steps.trimmingCharacters(in: .newlines))}\n  list: {summary: s, roles: [], \(Self.steps.trimmingCharacters(in: .newlines))}\n",
        ]
    }

    @Test func `Roles are read as they are written`() async throws {
        let loaded = try await Loading.load(
            files(
                """
                roles:
                  operator:
                    summary: On call
                    may: [{command: deploy, pools: [ml], arguments: {pool: [ml], n: [1, 2]}}, {command: "*"}]
                  developer: {may: ["preview *"]}
                  reviewer: {}
                limits: {requests_per_person: {count: 20, per: 1m}}

                """))
        #expect(loaded.problems == [])
        let set = try #require(loaded.definitions)
        #expect(
            set.roles["operator"]
                == RoleDefinition(
                    name: "operator", summary: "On call",
                    may: [
                        Permission(
                            command: CommandPattern("deploy"), pools: ["ml"],
                            arguments: ["pool": ["ml"], "n": ["1", "2"]]),
                        Permission(command: CommandPattern("*")),
                    ]))
        #expect(set.roles["developer"]?.may == [Permission(command: CommandPattern("preview *"))])
        #expect(set.roles["reviewer"] == RoleDefinition(name: "reviewer"))
        #expect(loaded.settings?.limits.requestsPerPerson == RequestRate(count: 20, per: .seconds(60)))
    }

    @Test(
        arguments: [
            (
                "roles: {operator: {may: [deplyo]}}\n",
                ["3:26: error: there is no command 'deplyo'; did you mean 'deploy'?"]
            ),
            (
                "roles: {developer: {may: [preview, previw *]}}\n",
                [
                    "3:27: error: 'preview' is only the common word of several commands; write 'preview *'",
                    "3:36: error: no command's name begins with 'previw'; did you mean 'preview *'?",
                ]
            ),
            (
                "roles: {operator: {may: [preview create]}, developer: {may: [preview list, \"preview *\"]}}\n",
                [
                    "3:26: error: 'preview create' does not name the role 'operator', so this entry gives nothing; add 'operator' to the command's roles, or remove the entry",
                    "3:62: error: 'preview list' does not name the role 'developer', so this entry gives nothing; add 'developer' to the command's roles, or remove the entry",
                ]
            ),
            (
                "roles: {operator: {may: [{command: deploy, pools: [anlytics], arguments: {pol: [ml], n: [one], pool: [mll]}}]}}\n",
                [
                    "3:52: error: there is no pool 'anlytics' in the settings; did you mean 'analytics'?",
                    "3:75: error: 'deploy' has no argument 'pol'; did you mean 'pool'?",
                    "3:90: error: 'one' is no value for the argument 'n' of 'deploy'; it must be a whole number",
                    "3:103: error: 'mll' is no value for the argument 'pool' of 'deploy'; did you mean 'ml'?",
                ]
            ),
            (
                "roles: {operator: {may: [{command: deploy, pools: [], arguments: {n: 1, pool: []}}]}}\n",
                [
                    "3:51: error: without a pool the entry gives nothing; name pools, or remove 'pools'",
                    "3:70: error: an argument's values must be a list of 1 to 100, and it is a whole number; write [ ] around them",
                    "3:79: error: an argument's values must be a list of 1 to 100, and it is a list; write [ ] around them",
                ]
            ),
            (
                "roles: {operator: {may: [{commnd: deploy}, \"a * b\"]}}\n",
                [
                    "3:27: error: unknown key 'commnd' in the permission; did you mean 'command'?",
                    "3:44: error: what a role may run must be a command's name, 'preview *' or '*', and it is 'a * b'",
                ]
            ),
            // A role that nobody has and no command names is a mistake only where it looks like another.
            ("roles: {auditor: {}, lead: {}}\n", []),
            (
                "roles: {operater: {}}\n",
                [
                    "3:9: error: nobody has the role 'operater', and no command names it; did you mean 'operator'? If not, describe it under roles of the settings"
                ]
            ),
            (
                "limits: {requests_per_person: {count: 0, per: 999ms}}\n",
                [
                    "3:39: error: 'count' must be a whole number from 1 to 1000, and it is 0",
                    "3:47: error: 'per' must be from 1s to 1d, and it is '999ms'",
                ]
            ),
            ("limits: {requests_per_person: {count: 1000, per: 1d}}\n", []),
        ] as [(String, [String])])
    func `Mistakes in roles are named with their place`(settings: String, wanted: [String]) async throws {
        let found = try await Loading.problems(files(settings))
        #expect(found == wanted.map { "defimon.yaml:\($0)" })
    }

    @Test func `A misspelt role of a command or of a person is found once roles are described`() async throws {
        let wrong = "roles: [operatr]\n"
        #expect(try await Loading.problems(files("", deploy: wrong)) == [])
        #expect(
            try await Loading.problems(files("roles: {operator: {}, developer: {}}\n", deploy: wrong)) == [
                "commands/deploy.yaml:5:9: error: nobody has the role 'operatr'; did you mean 'operator'? If not, describe it under roles of the settings"
            ])
        #expect(
            try await Loading.problems(
                files("roles: {operators: {}}\n", deploy: "roles: [operators]\n")
            ).first?.contains("no command names the role 'operator'; did you mean 'operators'?") ?? false)
    }

    @Test(
        arguments: [
            ("slack:C0123456789", nil), ("slack:#ops", nil), ("slack:G01", nil), ("github:acme/api", nil),
            ("mattermost:abc", nil),
            (
                "slack:ops",
                "'slack:ops' cannot be compared with where somebody asks; write the conversation's id, as slack:C0123456789, or for a public one slack:#name"
            ),
            (
                "slack:#privategroup",
                "Slack says 'privategroup' for every private conversation; write the conversation's id"
            ),
            (
                "github:acme/api#4",
                "'github:acme/api#4' cannot be compared with where somebody asks; write the repository, as github:owner/name"
            ),
            ("email:a@b.c", "nobody can ask for a command by email; name a chat's conversation"),
            ("webhook:x", "nobody can ask for a command by webhook; name a chat's conversation"),
            ("telegram:#x", "'telegram' tells ids alone, no names; write the conversation's id"),
        ] as [(String, String?)])
    func `A place that cannot be compared with where somebody asks is a problem`(place: String, wanted: String?)
        async throws
    {
        let loaded = try await Loading.load(files("", deploy: "roles: [operator]\nchannels: [\"\(place)\"]\n"))
        #expect(
            loaded.problems.map(\.description)
                == (wanted.map { ["commands/deploy.yaml:6:12: error: \($0)"] } ?? []))
        let read = loaded.definitions?.commands["deploy"]?.channels.map(\.description)
        #expect(read == (wanted == nil ? [place] : nil))
    }

    @Test func `Subcommands take the channels of the command above them`() async throws {
        var files = files("")
        files["commands/preview.yaml"]? += "channels: [slack:C1A]\n"
        let set = try #require(try await Loading.load(files).definitions)
        #expect(set.commands["preview create"]?.channels == [Place(channel: "slack", address: "C1A")])
    }
}
