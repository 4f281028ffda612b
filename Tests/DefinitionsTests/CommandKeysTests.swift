import Definitions
import Domain
import Foundation
import TestSupport
import Testing

/// Schedules, groups, places with templates, failures, waiting: what is read, and what is wrong.
@Suite struct CommandKeysTests {
    static let steps = "steps: [{uses: http.check, with: {url: x}}]\n"
    static let settings = "pools: {p: {number: 7, name: x}}\nvariables: {REGION: eu}\n"

    private func command(_ text: String) -> [String: String] {
        ["commands/a.yaml": "command: a\nsummary: s\n\(text)", "defimon.yaml": Self.settings]
    }

    @Test func everythingIsReadAsItIsWritten() async throws {
        let loaded = try await Loading.load(
            command(
                """
                arguments:
                  repository: {type: text, context: repository}
                  number: {type: integer, context: pull_request}
                supersedes: "preview/{{arguments.repository}}/{{arguments.number}}"
                about: "preview/{{arguments.number}}/{{job.person}}"
                report: ["github:{{arguments.repository}}#{{arguments.number}}", "slack:#ops"]
                schedule: {every: 15m, with: {repository: "{{env.REGION}}/api", number: "{{pools.p.number}}"}}
                quiet: true
                \(Self.steps)
                """))
        #expect(loaded.problems == [])
        let read = try #require(loaded.definitions?.commands["a"])
        #expect(read.arguments.map(\.context) == ["repository", "pull_request"])
        #expect(read.supersedes?.paths == ["arguments.repository", "arguments.number"])
        #expect(read.about?.paths == ["arguments.number", "job.person"])
        #expect(
            read.report.map(\.description) == [
                "github:{{arguments.repository}}#{{arguments.number}}", "slack:#ops",
            ])
        #expect(read.isQuiet)
        let schedule = try #require(read.schedule)
        #expect(schedule.timing == .every(.seconds(900)))
        let variables = try #require(loaded.definitions?.variables)
        #expect(
            try read.arguments(from: schedule.with, .object(variables)).arguments
                == ["repository": "eu/api", "number": 7])
    }

    @Test(
        "mistakes in the new keys",
        arguments: [
            (
                steps + "schedule: {every: 59s}\n",
                ["4:19: error: 'every' must be from 1m to 7d, and it is '59s'"]
            ),
            (steps + "schedule: {every: 1m}\n", []), (steps + "schedule: {every: 7d}\n", []),
            (
                steps + "schedule: {every: 8d}\n",
                ["4:19: error: 'every' must be from 1m to 7d, and it is '8d'"]
            ),
            (
                steps + "schedule: {every: often, evry: 1m}\n",
                [
                    "4:19: error: 'every' must be a time span such as 90s or 2h30m, and it is 'often'",
                    "4:26: error: unknown key 'evry' in the schedule; did you mean 'every'?",
                ]
            ),
            (
                steps + "schedule: {}\n",
                [
                    "4:11: error: the schedule says neither 'every' nor 'cron'; add every: 15m, or cron: '30 2 * * *' and a time_zone"
                ]
            ),
            (
                steps
                    + "arguments: {n: {type: integer}, c: {type: choice, choices: [x, y]}}\nschedule: {every: 1h, with: {n: a, cc: x}}\n",
                [
                    "5:33: error: 'a' is no value for the argument 'n' of 'a'; it must be a whole number",
                    "5:36: error: 'a' has no argument 'cc'; did you mean 'c'?",
                ]
            ),
            (
                steps
                    + "arguments: {n: {type: integer}, c: {type: choice, choices: [y]}}\nschedule: {every: 1h, with: {n: \"{{arguments.n}}\", c: \"{{pools.p.name}}\"}}\n",
                [
                    "5:33: error: nothing provides {{arguments.n}}; there is env, pools",
                    "5:55: error: 'x' is no value for the argument 'c' of 'a'; it must be one of y",
                ]
            ),
            (
                steps + "arguments: {n: {type: integer, context: pull_request}}\nschedule: {every: 1h}\n",
                ["5:11: error: 'a' cannot run without its argument 'n'; add with: {n: …}, a whole number"]
            ),
            (
                steps + "arguments: {n: {type: integer, context: pull-request}}\n",
                [
                    "4:41: error: 'context' must be one of repository, pull_request, and it is 'pull-request'; did you mean 'pull_request'?"
                ]
            ),
            (
                steps + "supersedes: \"x/{{arguments.n}}\"\nabout: \"{{job.id}}\"\nquiet: maybe\n",
                [
                    "4:13: error: nothing provides {{arguments.n}}; there is env, job, pools",
                    "5:8: error: nothing provides {{job.id}}; a job has its number only when it has been made",
                    "6:8: error: 'quiet' must be true or false, and it is 'maybe'",
                ]
            ),
            (
                steps + "report: [\"github:{{arguments.n}}\", \"{{job.person}}:x\", \"slack:{{\", \"email:a\\nb\"]\n",
                [
                    "4:10: error: nothing provides {{arguments.n}}; there is env, job, pools",
                    "4:36: error: '{{job.person}}' is no channel; channels: slack, mattermost, discord, telegram, matrix, email, github, webhook",
                    "4:56: error: '{{' is never closed by '}}'",
                    "4:68: error: the place cannot be: its address holds control characters",
                ]
            ),
            (
                steps + "default_subcommand: b\n",
                [
                    "4:21: error: 'default_subcommand' has no effect: the command has steps of its own, or no subcommands; remove it"
                ]
            ),
            (
                "default_subcommand: creat\nsubcommands:\n  create: {summary: s, steps: [{uses: http.check, with: {url: x}}]}\n",
                ["3:21: error: 'creat' is no subcommand of 'a' that can run; did you mean 'create'?"]
            ),
            (
                "schedule: {every: 1h}\nsubcommands:\n  create: {summary: s, steps: [{uses: http.check, with: {url: x}}]}\n",
                [
                    "3:1: error: 'schedule' has no effect: 'a' has subcommands and no steps; move it into the subcommands"
                ]
            ),
        ] as [(String, [String])])
    func mistakes(_ text: String, _ wanted: [String]) async throws {
        let found = try await Loading.problems(command(text))
        #expect(found == wanted.map { "commands/a.yaml:\($0)" })
    }

    @Test func aGroupsPlacesAreCheckedAgainstEachOfItsCommands() async throws {
        let problems = try await Loading.problems(
            command(
                "report: [\"github:{{arguments.n}}\"]\nsubcommands:\n  b: {summary: s, arguments: {n: {type: text}}, steps: [{uses: http.check, with: {url: x}}]}\n  c: {summary: s, steps: [{uses: http.check, with: {url: x}}]}\n"
            ))
        #expect(problems == ["commands/a.yaml:3:10: error: nothing provides {{arguments.n}}; there is env, job, pools"])
    }

    @Test func aGroupIsKnownWithItsDefault() async throws {
        let loaded = try await Loading.load(
            command(
                """
                default_subcommand: create
                subcommands:
                  create:
                    summary: Make one
                    arguments: {n: {type: integer}}
                    \(Self.steps)
                    examples: [a create 42, a 42]
                    offers: [{label: Again, run: "a {{arguments.n}}"}]
                  list: {summary: All, steps: [{uses: http.check, with: {url: x}}], examples: [a 42]}
                """))
        #expect(
            loaded.problems.map(\.description) == [
                "commands/a.yaml:12:80: error: the example does not begin with 'a list'; write a list [--plan]"
            ])
    }

    @Test(
        "a failure is known where it can have happened, and there alone",
        arguments: [
            (
                "steps: [{uses: http.check, with: {url: x}}]\non_failure:\n  says: \"{{failure.step}}: {{failure.reason}}\"\n  hint: \"{{failure.outcome}} {{job.person}}\"\n  steps:\n    - {uses: http.check, with: {url: \"{{failure.reason}}\"}, if: [failure.outcome = superseded]}\n",
                []
            ),
            (
                "steps: [{uses: http.check, with: {url: \"{{failure.step}}\"}, if: [failure.outcome = failed]}]\non_success: \"{{failure.reason}}\"\non_failure: {says: \"{{failure.stp}}\"}\n",
                [
                    "3:40: error: nothing provides {{failure.step}}; a failure is known under on_failure alone",
                    "3:66: error: nothing provides 'failure.outcome', which this condition looks at; a failure is known under on_failure alone",
                    "4:13: error: nothing provides {{failure.reason}}; a failure is known under on_failure alone",
                    "5:20: error: nothing provides {{failure.stp}}; did you mean 'failure.step'?",
                ]
            ),
            ("steps: [{uses: registry.image, with: {image: \"{{job.person}}\"}, timeout: 10m}]\n", []),
            (
                "steps: [{uses: http.check, with: {url: x}}]\non_failure: {steps: [{uses: registry.image, with: {image: x}}]}\n",
                [
                    "4:29: error: 'registry.image' waits until something is there, and after a failure nothing is waited for; move it into the command's steps"
                ]
            ),
        ] as [(String, [String])])
    func failures(_ text: String, _ wanted: [String]) async throws {
        #expect(try await Loading.problems(command(text)) == wanted.map { "commands/a.yaml:\($0)" })
    }

    @Test(
        "a command that a step starts is a command, and a step's outputs go on whole",
        arguments: [
            ("b", "[n]", "previews", []), ("b", "[n]", "cost", []),
            ("bb", "[n]", "previews", ["there is no command 'bb'; did you mean 'b'?"]),
            ("b", "[nn]", "previews", ["'b' has no argument 'nn'; did you mean 'n'?"]),
            (
                "b", "[m]", "previews",
                ["'b' cannot run without its argument 'n'; add 'n' to arguments, a whole number"]
            ),
            (
                "b", "[n]", "summary",
                [
                    "input 'each' must be a list, each item any value, and {{steps.list.summary}} is text; declare it as type list of any"
                ]
            ),
        ] as [(String, String, String, [String])])
    func runEach(_ name: String, _ arguments: String, _ output: String, _ wanted: [String]) async throws {
        let inputs =
            "{command: \(name), each: \"{{steps.list.\(output)}}\", arguments: \(arguments), note: \"{{steps.list.previews}}\"}"
        var files = command(
            """
            steps:
              - {id: list, uses: kubernetes.preview-list, with: {cluster: x}}
              - {uses: bot.run-each, with: \(inputs)}

            """)
        files["commands/b.yaml"] =
            "command: b\nsummary: s\narguments: {n: {type: integer}, m: {type: text, optional: true}}\n\(Self.steps)"
        let found = try await Loading.load(files).problems
        #expect(found.map { $0.message + ($0.fix.map { "; \($0)" } ?? "") } == wanted)
        #expect(found.allSatisfy { $0.location.line == 5 && $0.location.column > 30 })
    }
}
