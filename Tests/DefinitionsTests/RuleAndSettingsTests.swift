import Definitions
import Domain
import Foundation
import TestSupport
import Testing

@Suite struct RuleAndSettingsTests {
    static let command =
        "command: c\nsummary: s\narguments: {node: {type: choice, choices: [a, b]}, n: {type: integer, optional: true}}\nsteps: [{uses: http.check, with: {url: x}}]\n"

    private func rule(_ text: String, settings: String = "pools: {p: {node: a, other: z}}\n") -> [String: String] {
        ["commands/c.yaml": Self.command, "webhooks/alertmanager/r.yaml": "rule: r\n\(text)", "defimon.yaml": settings]
    }

    @Test(
        "a rule's mistakes",
        arguments: [
            ("match: [status = firing]\nrun: c\nwith: {node: a}\n", []),
            (
                "match: [status = firing]\nrun: c\nwith: {node: \"{{labels.node}}\", n: \"{{event.annotations.n}}\"}\n",
                []
            ),
            ("match: [status = firing]\nrun: c\nwith: {node: \"{{pools.p.node}}\"}\n", []),
            (
                "match: [status = firing]\nrun: c\nwith: {node: \"{{pools.p.other}}\", n: many}\n",
                [
                    "webhooks/alertmanager/r.yaml:4:14: error: 'z' is no value for the argument 'node' of 'c'; it must be one of a, b",
                    "webhooks/alertmanager/r.yaml:4:38: error: 'many' is no value for the argument 'n' of 'c'; it must be a whole number",
                ]
            ),
            (
                "match: [status = firing]\nrun: c\nwith: {node: \"{{arguments.node}}\"}\n",
                [
                    "webhooks/alertmanager/r.yaml:4:14: error: nothing provides {{arguments.node}}; there is annotations, commonLabels, event, fingerprint, labels, pools, status"
                ]
            ),
            (
                "match: [event.status = firing, labels = x]\nrun: c\nwith: {node: a}\n",
                [
                    "webhooks/alertmanager/r.yaml:2:9: error: nothing provides 'event.status', which this condition looks at; there is annotations, commonLabels, fingerprint, labels, status"
                ]
            ),
            (
                "match: []\nextract: {stats: \"(?<pools>.)\", labels.a: \"(?<x>.)\", labels.b: \"(?<x>.)\"}\nrun: c\nwith: {node: a}\n",
                [
                    "webhooks/alertmanager/r.yaml:3:11: error: nothing provides 'stats'; did you mean 'status'?",
                    "webhooks/alertmanager/r.yaml:3:18: error: a group may not be called 'pools'; choose another name",
                    "webhooks/alertmanager/r.yaml:3:64: error: two groups are called 'x'; choose another name",
                ]
            ),
            (
                "match: [labels.a = x, labels.a =~ \"y.*\", labels.b =~ z, labels.b !~ z]\nextract: {labels.a: \"[0-9]+\"}\nrun: c\nwith: {node: a}\n",
                [
                    "webhooks/alertmanager/r.yaml:2:23: error: this rule can never run: 'labels.a =~ \"y.*\"' contradicts 'labels.a = \"x\"'; remove one of them, or write one with =~ \"a|b\"",
                    "webhooks/alertmanager/r.yaml:2:57: error: this rule can never run: 'labels.b !~ \"z\"' contradicts 'labels.b =~ \"z\"'; remove one of them, or write one with =~ \"a|b\"",
                    "webhooks/alertmanager/r.yaml:3:21: error: this rule can never run: 'labels.a = \"x\"' contradicts the pattern '[0-9]+'; a pattern must match the whole text",
                ]
            ),
            (
                "match: [labels.a != x, labels.a != y, labels.a =~ \"a|b\"]\nrun: c\nwith: {node: a}\nguards: {per: \"{{labels.a}}\", cooldown: 5m}\nverify: {alert_resolved_within: 5m}\nescalate: [email:admin]\n",
                []
            ),
            (
                "match: [status = firing]\nrun: c\nwith: {node: a}\nguards: {per: \"{{labels.a}}\", limits: {count: 3}}\nverify: {}\n",
                [
                    "webhooks/alertmanager/r.yaml:5:15: error: 'per' has no effect without 'cooldown' or 'limit'; add one, or remove it",
                    "webhooks/alertmanager/r.yaml:5:31: error: unknown key 'limits' in the guards; did you mean 'limit'?",
                    "webhooks/alertmanager/r.yaml:6:9: error: nothing is proven; add alert_resolved_within: 20m, or uses: with an action that only looks",
                ]
            ),
            (
                "match: [status = firing]\nrun: c\nwith: {node: a}\nguards: {limit: {count: 3, per: 6h, warn_at: 4}, hold_while: [c, d], at_most: {share_percent: 30, of: \"{{labels.a}}\"}, maintenance: wait}\n",
                [
                    "webhooks/alertmanager/r.yaml:5:46: error: 'warn_at' is more than 'count': so many starts there never are; give at most 3",
                    "webhooks/alertmanager/r.yaml:5:66: error: there is no command 'd'; did you mean 'c'?",
                    "webhooks/alertmanager/r.yaml:5:79: error: 'share_percent' needs 'among'; write how many there are, or a template of it",
                    "webhooks/alertmanager/r.yaml:5:133: error: 'maintenance' must be one of suppress, queue, ask, and it is 'wait'",
                ]
            ),
        ] as [(String, [String])])
    func ruleMistakes(_ text: String, _ wanted: [String]) async throws {
        let found = try await Loading.problems(rule(text))
        #expect(found == wanted)
    }

    @Test(
        "an example's payload must lie beside the rule and be what the source sends",
        arguments: [
            ("../x.json", "the payload must lie beside the rule; name it without '..' and '/' in front"),
            ("/etc/passwd", "the payload must lie beside the rule; name it without '..' and '/' in front"),
            ("none.json", "the payload 'none.json' is not there"),
            ("bad.json", "the payload 'bad.json' cannot be decoded: it has no alerts"),
        ])
    func payloads(_ file: String, _ wanted: String) async throws {
        var files = rule("match: [status = firing]\nrun: c\nwith: {node: a}\nexample: {file: \"\(file)\", runs: c a}\n")
        files["webhooks/alertmanager/bad.json"] = "{}"
        let problems = try await Loading.load(files).problems
        #expect(problems.map { $0.message + ($0.fix.map { "; \($0)" } ?? "") } == [wanted])
        #expect(problems.first?.location.line == 5)
    }

    @Test func anExampleIsTheSameInWhateverFormItIsWritten() async throws {
        var files = rule(
            "match: [status = firing]\nrun: c\nwith: {node: a, n: 5}\nexample: {file: p.json, runs: c node=a --n 5}\n")
        files["webhooks/alertmanager/p.json"] =
            "{\"alerts\": [{\"status\": \"firing\"}, {\"status\": \"firing\"}, {\"status\": \"resolved\"}]}"
        #expect(try await Loading.load(files).problems == [])
    }

    // MARK: Settings

    @Test func settingsAreReadWithTheirDefaults() async throws {
        let loaded = try await Loading.load(
            [
                "defimon.yaml": """
                listen: "[::1]:0"
                ledger: data/l.sqlite
                limits: {concurrent_jobs: 3, bodies_in_flight: 1MiB, body_timeout: 5s}
                people: {ada: {name: Ada, roles: [lead], slack: U1, cli: ada}}
                pools: {analytics: {port: 8002, domain: "a.{{env.DOMAIN}}", replicas: "{{env.REPLICAS}}"}}
                variables: {DOMAIN: example.com, REPLICAS: 2}
                report: [slack:#ops]
                ethereum: {nodes: {geth-0: {execution: "http://{{env.DOMAIN}}", beacon: b}}}
                """
            ], environment: ["REPLICAS": "5", "UNUSED": "x"])
        #expect(loaded.problems == [])
        let settings = try #require(loaded.settings)
        #expect(settings.listen == ListenAddress(host: "::1", port: 0) && settings.adminListen == nil)
        #expect(settings.ledgerPath == "data/l.sqlite" && settings.socketPath == "data/defimon.sock")
        #expect(
            settings.limits.concurrentJobs == 3 && settings.limits.bodiesInFlight == 1 << 20
                && settings.limits.bodyTimeout == .seconds(5))
        #expect(settings.limits.waitingJobs == 10_000)
        #expect(settings.sections.keys.sorted() == ["ethereum"])
        #expect(settings.sections["ethereum"]?.json.at(path: "nodes.geth-0.execution") == "http://example.com")
        let definitions = try #require(loaded.definitions)
        #expect(
            definitions.variables["pools"] == ["analytics": ["port": 8002, "domain": "a.example.com", "replicas": 5]])
        #expect(definitions.variables["env"] == ["DOMAIN": "example.com", "REPLICAS": 5])
        #expect(definitions.variables["settings"] == [:])
        #expect(definitions.person(Identity(channel: "cli", userID: "ada"))?.roles == ["lead"])
        #expect(definitions.defaultReport == [Place(channel: "slack", address: "#ops")])
    }

    @Test(
        "the settings' mistakes",
        arguments: [
            (
                "listen: 8080\n",
                ["defimon.yaml:1:9: error: 'listen' must be an address such as 127.0.0.1:8080, and it is 8080"]
            ),
            ("lisen: x:1\n", ["defimon.yaml:1:1: error: unknown key 'lisen' in the settings; did you mean 'listen'?"]),
            ("- a\n", ["defimon.yaml:1:1: error: the settings must be a map, and it is a list"]),
            (
                "ledger: \"{{env.NOPE}}\"\n",
                [
                    "defimon.yaml:1:9: error: the environment has no NOPE; set it, or give it a default: variables: {NOPE: …}"
                ]
            ),
            (
                "ledger: \"{{pools.a}}\"\n",
                [
                    "defimon.yaml:1:9: error: nothing provides {{pools.a}}; in the settings only {{env.NAME}} is filled in"
                ]
            ),
            (
                "pools: {p: {token: \"{{env.HETZNER_API_TOKEN}}\"}}\n",
                [
                    "defimon.yaml:1:20: error: HETZNER_API_TOKEN looks like a secret, and what a template fills in can be read by everybody; write {env: HETZNER_API_TOKEN} where a secret is asked for"
                ]
            ),
            (
                "variables: {DB_PASSWORD: x, A-B: y, LIST: [1], NUMBER: 1}\n",
                [
                    "defimon.yaml:1:13: error: DB_PASSWORD looks like a secret, and what a template fills in can be read by everybody; write {env: DB_PASSWORD} where a secret is asked for",
                    "defimon.yaml:1:29: error: a variable's name must be the name of an environment variable, of letters, digits and '_', and it is 'A-B'",
                    "defimon.yaml:1:43: error: a default must be text, a whole number, true or false, and it is a list",
                    "defimon.yaml:1:56: error: the environment's NUMBER must be a whole number, as its default is; set it to a whole number",
                ]
            ),
            (
                "pools: {p: {a: true, b: [x]}, Q: {x: 1}}\n",
                [
                    "defimon.yaml:1:16: error: the setting 'a' must be text or a whole number, and it is true or false; put it in quotes",
                    "defimon.yaml:1:25: error: the setting 'b' must be text or a whole number, and it is a list; put it in quotes",
                    "defimon.yaml:1:31: error: a pool's name must be a name of small letters, digits, '_' and '-', at most 40, that begins with a letter, and it is 'Q'",
                ]
            ),
            (
                "people: {ada: {name: Ada, slak: U1, slack: 5, roles: x}}\n",
                [
                    "defimon.yaml:1:27: error: unknown key 'slak' in the person; did you mean 'slack'?",
                    "defimon.yaml:1:44: error: 'slack' must be text, and it is 5; put it in quotes",
                    "defimon.yaml:1:54: error: 'roles' must be a list, and it is text; write [ ] around it",
                ]
            ),
            (
                "limits: {bodies_in_flight: 10kB, header_timeout: 1ms, connections: 0}\n",
                [
                    "defimon.yaml:1:28: error: 'bodies_in_flight' must be at least 1MiB",
                    "defimon.yaml:1:50: error: 'header_timeout' must be a time span such as 90s or 2h30m, and it is '1ms'",
                    "defimon.yaml:1:68: error: 'connections' must be a whole number from 1 to 1000000, and it is 0",
                ]
            ),
        ] as [(String, [String])])
    func settingsMistakes(_ text: String, _ wanted: [String]) async throws {
        let found = try await Loading.problems(
            ["defimon.yaml": text], environment: ["HETZNER_API_TOKEN": "s3cret", "NUMBER": "x"])
        #expect(found == wanted)
    }

    @Test func anEmptySettingsFileHasTheDefaults() async throws {
        let settings = try #require(try await Loading.load(["defimon.yaml": "# nothing\n"]).settings)
        #expect(settings.listen == ListenAddress(host: "127.0.0.1", port: 8080))
        #expect(settings.ledgerPath == "defimon.sqlite" && settings.socketPath == "defimon.sock")
    }

    @Test func poolSettingsAreSeenByTheArgumentNamedPool() async throws {
        let settings = "pools: {a: {cluster: x, wait: 30s}, b: {cluster: y, wait: soon}, c: {only: z}}\n"
        func problems(_ choices: String, _ with: String, _ uses: String = "kubernetes.namespace-ensure") async throws
            -> [String]
        {
            try await Loading.load([
                "defimon.yaml": settings,
                "commands/d.yaml":
                    "command: d\nsummary: s\narguments: {pool: {type: choice, choices: \(choices)}}\nsteps: [{uses: \(uses), with: \(with)}]\n",
            ]).problems.map(\.message)
        }
        #expect(try await problems("[a, b]", "{cluster: \"{{pool.cluster}}\", namespace: n}") == [])
        #expect(
            try await problems("[a, b]", "{cluster: \"{{pool.only}}\", namespace: n}") == [
                "nothing provides {{pool.only}}"
            ])
        #expect(try await problems("[a, c]", "{cluster: \"{{pool.only}}\", namespace: n}") == [])
        #expect(try await problems("[a]", "{url: x, within: \"{{pool.wait}}\"}", "http.check") == [])
        #expect(
            try await problems("[a, b]", "{url: x, within: \"{{pool.wait}}\"}", "http.check") == [
                "input 'within' must be a time span such as 90s or 2h30m, and {{pool.wait}} is one of 30s, soon"
            ])
        #expect(
            try await problems("[a, d]", "{cluster: x, namespace: n}") == [
                "the choice 'd' of the argument 'pool' is no pool of the settings"
            ])
    }
}
