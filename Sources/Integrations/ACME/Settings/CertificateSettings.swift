package import Domain

/// The section `certificates` of the settings.
package struct CertificateSettings: Sendable {
    /// Certificates of one bot.
    package static let most = 200

    /// Sorted by name.
    package var wishes: [CertificateWish]

    package init(_ input: inout InputReader, _ types: CertificateWish.Types) {
        wishes = input.everyNamed("Each certificate by a name of yours, such as analytics-api") { name, section in
            CertificateWish(name, &section, types)
        }.values.sorted { $0.name < $1.name }
        if wishes.count > CertificateSettings.most {
            input.report("there are more than \(CertificateSettings.most) certificates", field: "")
        }
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
