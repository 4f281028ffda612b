import Domain
import Foundation

/// Brings a certificate to all of its places: install, see it at work, and when all have shown it, forget the old one. A
/// place that does not show it gets the old one back.
struct Installing: Sendable {
    let keeper: CertificateKeeper
    let wish: CertificateWish
    let context: ActionContext

    /// What was done.
    struct Outcome: Sendable {
        /// Titles of the places that have it since now.
        var installed: [String] = []
        /// What proved it, for people.
        var proofs: [String] = []
        /// What is left over, for people.
        var notes: [String] = []
    }

    /// Throws `ActionError`, `ACMEError`.
    func run(_ record: inout CertificateRecord) async throws -> Outcome {
        let isNew = record.next != nil
        guard let kept = try await isNew ? keeper.safe.next(wish.name) : keeper.safe.current(wish.name),
            !kept.chain.isEmpty
        else { return Outcome() }
        let bundle = try kept.bundle(wish.name)
        var outcome = Outcome()
        var failures: [(title: String, error: ActionError)] = []
        for destination in wish.destinations {
            do {
                try await bring(bundle, to: destination, &record, &outcome)
            } catch let error as ActionError {
                failures.append((destination.place.title, error))
            }
        }
        if let first = failures.first {
            var error = first.error
            error.message = failures.map { title, error in
                error.message.contains(title) ? error.message : "\(title): \(error.message)"
            }.joined(separator: "; ")
            if failures.contains(where: { $0.error.retry != .never }) { error.retry = .later(afterMilliseconds: nil) }
            throw error
        }
        if isNew { try await promote(kept, &record) }
        if isNew || !outcome.installed.isEmpty { await forget(bundle, &outcome) }
        return outcome
    }

    // MARK: One place

    private func bring(
        _ bundle: CertificateBundle, to destination: CertificateWish.Destination, _ record: inout CertificateRecord,
        _ outcome: inout Outcome
    ) async throws {
        let place = destination.place
        let isThere = Installing.shows(try await place.present(of: wish.name, context), bundle)
        if isThere, record.places[destination.name]?.serialNumber == bundle.serialNumber { return }
        if !isThere {
            context.progress("\(wish.name): installs into \(place.title)")
            try await place.install(bundle, context)
        }
        context.progress("\(wish.name): looks whether \(place.title) shows it")
        let proof: [String]
        do {
            proof = try await EndpointProof(endpoints: destination.endpoints).prove(
                try IssuedCertificate(chain: bundle.chain).leafDER, context)
        } catch let error as ActionError {
            throw await takenBack(from: destination, bundle, because: error)
        }
        record.places[destination.name] = CertificateRecord.Place(
            serialNumber: bundle.serialNumber, at: context.time.now, proof: proof)
        try await record.keep(wish.name, context.kept)
        outcome.installed.append(place.title)
        outcome.proofs += proof
    }

    /// Whether what is in a place is this certificate. What cannot be read is another one.
    static func shows(_ chain: String?, _ bundle: CertificateBundle) -> Bool {
        guard let chain, let there = try? IssuedCertificate(chain: chain) else { return false }
        return there.serialNumber == bundle.serialNumber && there.chain == bundle.chain
    }

    /// Puts the old certificate back where the new one was not seen at work, as long as the old one is good.
    private func takenBack(
        from destination: CertificateWish.Destination, _ bundle: CertificateBundle, because error: ActionError
    ) async -> ActionError {
        var error = error
        do {
            guard let old = try await keeper.safe.current(wish.name)?.bundle(wish.name),
                old.serialNumber != bundle.serialNumber, old.notAfter > context.time.now
            else { return error }
            try await destination.place.install(old, context)
            error.message += "; the certificate before is back there"
        } catch {
            return ActionError(
                "\((error as? ActionError)?.message ?? "\(error)"), and the certificate before cannot be put back",
                mayHaveTakenEffect: true)
        }
        return error
    }

    // MARK: The end

    private func promote(_ kept: CertificateSafe.Kept, _ record: inout CertificateRecord) async throws {
        // After a crash in here the current one may be the new one already.
        if let old = try await keeper.safe.current(wish.name), old != kept {
            try await keeper.safe.savePrevious(wish.name, old.chain)
        }
        try await keeper.safe.saveCurrent(wish.name, kept)
        record.current = record.next
        record.next = nil
        record.window = nil
        record.wait = nil
        record.failure = nil
        record.places = record.places.filter { name, _ in wish.destinations.contains { $0.name == name } }
        try await record.keep(wish.name, context.kept)
    }

    private func forget(_ bundle: CertificateBundle, _ outcome: inout Outcome) async {
        for destination in wish.destinations {
            do { try await destination.place.forgetOthers(than: bundle, context) } catch {
                outcome.notes.append("an older one is still kept by \(destination.place.title): \(error.message)")
            }
        }
    }
}
