import Domain

/// A certificate for load balancers, uploaded.
struct HetznerCertificate: HetznerResource {
    static let kind = HetznerKind.certificate
    static let summary = "Uploads a certificate with its key for load balancers"

    let identity: ThingIdentity
    private let certificate: TextOrSecret
    private let key: TextOrSecret

    init(_ input: inout InputReader) {
        identity = ThingIdentity(&input, Self.kind)
        certificate =
            input.textOrSecret("certificate", "The chain in PEM, its own certificate first", isRequired: true)
            ?? .text("")
        key = input.textOrSecret("private_key", "Its key in PEM, as a secret", isRequired: true) ?? .text("")
        if case .text(let text) = key, !text.isEmpty {
            input.report(
                "'private_key' is written out", field: "private_key",
                fix: "keep it in the bot's secret store: {stored: NAME}")
        }
    }

    func body(_ names: HetznerNames) async throws -> [String: JSONValue] {
        [
            "type": "uploaded", "certificate": .string(try certificate.value(names.client, for: title)),
            "private_key": .string(try key.value(names.client, for: title)),
        ]
    }

    func fields(_ names: HetznerNames) async throws -> [WantedField] {
        guard let wanted = certificate.present(names.client) else { return [] }
        return [
            WantedField(
                name: "certificate", wanted: .string(Self.plain(wanted)),
                present: { .string(Self.plain($0["certificate"]?.stringValue ?? "")) },
                change: .replacement(hint: "give the new one another name, and let the load balancers use that"),
                words: { _, _ in "another one is there" })
        ]
    }

    private static func plain(_ pem: String) -> String { pem.filter { !$0.isWhitespace } }
}
