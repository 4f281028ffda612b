package import Domain

extension ACMEStandIn {
    /// Where proofs are looked for, and what clients must bring.
    package struct Configuration: Sendable {
        /// Where the web server of a name answers plain HTTP; nil: the name has no address.
        package var web: @Sendable (_ name: String) async -> ListenAddress?
        /// Values of the TXT records of a name (`_acme-challenge.api.example.com`); empty: there are none.
        package var texts: @Sendable (_ name: String) async -> [String]
        /// External accounts by their key ids, each with its key in base64url; when there are any, one is required.
        package var externalAccounts: [String: Secret] = [:]
        /// Whether a proof that holds serves later orders too.
        package var reusesProofs = false
        /// Whether it tells when certificates are best renewed.
        package var hasRenewalInfo = true
        /// How long renewal information may be relied on.
        package var renewalInfoLives = Duration.seconds(21_600)
        /// Orders on one page of an account's list.
        package var ordersOnPage = 50

        package init(
            web: @escaping @Sendable (_ name: String) async -> ListenAddress?,
            texts: @escaping @Sendable (_ name: String) async -> [String] = { _ in [] }
        ) {
            self.web = web
            self.texts = texts
        }
    }
}
