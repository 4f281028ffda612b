import Domain
import Foundation

extension ACMEState {
    /// The authorization for a name: one that holds already, where those are used again, else a new one. Returns its id.
    mutating func proof(of name: String, account: String, reuse: Bool, _ now: Date) -> String {
        let isWildcard = name.hasPrefix("*.")
        let plain = isWildcard ? String(name.dropFirst(2)) : name
        if reuse,
            let found = authorizations.values.first(where: {
                $0.account == account && $0.name == plain && $0.isWildcard == isWildcard && $0.status == .valid
            })
        {
            return found.id
        }
        let kinds: [ACMEChallenge.Kind] = isWildcard ? [.dns01] : ACMEChallenge.Kind.allCases
        let challenges = kinds.map { kind in
            ACMEChallenge(
                id: nextID(), kind: kind, token: Base64URL.encode((0..<32).map { _ in UInt8.random(in: 0...255) }))
        }
        let made = ACMEAuthorization(
            id: nextID(), account: account, name: plain, isWildcard: isWildcard,
            expires: now.advanced(by: ACMEState.orderLives), challenges: challenges)
        update(made)
        return made.id
    }

    /// Where a challenge is.
    func challenge(_ id: String) -> (authorization: ACMEAuthorization, index: Int)? {
        for authorization in authorizations.values {
            if let index = authorization.challenges.firstIndex(where: { $0.id == id }) { return (authorization, index) }
        }
        return nil
    }

    /// Takes the outcome of a look: nil when the proof is there.
    mutating func settle(_ proof: ACMEProof, _ problem: ACMEProblem?, _ now: Date) {
        guard let (found, index) = challenge(proof.challenge), found.status == .pending else { return }
        var authorization = found
        if let problem {
            authorization.challenges[index].status = .invalid
            authorization.challenges[index].error = problem.json
            authorization.status = .invalid
        } else {
            authorization.challenges[index].status = .valid
            authorization.challenges[index].validated = now
            authorization.status = .valid
            authorization.expires = now.advanced(by: ACMEState.proofLives)
        }
        update(authorization)
    }
}
