import Domain
import Foundation

/// How the alert of a job stands.
enum AlertStanding: Sendable, Hashable {
    case firing
    case over
    /// Nobody can say: why.
    case unknown(String)
}

/// Jobs whose steps are done, and whose effect must still show.
extension JobBoard {
    /// How its alert stands now. A silenced one sends no resolve, so its source is asked.
    func alertStanding(_ job: Job) async -> AlertStanding {
        guard job.alertFingerprint != nil else { return .unknown("the job has no alert") }
        if await alertIsResolved(job) { return .over }
        guard let alerts else { return .unknown("the settings name no Alertmanager to ask (alertmanager.api_url)") }
        do { return try await alerts.isFiring(for: job) ? .firing : .over } catch {
            return .unknown(writer.redactor.redact("\(error)"))
        }
    }

    /// When somebody must look whether its effect shows; nil while somebody does.
    func proofDue(_ entry: Entry) -> Date? {
        guard !entry.isLookedAt, let proof = entry.job.proofUnderWay else { return nil }
        let end = proof.firstEnd ?? .distantPast
        return proof.checks.allSatisfy(\.isPassed) ? end : min(entry.nextLook ?? .distantPast, end)
    }

    /// The jobs of which somebody must look now.
    func proofsDue() -> [JobID] {
        let now = time.now
        return entries.values.filter { entry in
            entry.job.state == .verifying && proofDue(entry).map { $0 <= now } ?? false
        }.map(\.job.id).sorted()
    }

    /// Somebody has looked; the look began at this time.
    func seen(_ id: JobID, _ proof: JobProof, at began: Date) async throws(LedgerError) {
        try await apply(id, .looked(proof, at: began))
        guard let entry = entries[id] else { return }
        let open = (entry.job.proofUnderWay?.checks ?? []).enumerated().filter { !$0.element.isPassed }
        let pause = open.compactMap { check in
            entry.job.verify.flatMap {
                check.offset < $0.checks.count ? $0.checks[check.offset].everyMilliseconds : nil
            }
        }.min()
        entries[id]?.nextLook = pause.map { time.now.advanced(by: .milliseconds($0)) }
        entries[id]?.isLookedAt = false
        queueSignal.fire()
    }
}

extension AlertDirectory {
    /// Whether the job's alert fires now, or any of its group. Throws when it cannot be told.
    func isFiring(for job: Job) async throws -> Bool {
        if let group = job.alertGroup { return try await isFiring(group: group) }
        return try await isFiring(fingerprint: job.alertFingerprint ?? "")
    }
}
