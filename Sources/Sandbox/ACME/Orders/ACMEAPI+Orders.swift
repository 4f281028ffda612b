import Domain
import Foundation

extension ACMEAPI {
    var orderMethods: [ACMEMethod] {
        [
            ACMEMethod("newOrder", "new-order", newOrder),
            ACMEMethod("order", "order/{id}") { call in
                try world.read { state, now in shown(try order(call, state), 200, call.links, now) }
            },
            ACMEMethod("finalize", "order/{id}/finalize", finalize),
        ]
    }

    /// RFC 8555 §7.4.
    private func newOrder(_ call: ACMECall) throws -> SandboxAnswer {
        let wanted = try ACMEOrderRequest(try call.signed.object())
        let account = try call.holder().id
        return try world.change { state, now in
            if let replaces = wanted.replaces { try replace(replaces, wanted.names, account, &state) }
            let proofs = wanted.names.map { name in
                state.proof(of: name, account: account, reuse: configuration.reusesProofs, now)
            }
            let order = ACMEOrder(
                id: state.nextID(), account: account, names: wanted.names, profile: wanted.profile,
                expires: now.advanced(by: ACMEState.orderLives), authorizations: proofs, replaces: wanted.replaces)
            state.add(order)
            state.settle(now)
            var answer = shown(state.order(order.id) ?? order, 201, call.links, now)
            answer.headers.append(("Location", call.links["order/\(order.id)"]))
            return answer
        }
    }

    /// RFC 9773 §5.
    private func replace(
        _ certID: String, _ names: [String], _ account: String, _ state: inout ACMEState
    ) throws {
        guard let index = state.certificates.firstIndex(where: { $0.certID == certID && $0.account == account }) else {
            throw ACMEProblem.malformed("replaces does not name a certificate of this account")
        }
        guard !Set(state.certificates[index].names).isDisjoint(with: names) else {
            throw ACMEProblem.malformed("the certificate in replaces has none of these names")
        }
        guard !state.certificates[index].isReplaced else {
            throw ACMEProblem(409, "alreadyReplaced", "another order replaces this certificate already")
        }
        state.certificates[index].isReplaced = true
    }

    private func finalize(_ call: ACMECall) throws -> SandboxAnswer {
        let payload = try call.signed.object()
        let holder = try call.holder()
        return try world.change { state, now in
            var order = try order(call, state)
            guard order.status == .ready else {
                throw ACMEProblem(
                    403, "orderNotReady", "the order's status (\(order.status.rawValue)) is not ready")
            }
            guard let bytes = payload["csr"]?.stringValue.flatMap(Base64URL.decode) else {
                throw ACMEProblem.malformed("csr must be base64url without padding")
            }
            let request = try ACMECertificateRequest(bytes)
            try request.check(names: order.names, account: holder.key)
            if state.failures.takeOrder() {
                order.status = .invalid
                order.error = ACMEProblem(500, "serverInternal", "the certificate could not be signed").json
                state.release(order.replaces)
            } else {
                let issue = try authority.issue(
                    request, state.nextID(), account: holder.id, profile: order.profile, names: order.names, now: now)
                order.status = .processing
                order.coming = (issue, now.advanced(by: .seconds(state.failures.processing)))
            }
            state.update(order)
            state.settle(now)
            var answer = shown(state.order(order.id) ?? order, 200, call.links, now)
            answer.headers.append(("Location", call.links["order/\(order.id)"]))
            return answer
        }
    }

    private func order(_ call: ACMECall, _ state: ACMEState) throws -> ACMEOrder {
        guard let order = state.order(call.id) else { throw ACMEProblem.missing("order") }
        guard try call.holder().id == order.account else {
            throw ACMEProblem.unauthorized("this is another account's")
        }
        return order
    }

    private func shown(_ order: ACMEOrder, _ status: Int, _ links: ACMELinks, _ now: Date) -> SandboxAnswer {
        var members: [String: JSONValue] = [
            "status": .string(order.status.rawValue), "expires": order.expires.acme,
            "identifiers": .array(order.names.map { ["type": "dns", "value": .string($0)] }),
            "authorizations": .array(order.authorizations.map { .string(links["authz/\($0)"]) }),
            "finalize": .string(links["order/\(order.id)/finalize"]), "profile": .string(order.profile.rawValue),
        ]
        if let id = order.certificate { members["certificate"] = .string(links["cert/\(id)"]) }
        if let error = order.error { members["error"] = error }
        if let replaces = order.replaces { members["replaces"] = .string(replaces) }
        let left = order.coming.map { max(1, Int($0.at.timeIntervalSince(now).rounded(.up))) }
        return .json(status, .object(members), headers: left.map { [("Retry-After", String($0))] } ?? [])
    }
}
