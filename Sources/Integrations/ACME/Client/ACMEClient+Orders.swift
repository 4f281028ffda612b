import Domain

extension ACMEClient {
    /// Orders of an account that are listed at most.
    package static let mostOrders = 1000

    /// Orders a certificate for these names (RFC 8555 §7.4). `profile` must be one of the directory's; `replaces` is
    /// the identifier of the certificate whose place it takes (RFC 9773 §5), which a CA without renewal information is
    /// not told.
    package func newOrder(_ names: [String], profile: String?, replaces: String?) async throws -> ACMEOrder {
        let directory = try await directory()
        if let profile { try ACMEClient.check(profile, directory) }
        var payload: [String: JSONValue] = [
            "identifiers": .array(names.map { .object(["type": .string("dns"), "value": .string($0)]) })
        ]
        if let profile { payload["profile"] = .string(profile) }
        if directory.renewalInfo != nil, let replaces { payload["replaces"] = .string(replaces) }
        let answer: ACMEAnswer
        let doing = "the order for \(ACMEClient.words(names))"
        do {
            answer = try await post(.object(payload), to: directory.newOrder, doing)
        } catch let error as ACMEError where error.kind == .problem(type: "alreadyReplaced") {
            payload["replaces"] = nil
            answer = try await post(.object(payload), to: directory.newOrder, doing)
        }
        return try ACMEOrder(answer, url: answer.headers["location"])
    }

    /// How an order stands.
    package func order(_ url: String) async throws -> ACMEOrder {
        try ACMEOrder(try await post(nil, to: try ACMELink.checked(url, "order"), "a look at the order"), url: url)
    }

    /// URLs of the account's orders (RFC 8555 §7.1.2.1), at most 1000; empty where a CA has no list.
    package func orders() async throws -> [String] {
        let url = try await account()
        let account = try ACMEAccount(try await post(nil, to: url, "a look at the account"), url: url)
        var found: [String] = []
        var seen: Set<String> = []
        var next = account.orders
        while let page = next, found.count < ACMEClient.mostOrders, seen.count < ACMEClient.mostOrders,
            seen.insert(page).inserted
        {
            let answer = try await post(nil, to: page, "its list of orders")
            for order in try answer.object("the list of orders")["orders"]?.arrayValue ?? [] {
                found.append(try ACMELink.checked(order.stringValue, "order"))
            }
            next = ACMELink.links(answer.headers["link"], relation: "next").first
        }
        return Array(found.prefix(ACMEClient.mostOrders))
    }

    /// How one name of an order stands.
    package func authorization(_ url: String) async throws -> ACMEAuthorization {
        let url = try ACMELink.checked(url, "authorization")
        return try ACMEAuthorization(try await post(nil, to: url, "a look at the authorization"), url: url)
    }

    /// Says that a challenge is answered: the CA looks now (RFC 8555 §7.5.1).
    package func begin(_ challenge: ACMEChallenge) async throws {
        _ = try await post(.object([:]), to: challenge.url, "the \(challenge.type) challenge")
    }

    /// Gives up what was proven, or what is being proven (RFC 8555 §7.5.2).
    package func deactivate(_ authorization: String) async throws {
        let url = try ACMELink.checked(authorization, "authorization")
        _ = try await post(
            .object(["status": .string("deactivated")]), to: url, "the end of the authorization")
    }

    /// Asks for the certificate of an order whose names are proven. `request` is DER, PKCS#10.
    package func finalize(_ order: ACMEOrder, request: [UInt8]) async throws -> ACMEOrder {
        let payload = JSONValue.object(["csr": .string(Base64URL.encode(request))])
        let answer = try await post(
            payload, to: order.finalize, "the certificate for \(ACMEClient.words(order.names))")
        return try ACMEOrder(answer, url: order.url)
    }

    private static func check(_ profile: String, _ directory: ACMEDirectory) throws {
        guard directory.profiles[profile] == nil else { return }
        let known = directory.profiles.keys.sorted().joined(separator: ", ")
        throw ACMEError.unusable(
            "the CA has no profile '\(profile)'" + (known.isEmpty ? "; it has none at all" : "; it has \(known)"),
            hint: "look at acme.profile and the certificate's profile")
    }

    static func words(_ names: [String]) -> String {
        names.count <= 3
            ? names.joined(separator: ", ")
            : names.prefix(2).joined(separator: ", ") + " and \(names.count - 2) more"
    }
}
