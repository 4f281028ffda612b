import Definitions
import Domain
import TestSupport
import Testing

/// Rules of a source whose events differ by kind, their places and their examples.
@Suite struct RuleKeysTests {
    private func rule(_ text: String, payload: String = "{\"repository\": \"acme/api\", \"number\": 42}") -> [String:
        String]
    {
        [
            "commands/c.yaml":
                "command: c\nsummary: s\narguments: {n: {type: integer}}\nsteps: [{uses: http.check, with: {url: x}}]\n",
            "webhooks/github/r.yaml": "rule: r\n\(text)", "webhooks/github/p.json": payload,
        ]
    }

    private let run = "run: c\nwith: {n: \"{{number}}\"}\n"

    @Test(
        "what a rule of one kind names must be there for that kind",
        arguments: [
            ("match: [kind = pull_request, number != 1]\n", []), ("match: [repository = x]\n", []),
            ("match: [kind =~ \"pull_request|push\"]\n", []),
            (
                "match: [kind = push]\n",
                ["4:11: error: nothing provides {{number}}; only events of kind pull_request have it"]
            ),
            (
                "match: [kind = ping, branch = main]\n",
                [
                    "2:22: error: nothing provides 'branch', which this condition looks at; only events of kind push have it",
                    "4:11: error: nothing provides {{number}}; only events of kind pull_request have it",
                ]
            ),
        ] as [(String, [String])])
    func kinds(_ match: String, _ wanted: [String]) async throws {
        let found = try await Loading.problems(rule(match + run))
        #expect(found == wanted.map { "webhooks/github/r.yaml:\($0)" })
    }

    @Test(
        "places may name what the event says",
        arguments: [
            ("report: [\"github:{{repository}}#{{number}}\"]\nescalate: [\"email:{{event.repository}}\"]\n", []),
            (
                "report: [\"github:{{account}}#1\"]\nescalate: [\"slack:{{arguments.n}}\", \"{{repository}}\"]\n",
                [
                    "5:10: error: nothing provides {{account}}; there is branch, event, kind, number, repository",
                    "6:12: error: nothing provides {{arguments.n}}; there is branch, event, kind, number, repository",
                    "6:37: error: a place must be a place such as slack:#ops, and it is '{{repository}}'",
                ]
            ),
        ] as [(String, [String])])
    func places(_ text: String, _ wanted: [String]) async throws {
        let found = try await Loading.problems(rule("match: [repository = x]\n" + run + text))
        #expect(found == wanted.map { "webhooks/github/r.yaml:\($0)" })
    }

    @Test func aRuleMayNotBeCalledAsTheScheduleIs() async throws {
        var files = rule("")
        files["webhooks/github/r.yaml"] = nil
        files["webhooks/github/schedule.yaml"] = "rule: schedule\nmatch: [kind = pull_request]\n" + run
        #expect(
            try await Loading.problems(files) == [
                "webhooks/github/schedule.yaml:1:7: error: a rule may not be called 'schedule'; choose another name"
            ])
    }

    @Test(
        "an example says its kind, which is in a header",
        arguments: [
            ("event: pull_request, runs: c 42", []), ("event: push, runs: nothing", []),
            (
                "event: push, runs: c 42",
                [
                    "5:44: error: the example should run 'c 42', and it runs nothing: push: kind = \"pull_request\" does not hold: it saw \"push\""
                ]
            ),
            ("runs: c 42", ["5:31: error: the payload 'p.json' cannot be decoded: it has no kind"]),
            (
                "event: Pull Request, runs: c 42",
                [
                    "5:32: error: 'event' must be the kind of an event, such as pull_request, of small letters, digits and '_', and it is 'Pull Request'"
                ]
            ),
        ] as [(String, [String])])
    func examples(_ text: String, _ wanted: [String]) async throws {
        let found = try await Loading.problems(
            rule("match: [kind = pull_request]\n" + run + "example: {file: p.json, \(text)}\n"))
        #expect(found == wanted.map { "webhooks/github/r.yaml:\($0)" })
    }

    @Test func anExampleWhosePlaceCannotBeFilledInIsNoExample() async throws {
        let found = try await Loading.load(
            rule(
                "match: [kind = pull_request]\n\(run)report: [\"github:{{repository}}\"]\nexample: {file: p.json, event: pull_request, runs: c 42}\n",
                payload: "{\"number\": 42}")
        ).problems
        #expect(
            found.map(\.message) == [
                "the example should run 'c 42', and it runs nothing: pull_request: the place github:{{repository}}: nothing provides {{repository}}"
            ])
    }
}
