import Domain
import Engine
import Foundation
import Ledger
import TestSupport

extension Harness {
    /// Runs a rule over what this bot has recorded since `from`, the beginning unless given, until now.
    func backtest(
        _ rule: RuleDefinition, _ actions: ScriptedActions, in set: DefinitionSet? = nil, from: Date? = nil,
        asks: Bool = false, mostShown: Int = 1000
    ) async throws -> BacktestResult {
        try await Backtest(
            past: ledger, definitions: set ?? definitions.value, rule: rule, decoder: ScriptedDecoder(),
            catalogue: ActionCatalogue(actions.types), limits: Limits(), alertStaleAfter: .seconds(43_200),
            asksAboutAlerts: asks, redactor: Redactor(), from: from ?? Date(microseconds: 0), until: time.now,
            mostShown: mostShown
        ).run()
    }

    /// Every delivery is looked at.
    func lookedAt() async throws {
        _ = try await eventually { try await ledger.undecodedDeliveries(limit: 1).isEmpty ? true : nil }
    }

    /// Sends an alert and waits until the bot has looked at it.
    func alertLookedAt(_ node: String = "geth-0", isFiring: Bool = true, startedAt: Date? = nil) async throws {
        try await alert(node, isFiring: isFiring, startedAt: startedAt)
        try await lookedAt()
    }

    /// What the bot decided about each event for a rule, by the event's number.
    func decided(_ rule: String) async throws -> [Int64: String] {
        var decided: [Int64: String] = [:]
        for event in try await ledger.events(limit: 1000, before: nil) {
            let considered = event.explanation["rules"]?.arrayValue?.first { $0["rule"]?.stringValue == rule }
            decided[event.id] = considered?["decision"]?.stringValue
        }
        return decided
    }
}
