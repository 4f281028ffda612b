import Definitions
import Domain
import TestSupport
import Testing

/// What rules, commands and settings say about the time after a remedy.
@Suite struct AutomationTests {
    private static let command =
        "command: c\nsummary: s\narguments: {node: {type: text}}\nsteps: [{uses: http.check, with: {url: x}}]\n"
    private static let rule = "rule: r\nmatch: [status = firing]\nrun: c\nwith: {node: \"{{labels.node}}\"}\n"

    private func problems(rule: String = "", command: String = "", settings: String = "") async throws -> [String] {
        try await Loading.problems([
            "commands/c.yaml": Self.command + command, "webhooks/alertmanager/r.yaml": Self.rule + rule,
            "defimon.yaml": settings,
        ])
    }

    @Test(
        "a rule's verify",
        arguments: [
            ("{alert_resolved_within: 20m}", nil),
            ("{uses: http.check, with: {url: \"{{labels.url}}\"}, within: 20m}", nil),
            ("{alert_resolved_within: 20m, uses: http.check, with: {url: x}, within: 1s, every: 1s}", nil),
            ("{uses: http.check, with: {url: x}, within: 24h, every: 1h}", nil),
            ("{}", "nothing is proven; add alert_resolved_within: 20m, or uses: with an action that only looks"),
            ("{uses: http.chek, within: 1m}", "there is no action 'http.chek'; did you mean 'http.check'?"),
            (
                "{uses: kubernetes.apply, within: 1m}",
                "'kubernetes.apply' changes something, and a proof only looks; make it a step of the command"
            ),
            ("{uses: http.check, with: {url: x}}", "nothing says how long 'http.check' may take; add within: 20m"),
            ("{uses: http.check, within: 1m}", "input 'url' is missing"),
            ("{uses: http.check, with: {url: \"{{lables.url}}\"}, within: 1m}", "nothing provides {{lables.url}}"),
            ("{uses: http.check, with: {url: x}, within: 999ms}", "'within' must be from 1s to 1d, and it is '999ms'"),
            ("{uses: http.check, with: {url: x}, within: 25h}", "'within' must be from 1s to 1d, and it is '25h'"),
            ("{uses: http.check, with: {url: x}, within: 2h, every: 61m}", "'every' must be from 1s to 1h"),
            ("{uses: http.check, with: {url: x}, within: 2m, every: 3m}", "'every' is longer than 'within'"),
            (
                "{alert_resolved_within: 20m, within: 1m}",
                "'within' has no effect without 'uses'; add uses, or remove it"
            ),
        ] as [(String, String?)])
    func verify(_ text: String, _ wanted: String?) async throws {
        let found = try await problems(rule: "verify: \(text)\n")
        #expect(wanted.map { word in found.contains { $0.contains(word) } } ?? found.isEmpty, "\(found)")
    }

    @Test func `A command has a proof of its own, which knows no alert`() async throws {
        let good = "verify: {uses: http.check, with: {url: \"{{arguments.node}}\"}, within: 5m}\n"
        #expect(try await problems(command: good) == [])
        let bad = try await problems(command: "verify: {alert_resolved_within: 5m}\n")
        #expect(bad.contains { $0.contains("a command knows no alert: people ask for it too") }, "\(bad)")
        let loaded = try await Loading.load(["commands/c.yaml": Self.command + good])
        let check = try #require(loaded.definitions?.commands["c"]?.verify?.checks.first)
        #expect(check.action == "http.check")
        #expect(check.withinMilliseconds == 300_000)
        #expect(check.everyMilliseconds == 15_000)
    }

    @Test func `Remedies name commands with their arguments, and there are at most five`() async throws {
        func list(_ count: Int) -> String {
            "otherwise: [" + Array(repeating: "{run: c, with: {node: x}}", count: count).joined(separator: ", ") + "]\n"
        }
        #expect(try await problems(rule: list(RemedyDefinition.most)) == [])
        let many = try await problems(rule: list(RemedyDefinition.most + 1))
        #expect(many.contains { $0.contains("'otherwise' has 6 items, and at most 5 may stand there") }, "\(many)")
        let bad = try await problems(
            rule: "otherwise: [{run: d}, {run: c}, {run: c, with: {node: \"{{lables.x}}\"}, verify: {}}]\n")
        for word in [
            "there is no command 'd'", "'c' cannot run without its argument 'node'", "nothing provides {{lables.x}}",
            "nothing is proven",
        ] { #expect(bad.contains { $0.contains(word) }, "\(word): \(bad)") }
    }

    @Test(
        "lists of people on call",
        arguments: [
            (
                "{levels: [{places: [\"slack:#oncall\"]}, {places: [\"slack:#lead\"], after: 24h}], repeat_every: 1m}",
                nil
            ),
            ("{levels: [{people: [ada], places: [\"slack:#oncall\"]}]}", nil),
            ("{levels: [{people: [bob]}]}", "there is no person 'bob' in the settings"),
            ("{levels: [{people: [ada]}]}", "nobody can tell 'ada'"),
            ("{levels: [{after: 0s}]}", "the level calls nobody"),
            ("{levels: [{places: [\"slack:#a\"], after: 1m}]}", "the first level is called at once"),
            (
                "{levels: [{places: [\"slack:#a\"]}, {places: [\"slack:#b\"]}]}",
                "a level must be called later than the one before it"
            ),
            (
                "{levels: [{places: [\"slack:#a\"]}, {places: [\"slack:#b\"], after: 25h}]}",
                "'after' must be from 0s to 1d, and it is '25h'"
            ),
            ("{levels: [{places: [\"slack:#a\"]}], repeat_every: 59s}", "'repeat_every' must be from 1m to 1d"),
            ("{}", "key 'levels' of the on_call is missing"),
        ] as [(String, String?)])
    func onCall(_ text: String, _ wanted: String?) async throws {
        let found = try await problems(settings: "people: {ada: {name: Ada}}\non_call:\n  infra: \(text)\n")
        #expect(wanted.map { word in found.contains { $0.contains(word) } } ?? found.isEmpty, "\(found)")
    }

    @Test func `A rule names lists that there are`() async throws {
        let settings = "on_call: {infra: {levels: [{places: [\"slack:#oncall\"]}]}}\n"
        #expect(try await problems(rule: "escalate: [\"on_call:infra\", \"slack:#x\"]\n", settings: settings) == [])
        for (place, word) in [
            (
                "on_call:infa",
                "there is no list of people on call 'infa' in the settings; did you mean 'on_call:infra'?"
            ),
            ("on_call:{{labels.x}}", "the name of a list of people on call must be"),
            ("oncall:infra", "'oncall' is no channel"),
        ] {
            let found = try await problems(rule: "escalate: [\"\(place)\"]\n", settings: settings)
            #expect(found.contains { $0.contains(word) }, "\(found)")
        }
    }

    @Test(
        "a rule with further remedies, where nobody can be asked how the alert is",
        arguments: [
            ("", "", true), ("", "alertmanager: {bearer_tokens: []}\n", true),
            ("guards: {if_unknown: ask}\n", "", true), ("guards: {if_unknown: stop}\n", "", true),
            ("guards: {if_unknown: go}\n", "", false), ("enabled: false\n", "", false),
            ("", "alertmanager: {api_url: \"http://a:9093\"}\n", false),
        ])
    func ladder(rule: String, settings: String, isWarned: Bool) async throws {
        func warnings(_ more: String, command: String = "") async throws -> [String] {
            let loaded = try await Loading.load([
                "commands/c.yaml": Self.command + command,
                "webhooks/alertmanager/r.yaml": Self.rule + rule + more,
                "defimon.yaml": "listen: 127.0.0.1:0\n" + settings,
            ])
            #expect(loaded.problems == [])
            #expect(loaded.definitions != nil)
            return loaded.warnings.map(\.description)
        }
        let found = try await warnings("otherwise: [{run: c, with: {node: x}}]\n")
        #expect(found.count == (isWarned ? 1 : 0), "\(found)")
        if isWarned {
            #expect(found[0].hasPrefix("webhooks/alertmanager/r.yaml:"), "\(found)")
            #expect(found[0].contains(": warning: no remedy under 'otherwise' will ever run"), "\(found)")
            #expect(found[0].contains("set alertmanager.api_url"), "\(found)")
        }
        // One remedy alone needs nobody to be asked; what the command says holds too.
        #expect(try await warnings("") == [])
        if rule.isEmpty {
            let go = try await warnings(
                "otherwise: [{run: c, with: {node: x}}]\n", command: "guards: {if_unknown: go}\n")
            #expect(go == [])
        }
    }

    @Test(
        "for_each",
        arguments: [
            ("alert", "{{labels.node}}", nil), ("group", "{{commonLabels.node}}", nil),
            ("group", "{{firing.0.labels.node}}", nil),
            (
                "group", "{{labels.node}}",
                "a group has no 'labels' of its own: name commonLabels, groupLabels, or its lists firing and resolved"
            ),
            ("alert", "{{firing.0.labels.node}}", "only rules with 'for_each: group' have it"),
            ("groups", "{{status}}", "'for_each' must be one of alert, group"),
        ] as [(String, String, String?)])
    func forEach(scope: String, node: String, wanted: String?) async throws {
        let rule = "rule: r\nfor_each: \(scope)\nmatch: [status = firing]\nrun: c\nwith: {node: \"\(node)\"}\n"
        let loaded = try await Loading.load([
            "commands/c.yaml": Self.command, "webhooks/alertmanager/r.yaml": rule,
        ])
        let found = loaded.problems.map(\.description)
        #expect(wanted.map { word in found.contains { $0.contains(word) } } ?? found.isEmpty, "\(found)")
        if wanted == nil { #expect(loaded.definitions?.rules.first?.forEach.rawValue == scope) }
    }

    @Test func `A source that knows no groups has no rules for them`() async throws {
        let found = try await Loading.problems([
            "commands/c.yaml": Self.command,
            "webhooks/github/r.yaml": "rule: r\nfor_each: group\nmatch: [kind = push]\nrun: c\nwith: {node: x}\n",
        ])
        #expect(found.contains { $0.contains("has no groups; leave 'for_each' out") }, "\(found)")
    }
}
