/// What a type of problem means, and what a person could do (RFC 8555 §6.7, RFC 9773 §7.4, the draft of profiles).
struct ProblemType: Sendable {
    var meaning: String
    var hint: String?
    /// Whether it passes by itself.
    var isTransient = false

    static let known: [String: ProblemType] = [
        "accountDoesNotExist": .init(
            meaning: "it knows no account of this key", hint: "one is made when a certificate is next asked for"),
        "alreadyReplaced": .init(meaning: "another order has replaced the certificate already"),
        "alreadyRevoked": .init(meaning: "the certificate is revoked already"),
        "badCSR": .init(
            meaning: "it does not take the certificate's request", hint: "try another kind of key, or other names"),
        "badNonce": .init(
            meaning: "it refused one nonce after the other",
            hint: "it may be several servers that do not know of each other",
            isTransient: true),
        "badPublicKey": .init(meaning: "it does not take this kind of key", hint: "try another kind of key"),
        "badRevocationReason": .init(
            meaning: "it does not take this reason for revoking", hint: "leave the reason out, or give another"),
        "badSignatureAlgorithm": .init(
            meaning: "it does not take signatures by ES256, which are all the bot makes", hint: "this CA cannot be used"
        ),
        "caa": .init(
            meaning: "CAA records forbid it to issue for this name",
            hint: "look at the CAA records of the name and of the domains above it; one must name this CA"),
        "compound": .init(meaning: "several things are wrong"),
        "connection": .init(
            meaning: "it could not connect to the name",
            hint: "port 80 of the name's address must be open from the Internet and lead to the bot"),
        "dns": .init(
            meaning: "it could not look up the name's records",
            hint: "look at the name's records and its zone's servers from outside: dig +trace"),
        "externalAccountRequired": .init(
            meaning: "an account with it outside of ACME is needed",
            hint: "give acme.external_account the key_id and the key that this CA shows in its console"),
        "incorrectResponse": .init(
            meaning: "what it found at the name is not the challenge's answer",
            hint: "look at who answers /.well-known/acme-challenge/ at that name, or who else writes its TXT record"),
        "invalidContact": .init(
            meaning: "it does not take the contact address", hint: "look at acme.contact: one address of mail each"),
        "invalidProfile": .init(
            meaning: "it does not have this profile", hint: "look at acme.profile and the certificate's profile"),
        "malformed": .init(meaning: "it does not take the request"),
        "orderNotReady": .init(meaning: "not all names of the order are proven yet"),
        "rateLimited": .init(
            meaning: "too much was asked of it", hint: "wait: each further try counts too", isTransient: true),
        "rejectedIdentifier": .init(
            meaning: "it issues no certificate for this name",
            hint: "look at whether the name is public and spelled as it should be; else another CA must be taken"),
        "serverInternal": .init(
            meaning: "it has a fault of its own", hint: "look at the status page of the CA", isTransient: true),
        "tls": .init(
            meaning: "the name's server does not speak TLS as it should",
            hint: "look at a redirection from port 80 to https, which the CA follows"),
        "unauthorized": .init(
            meaning: "what it found does not prove the name",
            hint:
                "look at whether the name's address and its TXT records lead to what the bot answers"
        ),
        "unsupportedContact": .init(
            meaning: "it does not take this kind of contact", hint: "look at acme.contact: addresses of mail"),
        "unsupportedIdentifier": .init(
            meaning: "it does not issue for this kind of name", hint: "only host names can be asked for"),
        "userActionRequired": .init(meaning: "somebody must do something at the CA first"),
    ]
}
