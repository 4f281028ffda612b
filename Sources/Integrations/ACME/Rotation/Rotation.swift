import Domain
import Foundation

/// One certificate's way: does it need a new one → issue it → check it → install it → see it at work → only then forget the
/// old one. A failure anywhere leaves the old one where it is.
struct Rotation: Sendable {
    let keeper: CertificateKeeper
    let question: RenewalNeed.Question
    let context: ActionContext

    private var wish: CertificateWish { question.wish }

    /// What was done for one certificate.
    struct Outcome: Sendable {
        var name: String
        var isIssued: Bool
        var installing: Installing.Outcome
        var record: CertificateRecord
        /// Why nothing was issued although it was due; nil when it was not, or was.
        var wait: CertificateRecord.Wait?

        var changes: Int { (isIssued ? 1 : 0) + installing.installed.count }
    }

    /// Throws `ActionError`; the ledger then knows why.
    func run() async throws -> Outcome {
        do { return try await steps() } catch is CancellationError {
            throw CancellationError()
        } catch {
            var failure = (error as? ACMEError)?.actionError ?? error as? ActionError ?? ActionError("\(error)")
            let forbidden = (error as? ACMEError)?.forbids
            if forbidden != nil { failure.retry = .never }
            try await note(failure, forbidden)
            throw failure
        }
    }

    private func steps() async throws -> Outcome {
        let before = try await CertificateRecord.read(wish.name, context.kept)
        var record = before
        await NameControl.removeRecords(&record, keeper, wish, context)
        try await keeper.lookAtWindow(&record, context)
        var outcome = Outcome(name: wish.name, isIssued: false, installing: Installing.Outcome(), record: record)
        switch try await need(record) {
        case .nothing: break
        case .wait(let wait):
            guard record.current != nil else { throw keeper.refusal(wish.name, wait) }
            outcome.wait = wait
        case .goOn where record.next != nil: break
        case .goOn, .issue:
            try await Issuing(keeper: keeper, question: question, context: context).run(&record)
            outcome.isIssued = true
        }
        outcome.installing = try await Installing(keeper: keeper, wish: wish, context: context).run(&record)
        if record != before { try await record.keep(wish.name, context.kept) }
        outcome.record = record
        return outcome
    }

    /// As it is decided, but for a key that is not where it was kept.
    private func need(_ record: CertificateRecord) async throws -> RenewalNeed {
        let need = RenewalNeed(record, question, now: context.time.now)
        if case .nothing = need, try await keeper.safe.current(wish.name) == nil {
            return .issue("its key is not in the secret store any more")
        }
        return need
    }

    private func note(_ failure: ActionError, _ forbidden: Duration?) async throws {
        var record = try await CertificateRecord.read(wish.name, context.kept)
        let now = context.time.now
        record.failure = CertificateRecord.Failure(
            at: now, since: record.failure?.since ?? now, why: OneLine.of(failure.message, atMost: 500))
        if let forbidden {
            record.wait = CertificateRecord.Wait(
                until: now.advanced(by: forbidden), why: OneLine.of(failure.message, atMost: 300))
        }
        try await record.keep(wish.name, context.kept)
    }

    // MARK: Plan

    /// What a run would do, for people. Throws `ActionError`.
    func plan() async throws -> ActionPlan {
        var record = try await CertificateRecord.read(wish.name, context.kept)
        try await keeper.lookAtWindow(&record, context)
        let names = wish.names.joined(separator: ", ")
        switch try await need(record) {
        case .wait(let wait):
            return ActionPlan(changes: [], notes: ["certificate \(wish.name): \(CertificateKeeper.words(wait))"])
        case .issue(let why):
            return ActionPlan(
                changes: ["certificate \(wish.name): a new one for \(names) by \(wish.proof.words), since \(why)"]
                    + wish.destinations.map { "certificate \(wish.name): into \($0.place.title)" })
        case .goOn:
            let what = record.next == nil ? "go on with its order" : "install the new one"
            return ActionPlan(
                changes: ["certificate \(wish.name): \(what)"]
                    + wish.destinations.map { "certificate \(wish.name): into \($0.place.title)" })
        case .nothing:
            guard let bundle = try await keeper.safe.current(wish.name)?.bundle(wish.name) else {
                return ActionPlan(changes: [])
            }
            var changes: [String] = []
            for destination in wish.destinations
            where !Installing.shows(try await destination.place.present(of: wish.name, context), bundle) {
                changes.append("certificate \(wish.name): into \(destination.place.title), which has another one")
            }
            return ActionPlan(changes: changes)
        }
    }
}

extension ACMEError {
    /// How long the CA takes nothing of the kind any more; nil when it has not said so.
    fileprivate var forbids: Duration? {
        guard kind == .problem(type: "rateLimited") else { return nil }
        return max(retryAfter ?? .seconds(3600), .seconds(60))
    }
}
