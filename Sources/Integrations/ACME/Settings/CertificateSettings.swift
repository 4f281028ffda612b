package import Domain

/// The section `certificates` of the settings.
package struct CertificateSettings: Sendable {
    /// Certificates of one bot.
    package static let most = 200

    /// Sorted by name.
    package var wishes: [CertificateWish]

    /// None.
    package init() { wishes = [] }

    package init(_ input: inout InputReader, _ types: CertificateWish.Types) {
        wishes = input.everyNamed("Each certificate by a name of yours, such as analytics-api") { name, section in
            CertificateWish(name, &section, types)
        }.values.sorted { $0.name < $1.name }
        if wishes.count > CertificateSettings.most {
            input.report("there are more than \(CertificateSettings.most) certificates", field: "")
        }
    }

    /// Adds a place to one of them; nothing when there is none of that name.
    package mutating func add(
        _ place: any CertificateDestination, called name: String, seenAt endpoint: ListenAddress?,
        to certificate: String
    ) {
        guard let index = wishes.firstIndex(where: { $0.name == certificate }) else { return }
        let host = wishes[index].names.first { !$0.hasPrefix("*.") }
        let endpoints = endpoint.map { [Endpoint(host: $0.host, port: $0.port, serverName: host)] } ?? []
        wishes[index].destinations.append(
            CertificateWish.Destination(name: name, place: place, endpoints: endpoints))
    }

    /// The section as the settings' reader knows it.
    package static func section(_ types: CertificateWish.Types) -> SettingsSection {
        SettingsSection(
            name: "certificates", summary: "Certificates that the bot gets from the CA and renews", compare: problems
        ) { _ = CertificateSettings(&$0, types) }
    }

    /// A CA must be there, and the provider of each DNS record.
    private static func problems(_ sections: [String: LocatedValue]) -> [Problem] {
        guard let section = sections["certificates"], let certificates = section.members, !certificates.isEmpty else {
            return []
        }
        var problems: [Problem] = []
        if sections["acme"] == nil {
            problems.append(
                Problem(
                    "there are certificates and no CA that issues them", at: section.location,
                    fix: "add acme: {agree_to_terms: true, contact: [you@example.org]}"))
        }
        for certificate in certificates {
            guard let provider = certificate.value["dns"]?["provider"], let name = provider.text, sections[name] == nil
            else { continue }
            problems.append(
                Problem("the settings have no '\(name)'", at: provider.location, fix: "add the section '\(name)'"))
        }
        return problems
    }
}
