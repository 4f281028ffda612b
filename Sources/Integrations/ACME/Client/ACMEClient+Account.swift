import Domain

extension ACMEClient {
    /// The account of this key, which is made where there is none; its contact is changed where it is another one
    /// (RFC 8555 §7.3). `contact` are addresses of mail, with `mailto:` or without.
    package func account(contact: [String], agreeToTerms: Bool, external: ExternalAccount?) async throws -> ACMEAccount
    {
        let contact = contact.map { $0.hasPrefix("mailto:") ? $0 : "mailto:\($0)" }
        let directory = try await directory()
        var account: ACMEAccount
        if let obstacle = ACMEClient.obstacle(directory, agreeToTerms: agreeToTerms, external: external) {
            guard let found = try await findAccount() else { throw obstacle }
            account = found
        } else {
            account = try await newAccount(directory, contact, agreeToTerms, external)
        }
        if Set(account.contact) != Set(contact) {
            let payload = JSONValue.object(["contact": .array(contact.map(JSONValue.string))])
            let answer = try await post(payload, to: account.url, "the change of the account's contact")
            account = try ACMEAccount(answer, url: account.url)
        }
        return account
    }

    /// The account of this key; nil: the CA knows none.
    package func findAccount() async throws -> ACMEAccount? {
        let url = try await directory().newAccount
        do {
            let answer = try await connection.post(
                .object(["onlyReturnExisting": .bool(true)]), to: url, as: .key(key), "the question for the account")
            return try made(answer)
        } catch let error as ACMEError where error.kind == .problem(type: "accountDoesNotExist") {
            return nil
        }
    }

    /// Changes the account's key (RFC 8555 §7.3.5) and returns a client with the new one; this one is good for nothing
    /// then.
    package func changeKey(to new: ACMEKey) async throws -> ACMEClient {
        let url = try await directory().keyChange
        let account = try await account()
        let inner = try SignedMessage.make(
            .object(["account": .string(account), "oldKey": key.jwk]), url: url, nonce: nil, signer: .key(new))
        _ = try await post(inner, to: url, "the change of the account's key")
        return ACMEClient(connection: connection, key: new, account: account)
    }

    private func newAccount(
        _ directory: ACMEDirectory, _ contact: [String], _ agreeToTerms: Bool, _ external: ExternalAccount?
    ) async throws -> ACMEAccount {
        var payload: [String: JSONValue] = ["contact": .array(contact.map(JSONValue.string))]
        if agreeToTerms { payload["termsOfServiceAgreed"] = .bool(true) }
        if let external {
            payload["externalAccountBinding"] = try SignedMessage.binding(key, to: external, url: directory.newAccount)
        }
        return try made(
            try await connection.post(
                .object(payload), to: directory.newAccount, as: .key(key), "the account"))
    }

    private func made(_ answer: ACMEAnswer) throws -> ACMEAccount {
        let account = try ACMEAccount(answer, url: answer.headers["location"])
        remember(account)
        return account
    }

    /// Why no account can be made with these settings.
    private static func obstacle(_ directory: ACMEDirectory, agreeToTerms: Bool, external: ExternalAccount?)
        -> ACMEError?
    {
        if let terms = directory.termsOfService, !agreeToTerms {
            return .unusable(
                "the CA makes an account only for who agrees to its terms",
                hint: "read \(terms) and set acme.agree_to_terms: true")
        }
        if directory.externalAccountRequired, external == nil {
            return .unusable(
                "the CA makes an account only for one outside of ACME",
                hint: ProblemType.known["externalAccountRequired"]?.hint)
        }
        return nil
    }
}
