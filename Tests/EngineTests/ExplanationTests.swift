import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// What the ledger keeps of the rules that were looked at for an event.
@Suite struct ExplanationTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()

    init() throws { folder = try TemporaryFolder() }

    @Test func `Each rule is kept with what its matchers saw and what came of it`() async throws {
        let command = try Samples.command("restart", [Samples.step("one")])
        var other = try Samples.rule("other", run: "restart")
        other.match = [try Matcher(parsing: "status = resolved")]
        let set = Samples.set([command], rules: [try Samples.rule("down", run: "restart"), other])
        try await Harness.run(set, actions: actions.types, in: folder) { bot in
            try await bot.alert("geth-0")
            _ = try await bot.job(1, in: .succeeded)
            let stored = try await bot.ledger.events(limit: 1, before: nil)
            let rules = stored.first?.explanation["rules"]
            let wanted: JSONValue = [
                [
                    "rule": "down", "decision": "job 1", "variables": [:],
                    "verdicts": [["matcher": "status = \"firing\"", "saw": "firing", "holds": true]],
                    "outcome": ["runs": ["command": "restart", "arguments": [:], "commandLine": "restart"]],
                ],
                [
                    "rule": "other", "variables": [:],
                    "verdicts": [["matcher": "status = \"resolved\"", "saw": "firing", "holds": false]],
                    "outcome": ["noMatch": ["_0": "status = \"resolved\" does not hold: it saw \"firing\""]],
                ],
            ]
            #expect(rules == wanted)
        }
    }
}
