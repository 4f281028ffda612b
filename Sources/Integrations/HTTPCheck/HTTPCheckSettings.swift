package import Domain

/// The section `http_check` of the settings.
package struct HTTPCheckSettings: Sendable {
    /// A file of certificates to trust instead of the machine's, PEM; nil: the machine's.
    package var ca: String?

    package init(_ input: inout InputReader) {
        ca = input.optionalText("ca", "A file of certificates to trust, PEM, instead of the machine's")
    }

    /// The section as the settings' reader knows it.
    package static let section = SettingsSection(
        name: "http_check", summary: "How the action http.check trusts the servers it asks"
    ) { input in
        _ = HTTPCheckSettings(&input)
    }
}
