import Domain

extension ACMEAPI {
    var authorizationMethods: [ACMEMethod] {
        [ACMEMethod("authorization", "authz/{id}", authorization), ACMEMethod("challenge", "chall/{id}", challenge)]
    }

    /// RFC 8555 §7.5 and §7.5.2.
    private func authorization(_ call: ACMECall) throws -> SandboxAnswer {
        let isEnd = try call.isRead ? false : call.signed.object()["status"] == "deactivated"
        return try world.change { state, _ in
            guard var authorization = state.authorizations[call.id] else {
                throw ACMEProblem.missing("authorization")
            }
            try own(authorization, call)
            if isEnd, [.pending, .valid].contains(authorization.status) {
                authorization.status = .deactivated
                state.update(authorization)
            }
            return .json(200, shown(authorization, call.links))
        }
    }

    /// RFC 8555 §7.5.1.
    private func challenge(_ call: ACMECall) throws -> SandboxAnswer {
        if !call.isRead { _ = try call.signed.object() }
        let (answer, proof) = try world.change { state, _ -> (SandboxAnswer, ACMEProof?) in
            guard let (found, index) = state.challenge(call.id) else { throw ACMEProblem.missing("challenge") }
            var authorization = found
            try own(authorization, call)
            let begins =
                !call.isRead && authorization.status == .pending && authorization.challenges[index].status == .pending
            if begins {
                authorization.challenges[index].status = .processing
                state.update(authorization)
            }
            let challenge = authorization.challenges[index]
            return (
                .json(
                    200, shown(challenge, call.links),
                    headers: [("Link", "<\(call.links["authz/\(authorization.id)"])>;rel=\"up\"")]),
                begins
                    ? ACMEProof(
                        challenge: challenge.id, kind: challenge.kind, name: authorization.name,
                        token: challenge.token, keyAuthorization: call.key.keyAuthorization(challenge.token)) : nil
            )
        }
        if let proof { prove(proof) }
        return answer
    }

    private func own(_ authorization: ACMEAuthorization, _ call: ACMECall) throws {
        guard try call.holder().id == authorization.account else {
            throw ACMEProblem.unauthorized("this is another account's")
        }
    }

    private func shown(_ authorization: ACMEAuthorization, _ links: ACMELinks) -> JSONValue {
        // What was not used of a proof that is settled is shown no more (§7.1.4).
        let isOpen = authorization.status == .pending
        let challenges = authorization.challenges.filter { isOpen || $0.status != .pending }
        var members: [String: JSONValue] = [
            "status": .string(authorization.status.rawValue), "expires": authorization.expires.acme,
            "identifier": ["type": "dns", "value": .string(authorization.name)],
            "challenges": .array(challenges.map { shown($0, links) }),
        ]
        if authorization.isWildcard { members["wildcard"] = true }
        return .object(members)
    }

    private func shown(_ challenge: ACMEChallenge, _ links: ACMELinks) -> JSONValue {
        var members: [String: JSONValue] = [
            "type": .string(challenge.kind.rawValue), "url": .string(links["chall/\(challenge.id)"]),
            "status": .string(challenge.status.rawValue), "token": .string(challenge.token),
        ]
        if let validated = challenge.validated { members["validated"] = validated.acme }
        if let error = challenge.error { members["error"] = error }
        return .object(members)
    }
}
