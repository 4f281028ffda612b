import Domain
import Foundation

/// Gets a new certificate of the CA, or goes on with the order that is under way. What it has reached is kept before the
/// next exchange, so that a crash leads to no second order.
struct Issuing: Sendable {
    /// Orders of the account's list that are looked at for one whose answer was lost.
    static let mostLooked = 20

    let keeper: CertificateKeeper
    let question: RenewalNeed.Question
    let context: ActionContext

    private var wish: CertificateWish { question.wish }

    /// Afterwards `record.next` is the new certificate, which is in the safe. Throws `ActionError`, `ACMEError`.
    func run(_ record: inout CertificateRecord) async throws {
        let client = try await keeper.authority.client(context.time)
        var (order, key) = try await order(&record, client)
        if order.status == .pending {
            order = try await authorized(order, client, &record)
        }
        if order.status == .ready {
            tell("asks for the certificate")
            order = try await client.finalize(order, request: try key.request(for: wish.names))
        }
        if order.status != .valid { order = try await client.issued(order) }
        let issued = try await client.chain(of: order, preferredIssuer: wish.preferredIssuer)
        if let complaint = issued.complaint(names: wish.names, key: key, at: context.time.now) {
            record.order = nil
            try await record.keep(wish.name, context.kept)
            throw ActionError("the CA's certificate is not what was asked for: \(complaint)")
        }
        try await keeper.safe.saveNext(wish.name, CertificateSafe.Kept(key: key.pem, chain: issued.chain))
        record.next = CertificateRecord.Issued(
            serialNumber: issued.serialNumber, issuer: issued.issuerName, notBefore: issued.notBefore,
            notAfter: issued.notAfter, names: wish.names, certID: issued.certID, directory: question.directory,
            profile: question.profile, key: wish.key.rawValue, issuedAt: context.time.now,
            by: record.order?.by ?? question.step)
        record.noteIssued()
        record.order = nil
        try await record.keep(wish.name, context.kept)
    }

    private func tell(_ what: String) { context.progress("\(wish.name): \(what)") }

    // MARK: The order

    private func order(_ record: inout CertificateRecord, _ client: ACMEClient) async throws
        -> (ACMEOrder, CertificateKey)
    {
        if record.order != nil, let found = try await orderUnderWay(&record, client) { return found }
        let limits = OrderLimits(weekly: keeper.settings.weeklyLimit)
        let now = context.time.now
        if let wait = limits.wait(for: wish.names, try await keeper.made(context.kept), now: now) {
            throw keeper.refusal(wish.name, wait)
        }
        let key = try CertificateKey.make(wish.key)
        record.next = nil
        record.order = CertificateRecord.Order(
            directory: question.directory, names: wish.names, profile: question.profile,
            replaces: try await replaced(record, client), by: question.step, askedAt: now)
        record.note(orderFor: wish.names, at: now)
        // The key first: an order is only gone on with when its key is there.
        try await keeper.safe.saveNext(wish.name, CertificateSafe.Kept(key: key.pem, chain: ""))
        try await record.keep(wish.name, context.kept)
        tell("orders a certificate for \(wish.names.joined(separator: ", "))")
        let order = try await newOrder(record.order?.replaces, client)
        record.order?.url = order.url
        try await record.keep(wish.name, context.kept)
        return (order, key)
    }

    /// The certificate that this one follows, where the CA that issues is the one that issued that and speaks of such
    /// (RFC 9773 §5).
    private func replaced(_ record: CertificateRecord, _ client: ACMEClient) async throws -> String? {
        guard let current = record.current, current.directory == question.directory,
            current.notAfter > context.time.now, try await client.directory().renewalInfo != nil
        else { return nil }
        return current.certID
    }

    private func newOrder(_ replaces: String?, _ client: ACMEClient) async throws -> ACMEOrder {
        do {
            return try await client.newOrder(wish.names, profile: question.profile, replaces: replaces)
        } catch let error as ACMEError where replaces != nil && error.isRefusal {
            // A certificate of another account, or one that was replaced already: the order is as good without it.
            return try await client.newOrder(wish.names, profile: question.profile, replaces: nil)
        }
    }

    /// The order that is kept, as far as it can still lead to a certificate for the key that is kept.
    private func orderUnderWay(_ record: inout CertificateRecord, _ client: ACMEClient) async throws
        -> (ACMEOrder, CertificateKey)?
    {
        guard let kept = try await keeper.safe.next(wish.name), kept.chain.isEmpty else { return nil }
        let order: ACMEOrder?
        if let url = record.order?.url {
            do { order = try await client.order(url) } catch let error as ACMEError where error.kind == .missing {
                order = nil
            }
        } else {
            order = try await lostOrder(client)
        }
        guard let order, order.status != .invalid, order.expires.map({ $0 > context.time.now }) ?? true else {
            return nil
        }
        record.order?.url = order.url
        try await record.keep(wish.name, context.kept)
        return (order, try CertificateKey(pem: kept.key))
    }

    /// An order whose answer was lost, by the account's list, where the CA has one.
    private func lostOrder(_ client: ACMEClient) async throws -> ACMEOrder? {
        for url in try await client.orders().suffix(Issuing.mostLooked).reversed() {
            let order = try await client.order(url)
            if [.pending, .ready].contains(order.status), Set(order.names) == Set(wish.names) { return order }
        }
        return nil
    }

    // MARK: Control over the names

    private func authorized(_ order: ACMEOrder, _ client: ACMEClient, _ record: inout CertificateRecord) async throws
        -> ACMEOrder
    {
        let control = NameControl(keeper: keeper, wish: wish, context: context, client: client)
        let result: Result<ACMEOrder, any Error>
        do {
            try await control.prove(order, &record)
            tell("waits until the CA has looked")
            result = .success(
                try await client.authorized(order) { context.progress("\(wish.name): \($0)") })
        } catch is CancellationError {
            // The step is only broken off: what the CA may be looking at stays until it goes on.
            throw CancellationError()
        } catch {
            result = .failure(error)
        }
        await control.clean(&record)
        return try result.get()
    }
}

extension ACMEError {
    /// Whether the CA itself says no, and not because of how often it is asked.
    fileprivate var isRefusal: Bool {
        if case .problem(let type) = kind { type != "rateLimited" } else { false }
    }
}
