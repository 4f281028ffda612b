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

/// What the audit keeps of an event.
@Suite struct EventAuditTests {
    @Test func `The record of an event names what was decided and the hash of the stored explanation`() async throws {
        let folder = try TemporaryFolder()
        let actions = ScriptedActions()
        let restart = try Samples.command("restart", [Samples.step("one")])
        let rules = [try Samples.rule("down", run: "restart"), try Samples.rule("gone", run: "restart")]
        try await Harness.run(Samples.set([restart], rules: rules), actions: actions.types, in: folder) { bot in
            try await bot.alert("geth-0")
            _ = try #require(try await bot.job(1, in: .succeeded))
            let detail = try #require(try await bot.ledger.audit(AuditFilter(kind: "event.received")).first?.detail)
            let stored = try #require(try await bot.ledger.event(id: 1)?.explanation)
            #expect(
                detail["explanation_sha256"] == .string(Hex.encode(SHA256Digest.of(Array(stored.canonicalText.utf8)))))
            #expect(detail["rules"] == 2)
            #expect(detail["decided"]?["down"] == "job 1")
            #expect(detail["decided"]?["gone"]?.stringValue?.contains("job 1 is under way") == true)
        }
    }
}
