package import Domain
import Foundation
package import Logging

/// Looks once for deliveries of one hook that did not arrive, and asks GitHub for them. What GitHub sends then comes in
/// by the signed route like everything else; nothing is made of the listing itself.
///
/// A delivery that is not in the ledger is asked for at most three times, and not at all when it was answered with 4xx.
/// Each request is written down before it is made, so that no crash makes it four.
package struct DeliverySweep: Sendable {
    /// How often a delivery is asked for.
    static let mostAsked = 3
    /// Requests of one sweep, below GitHub's limit of 80 changes a minute.
    static let mostRequests = 60
    /// Between two requests (docs.github.com, "Best practices for using the REST API").
    static let pace = Duration.seconds(1)
    /// How long a delivery that was asked for may take to come. GitHub itself waits ten seconds for an answer.
    static let patience = Duration.seconds(60)
    /// What is younger may still get company by tries that were begun earlier.
    static let unsettled = Duration.seconds(120)
    /// How long GitHub keeps deliveries (docs.github.com, "Redelivering webhooks").
    static let kept = Duration.seconds(3 * 86_400)

    let hook: DeliveryHook
    private let client: GitHubClient
    private let reader: any LedgerReader
    private let writer: any LedgerWriter
    private let announcer: any TeamAnnouncer
    private let time: any TimeSource
    private let logger: Logger

    package init(
        _ hook: DeliveryHook, client: GitHubClient, reader: any LedgerReader, writer: any LedgerWriter,
        announcer: any TeamAnnouncer, time: any TimeSource, logger: Logger
    ) {
        self.hook = hook
        self.client = client
        self.reader = reader
        self.writer = writer
        self.announcer = announcer
        self.time = time
        var logger = logger
        logger[metadataKey: "hook"] = "\(hook)"
        self.logger = logger
    }

    /// Under which name the state is kept.
    var noteName: String { "sweep/github/\(hook)" }
    private var subject: String { "hook/github/\(hook)" }

    /// What is known of a delivery.
    private enum Fate {
        case arrived, refused, missing
    }

    /// A delivery that is missing, with the try by which it is asked for.
    private struct Wanted {
        var open: SweepState.Open
        var tryID: Int64
    }

    /// Throws `GitHubFailure`, `LedgerError` or `CancellationError`; what is not done is done the next time.
    package func run() async throws {
        var state = try await stored()
        let listing: DeliveryListing
        do {
            listing = try await client.deliveries(of: hook, after: state.cursor)
        } catch let failure as GitHubFailure {
            if !failure.isTransient { try await complain(failure, &state) }
            throw failure
        }
        guard let cursor = state.cursor else {
            state.cursor = listing.tries.first?.id ?? 0
            state.settledAt = time.now.microseconds
            state.complaint = nil
            return try await save(state)
        }
        try await reportLost(listing, &state)
        let tries = Dictionary(grouping: listing.tries, by: \.guid)
        let wanted = try await settle(tries, &state)
        let (givenUp, unasked) = try await ask(wanted, &state)
        advance(&state, from: cursor, over: listing, except: unasked)
        try await finish(state, givenUp: givenUp)
    }

    // MARK: The ledger

    private func stored() async throws -> SweepState {
        guard let note = try await reader.note(noteName) else { return SweepState() }
        do { return try note.decode(SweepState.self) } catch {
            logger.error("the state of the sweep cannot be read, so it begins anew", metadata: ["error": "\(error)"])
            return SweepState()
        }
    }

    private func change(_ state: SweepState, audit: [AuditEntry] = []) throws -> LedgerChange {
        LedgerChange([.saveNote(noteName, try JSONValue(encoding: state))], audit: audit)
    }

    private func save(_ state: SweepState, audit: [AuditEntry] = []) async throws {
        try await writer.commit(try change(state, audit: audit))
    }

    private func entry(_ kind: String, _ detail: JSONValue) -> AuditEntry {
        AuditEntry(time: time.now, actor: "defimon", kind: kind, subject: subject, detail: detail)
    }

    // MARK: What became of each

    /// Closes the open ones that arrived, and returns all that are missing, the oldest first.
    private func settle(_ tries: [String: [SentDelivery]], _ state: inout SweepState) async throws -> [Wanted] {
        var wanted: [Wanted] = []
        let restoredAt = try await restoredAt()
        for (guid, tries) in tries where state[guid] == nil {
            // Only tries of what was settled before: somebody asked for them by hand, or it was given up.
            guard let first = tries.first(where: { !$0.redelivery }), first.at ?? .max >= restoredAt,
                try await fate(guid, tries) == .missing
            else {
                continue
            }
            let open = SweepState.Open(
                guid: guid, id: first.id, at: first.at ?? time.now.microseconds, what: first.what)
            wanted.append(Wanted(open: open, tryID: tries.map(\.id).max() ?? first.id))
        }
        state.open.removeAll { $0.at < restoredAt }
        for open in state.open {
            let tries = tries[open.guid] ?? []
            switch try await fate(open.guid, tries) {
            case .arrived:
                if !open.isGivenUp {
                    logger.info("a missed delivery has arrived", metadata: ["delivery": "\(open.guid)"])
                }
                state[open.guid] = nil
            case .refused: state[open.guid] = nil
            case .missing:
                if !open.isGivenUp { wanted.append(Wanted(open: open, tryID: tries.map(\.id).max() ?? open.id)) }
            }
        }
        return wanted.sorted { $0.open.id < $1.open.id }
    }

    /// When the ledger was put back from a backup, microseconds since 1970, as the note `restore` says; what was sent
    /// before may have had its effect without this ledger knowing, and is not asked for.
    private func restoredAt() async throws(LedgerError) -> Int64 {
        try await reader.note("restore")?["at"]?.stringValue.flatMap { Date(rfc3339: $0)?.microseconds } ?? .min
    }

    private func fate(_ guid: String, _ tries: [SentDelivery]) async throws(LedgerError) -> Fate {
        if try await reader.hasDelivery(guid, from: GitHubEventDecoder.source) { return .arrived }
        return tries.contains(where: \.isRefused) ? .refused : .missing
    }

    // MARK: Asking

    /// Asks for what is missing. Returns the ones that are given up, with the reason, and those that were not asked for
    /// yet though nobody waits for them.
    private func ask(_ wanted: [Wanted], _ state: inout SweepState) async throws -> (
        givenUp: [(SweepState.Open, reason: String)], unasked: Set<String>
    ) {
        var givenUp: [(SweepState.Open, reason: String)] = []
        var unasked: Set<String> = []
        var requests = 0
        for wanted in wanted {
            let open = wanted.open
            if let askedAt = open.askedAt, isRecent(askedAt) { continue }
            if open.asked >= DeliverySweep.mostAsked {
                givenUp.append((open, "it was asked for \(open.asked) times and did not arrive"))
                continue
            }
            let isNew = state[open.guid] == nil
            guard requests < DeliverySweep.mostRequests, !isNew || state.open.count < SweepState.mostOpen else {
                if isNew { unasked.insert(open.guid) }
                continue
            }
            if requests > 0 { try await time.sleep(for: DeliverySweep.pace) }
            requests += 1
            if let reason = try await ask(wanted, &state) { givenUp.append((state[open.guid] ?? open, reason)) }
        }
        return (givenUp, unasked)
    }

    private func isRecent(_ askedAt: Int64) -> Bool {
        let age = time.now.since(Date(microseconds: askedAt))
        // Asked in the far future: the clock was set back.
        return age < DeliverySweep.patience && age > .zero - DeliverySweep.patience
    }

    /// Asks for one delivery. Returns why GitHub will never send it again, nil when it said that it will.
    private func ask(_ wanted: Wanted, _ state: inout SweepState) async throws -> String? {
        let before = state[wanted.open.guid]
        var open = wanted.open
        open.asked += 1
        open.askedAt = time.now.microseconds
        state[open.guid] = open
        try await save(
            state,
            audit: [
                entry(
                    "delivery.redelivery-requested",
                    [
                        "delivery": .string(open.guid), "try": .int(wanted.tryID), "what": .string(open.what),
                        "count": .int(Int64(open.asked)),
                        "delivered_at": .string(Date(microseconds: open.at).rfc3339),
                    ])
            ])
        do {
            try await client.redeliver(wanted.tryID, of: hook)
            logger.notice(
                "GitHub is asked for a missed delivery",
                metadata: ["delivery": "\(open.guid)", "what": "\(open.what)", "count": "\(open.asked)"])
            return nil
        } catch let failure as GitHubFailure {
            if failure.mayHaveTakenEffect { throw failure }
            let isAboutThisOne = !failure.isTransient && ![401, 403].contains(failure.status)
            if isAboutThisOne { return failure.message }
            // Nothing was asked: it does not count.
            state[open.guid] = before
            try await save(
                state,
                audit: [
                    entry(
                        "delivery.redelivery-failed",
                        ["delivery": .string(open.guid), "reason": .string(failure.message)])
                ])
            if !failure.isTransient { try await complain(failure, &state) }
            throw failure
        }
    }

    // MARK: The cursor

    /// Moves the cursor over everything that is settled, waited for or given up.
    private func advance(
        _ state: inout SweepState, from cursor: Int64, over listing: DeliveryListing, except unasked: Set<String>
    ) {
        let now = time.now.microseconds
        let young = time.now.advanced(by: .zero - DeliverySweep.unsettled).microseconds
        var reached = cursor
        var settledAt = now
        for sent in listing.tries.sorted(by: { $0.id < $1.id }) {
            if unasked.contains(sent.guid) {
                settledAt = min(now, sent.at ?? now)
                break
            }
            // One whose time cannot be read would hold the cursor for ever.
            guard sent.at ?? 0 <= young else { break }
            reached = sent.id
        }
        state.cursor = reached
        state.settledAt = settledAt
    }

    private func finish(_ state: SweepState, givenUp: [(open: SweepState.Open, reason: String)]) async throws {
        var state = state
        state.complaint = nil
        for item in givenUp { state[item.open.guid]?.isGivenUp = true }
        // Their tries are behind the cursor, where nobody takes them for new ones.
        state.open.removeAll { $0.isGivenUp && $0.id <= state.cursor ?? 0 }
        guard let first = givenUp.first else { return try await save(state) }
        let audit = givenUp.map { item in
            entry(
                "delivery.given-up",
                [
                    "delivery": .string(item.open.guid), "what": .string(item.open.what),
                    "delivered_at": .string(Date(microseconds: item.open.at).rfc3339), "reason": .string(item.reason),
                ])
        }
        logger.warning("missed deliveries are given up", metadata: ["count": "\(givenUp.count)"])
        try await announcer.announce(
            SweepReports.givenUp(givenUp, hook), subject: "\(subject)/given-up/\(first.open.guid)",
            with: try change(state, audit: audit))
    }

    // MARK: What people are told

    /// Tells of the time of which GitHub keeps nothing any more, once.
    private func reportLost(_ listing: DeliveryListing, _ state: inout SweepState) async throws {
        guard !listing.reachesCursor, let from = state.settledAt else { return }
        let now = time.now
        let keptFrom = now.advanced(by: .zero - DeliverySweep.kept).microseconds
        // A list that is short, or empty, says nothing by itself: only what is older than GitHub keeps is lost.
        let until = listing.isCut ? listing.oldestAt ?? keptFrom : min(keptFrom, listing.oldestAt ?? keptFrom)
        guard until > from else { return }
        state.settledAt = until
        let range: JSONValue = [
            "from": .string(Date(microseconds: from).rfc3339), "until": .string(Date(microseconds: until).rfc3339),
        ]
        logger.error("deliveries are lost", metadata: ["range": "\(range.canonicalText)"])
        try await announcer.announce(
            SweepReports.lost(from: from, until: until, hook, isCut: listing.isCut), subject: "\(subject)/lost/\(from)",
            with: try change(state, audit: [entry("deliveries.lost", range)]))
    }

    /// Tells, once, that GitHub does not let the bot look.
    private func complain(_ failure: GitHubFailure, _ state: inout SweepState) async throws {
        let reason = failure.message + (failure.hint.map { " (\($0))" } ?? "")
        guard state.complaint != reason else { return }
        state.complaint = reason
        try await announcer.announce(
            SweepReports.refused(reason, hook), subject: "\(subject)/refused",
            with: try change(state, audit: [entry("deliveries.not-listed", ["reason": .string(reason)])]))
    }
}
