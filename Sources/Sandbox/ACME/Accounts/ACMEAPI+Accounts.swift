import Domain

extension ACMEAPI {
    var accountMethods: [ACMEMethod] {
        [
            ACMEMethod("newAccount", "new-account", by: .newKey, newAccount),
            ACMEMethod("account", "account/{id}", account),
            ACMEMethod("orders", "orders/{id}") { try orders($0, page: 0) },
            ACMEMethod("orders", "orders/{id}/{page}") { call in
                guard let page = call.parameters["page"].flatMap({ Int($0) }), (1...ACMEState.most).contains(page)
                else { throw ACMEProblem.missing("page") }
                return try orders(call, page: page)
            },
            ACMEMethod("keyChange", "key-change", changeKey),
        ]
    }

    /// RFC 8555 §7.3.
    private func newAccount(_ call: ACMECall) throws -> SandboxAnswer {
        let payload = try call.signed.object()
        return try world.change { state, _ in
            if let found = state.account(of: call.key) {
                guard !found.isDeactivated else { throw ACMEProblem.unauthorized("the account is deactivated") }
                return shown(found, 200, call.links)
            }
            guard payload["onlyReturnExisting"] != true else {
                throw ACMEProblem(400, "accountDoesNotExist", "there is no account of this key")
            }
            guard payload["termsOfServiceAgreed"] == true else {
                var problem = ACMEProblem(403, "userActionRequired", "the terms of service must be agreed to")
                problem.headers = [("Link", "<\(call.links["terms"])>;rel=\"terms-of-service\"")]
                throw problem
            }
            guard state.accounts.count < ACMEState.most else {
                throw ACMEProblem.rateLimited(state.failures.retryAfter)
            }
            let contact = try ACMEAPI.contact(payload) ?? []
            let external = try externalKeyID(payload["externalAccountBinding"], call)
            let account = ACMEAccount(
                id: state.nextID(), key: call.key, contact: contact, externalKeyID: external)
            state.accounts[account.id] = account
            return shown(account, 201, call.links)
        }
    }

    /// RFC 8555 §7.3.4.
    private func externalKeyID(_ binding: JSONValue?, _ call: ACMECall) throws -> String? {
        guard !configuration.externalAccounts.isEmpty else { return nil }
        guard let binding, binding != .null else {
            throw ACMEProblem(403, "externalAccountRequired", "the account must be bound to an external account")
        }
        let inner = try ACMESignedRequest(binding)
        guard inner.header["alg"] == "HS256", inner.nonce == nil,
            inner.header["url"]?.stringValue == call.links["new-account"]
        else { throw ACMEProblem.malformed("the binding must be signed by HS256, for this url, without a nonce") }
        guard let id = inner.keyID, let key = configuration.externalAccounts[id],
            let bytes = Base64URL.decode(key.reveal()), inner.isAuthentic(by: bytes)
        else { throw ACMEProblem.unauthorized("the binding is not by a key of an external account") }
        guard try ACMEPublicKey(inner.object()) == call.key else {
            throw ACMEProblem.malformed("the binding is for another key")
        }
        return id
    }

    /// RFC 8555 §7.3.2 and §7.3.6.
    private func account(_ call: ACMECall) throws -> SandboxAnswer {
        let id = try own(call)
        let payload = call.isRead ? [:] : try call.signed.object()
        return try world.change { state, _ in
            guard var account = state.accounts[id] else { throw ACMEProblem.missing("account") }
            account.contact = try ACMEAPI.contact(payload) ?? account.contact
            if payload["status"] == "deactivated" { account.isDeactivated = true }
            state.accounts[id] = account
            return shown(account, 200, call.links, isNew: false)
        }
    }

    /// RFC 8555 §7.1.2.1; later orders come first.
    private func orders(_ call: ACMECall, page: Int) throws -> SandboxAnswer {
        let id = try own(call)
        return world.read { state, _ in
            let all = state.orders.reversed().filter { $0.account == id && $0.status != .invalid }
            let size = configuration.ordersOnPage
            let shown = all.dropFirst(page * size).prefix(size).map { JSONValue.string(call.links["order/\($0.id)"]) }
            let next = (page + 1) * size < all.count
            return .json(
                200, ["orders": .array(shown)],
                headers: next ? [("Link", "<\(call.links["orders/\(id)/\(page + 1)"])>;rel=\"next\"")] : [])
        }
    }

    /// RFC 8555 §7.3.5.
    private func changeKey(_ call: ACMECall) throws -> SandboxAnswer {
        let holder = try call.holder()
        let inner = try ACMESignedRequest(body: call.signed.payload)
        try inner.check(url: call.links["key-change"])
        let key = try inner.embeddedKey()
        try inner.check(signedBy: key)
        guard inner.nonce == nil else { throw ACMEProblem.malformed("the inner JWS must have no nonce") }
        let payload = try inner.object()
        guard payload["account"]?.stringValue == call.links["account/\(holder.id)"] else {
            throw ACMEProblem.malformed("the inner account is not the one that asks")
        }
        guard let old = payload["oldKey"], try ACMEPublicKey(old) == holder.key else {
            throw ACMEProblem.malformed("the inner oldKey is not the account's key")
        }
        return try world.change { state, _ in
            if let other = state.account(of: key) {
                var problem = ACMEProblem(409, "malformed", "the new key belongs to an account already")
                problem.headers = [("Location", call.links["account/\(other.id)"])]
                throw problem
            }
            guard var account = state.accounts[holder.id] else { throw ACMEProblem.missing("account") }
            account.key = key
            state.accounts[account.id] = account
            return shown(account, 200, call.links)
        }
    }

    /// The id in the path, which must be that of whoever asks.
    private func own(_ call: ACMECall) throws -> String {
        guard try call.holder().id == call.id else {
            throw ACMEProblem.unauthorized("this is another account's")
        }
        return call.id
    }

    private func shown(
        _ account: ACMEAccount, _ status: Int, _ links: ACMELinks, isNew: Bool = true
    ) -> SandboxAnswer {
        .json(
            status,
            [
                "status": account.isDeactivated ? "deactivated" : "valid",
                "contact": .array(account.contact.map { .string($0) }), "termsOfServiceAgreed": true,
                "orders": .string(links["orders/\(account.id)"]),
            ], headers: isNew ? [("Location", links["account/\(account.id)"])] : [])
    }

    /// Addresses of mail, at most ten (RFC 8555 §7.3); nil where none are said.
    private static func contact(_ payload: JSONValue) throws -> [String]? {
        guard let value = payload["contact"], value != .null else { return nil }
        guard let list = value.arrayValue?.compactMap(\.stringValue), list.count == value.arrayValue?.count,
            list.count <= 10
        else { throw ACMEProblem(400, "invalidContact", "contact must be a list of at most ten URLs") }
        for url in list {
            guard url.hasPrefix("mailto:") else {
                throw ACMEProblem(400, "unsupportedContact", "'\(url)' does not begin with mailto:")
            }
            guard url.wholeMatch(of: /mailto:[^@,?\s]+@[^@,?\s]+/) != nil else {
                throw ACMEProblem(400, "invalidContact", "'\(url)' is not one address")
            }
        }
        return list
    }
}
