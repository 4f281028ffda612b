import Domain
import Foundation

/// Looks whether proofs are where they must be.
struct ACMEValidation: Sendable {
    let world: ACMEWorld
    let configuration: ACMEStandIn.Configuration

    /// Looks for each proof as it comes, until the task is cancelled.
    func run(_ proofs: AsyncStream<ACMEProof>) async {
        await withDiscardingTaskGroup { group in
            for await proof in proofs {
                group.addTask {
                    let problem = await look(proof)
                    world.change { state, now in state.settle(proof, problem, now) }
                }
            }
            group.cancelAll()
        }
    }

    /// Nil when the proof is there.
    private func look(_ proof: ACMEProof) async -> ACMEProblem? {
        if world.failures.isUnproven(proof.name) {
            return .unauthorized("the proof for \(proof.name) is not accepted")
        }
        return switch proof.kind {
        case .http01: await lookOverHTTP(proof)
        case .dns01: await lookInDNS(proof)
        }
    }

    /// RFC 8555 §8.3.
    private func lookOverHTTP(_ proof: ACMEProof) async -> ACMEProblem? {
        let url = "http://\(proof.name)/.well-known/acme-challenge/\(proof.token)"
        guard let address = await configuration.web(proof.name) else {
            return ACMEProblem(400, "dns", "\(proof.name) has no address")
        }
        do {
            let answer = try await PlainHTTP.get(
                "/.well-known/acme-challenge/\(proof.token)", of: proof.name, at: address)
            guard answer.status == 200 else {
                return .unauthorized("invalid response from \(url): \(answer.status)")
            }
            // White space at the end does not count (§8.3).
            let text = String(decoding: answer.body, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            guard text == proof.keyAuthorization else {
                return .unauthorized("\(url) has not the expected key authorization, but '\(text.prefix(120))'")
            }
            return nil
        } catch {
            return ACMEProblem(400, "connection", "cannot fetch \(url): \(error)")
        }
    }

    /// RFC 8555 §8.4.
    private func lookInDNS(_ proof: ACMEProof) async -> ACMEProblem? {
        let name = "_acme-challenge.\(proof.name)"
        let found = await configuration.texts(name)
        if found.contains(proof.text) { return nil }
        return found.isEmpty
            ? .unauthorized("no TXT record found at \(name)")
            : .unauthorized("none of the \(found.count) TXT records at \(name) is the expected one")
    }
}
