package import Domain
package import Foundation
import Logging

/// Runs one rule over recorded deliveries, and says when it would have run and what its guards would have said. The
/// intake, the board and the guards are the bot's own; the ledger is in memory, the clock is moved from one thing that
/// happened to the next, and a job takes as long as the bot's own did. Nothing is written to the real ledger.
package struct Backtest: Sendable {
    /// Deliveries that are looked at.
    package static let mostDeliveries = 1_000_000
    /// Decisions that are returned, at most.
    package static let shown = 1...10_000
    /// Rows that are read at a time.
    static let page = 200

    /// The recorded past.
    package var past: any LedgerPast
    package var definitions: DefinitionSet
    /// The rule, as if it acted: `mode` and `enabled` do not count.
    package var rule: RuleDefinition
    package var decoder: any EventDecoder
    package var catalogue: ActionCatalogue
    package var limits: Limits
    /// An alert that was not seen for that long is over.
    package var alertStaleAfter: Duration
    /// Whether the bot has an Alertmanager to ask about alerts.
    package var asksAboutAlerts: Bool
    package var redactor: Redactor
    package var from: Date
    package var until: Date
    /// How many decisions are returned: the latest.
    package var mostShown: Int

    package init(
        past: any LedgerPast, definitions: DefinitionSet, rule: RuleDefinition, decoder: any EventDecoder,
        catalogue: ActionCatalogue, limits: Limits, alertStaleAfter: Duration, asksAboutAlerts: Bool,
        redactor: Redactor, from: Date, until: Date, mostShown: Int = 100
    ) {
        self.past = past
        self.definitions = definitions
        self.rule = rule
        self.decoder = decoder
        self.catalogue = catalogue
        self.limits = limits
        self.alertStaleAfter = alertStaleAfter
        self.asksAboutAlerts = asksAboutAlerts
        self.redactor = redactor
        self.from = from
        self.until = until
        self.mostShown = min(max(mostShown, Backtest.shown.lowerBound), Backtest.shown.upperBound)
    }

    /// Throws `LedgerError` when the ledger cannot be read.
    package func run() async throws -> BacktestResult {
        var run = try await BacktestRun(self)
        try await run.go()
        return run.result
    }

    /// The definitions in force in the backtest: this rule alone, as if it acted, and nobody is told.
    var world: DefinitionSet {
        var rule = rule
        rule.isEnabled = true
        rule.onlyObserves = false
        var set = definitions
        set.rules = [rule]
        set.schedules = []
        set.onCall = [:]
        set.defaultReport = []
        return set
    }
}

/// The source's own decoder, without what people asked for: a rule is for the rest.
private struct WithoutRequests: EventDecoder {
    var decoder: any EventDecoder
    var source: Source { decoder.source }
    var fields: [EventField] { decoder.fields }

    func events(in delivery: Delivery) async throws -> [Event] {
        try await decoder.events(in: delivery).filter { event in
            if case .request = event.origin { return false }
            return true
        }
    }
}

extension Backtest {
    /// The bot's own parts around a ledger in memory.
    struct World {
        let clock: BacktestClock
        let ledger: BacktestLedger
        let board: JobBoard
        let intake: Intake

        init(_ test: Backtest, firstDelivery: Int64) {
            let clock = BacktestClock(test.from)
            let ledger = BacktestLedger(
                past: test.past, from: test.from, firstDelivery: firstDelivery, source: test.rule.source)
            let logger = Logger(label: "backtest") { _ in SwiftLogNoOpLogHandler() }
            let writer = PatientWriter(writer: ledger, redactor: test.redactor, time: clock, logger: logger)
            let signal = Signal()
            let board = JobBoard(
                definitions: CurrentDefinitions(test.world), catalogue: test.catalogue, writer: writer, reader: ledger,
                numbers: ledger, time: clock, limits: test.limits, alerts: test.asksAboutAlerts ? ledger : nil,
                newKey: { "backtest" }, outboxSignal: signal, sharedChannels: [], threadedChannels: [])
            let requests = RequestDesk(
                board: board, numbers: ledger, limits: test.limits, time: clock, newKey: { "backtest" },
                outboxSignal: signal, refusals: RefusalLog(time: clock),
                meter: RequestMeter(rate: test.limits.requestsPerPerson), hand: { _ in true })
            self.clock = clock
            self.ledger = ledger
            self.board = board
            intake = Intake(
                reader: ledger, writer: writer, numbers: ledger, decoders: [WithoutRequests(decoder: test.decoder)],
                board: board, requests: requests,
                alerts: AlertDesk(reader: ledger, staleAfter: test.alertStaleAfter), time: clock, logger: logger,
                signal: signal,
                answerNow: { _ in
                    RunAnswer(report: Report(mood: .info, title: ""), jobID: nil, isAccepted: false)
                })
        }
    }
}
