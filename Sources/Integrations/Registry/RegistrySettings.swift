package import Domain

/// The section `registries` of the settings: container registries by the name that images begin with.
package struct RegistrySettings: Sendable {
    /// One registry.
    package struct Registry: Sendable, Hashable {
        /// Where it answers, without a slash at its end.
        package var url: String
        /// Who pulls; nil: nobody in particular.
        package var username: String?
        package var password: SecretReference?
        /// A file of certificates to trust for it and for who gives tokens for it, PEM; nil: the machine's.
        package var ca: String?
    }

    /// By the name that stands first in images: `registry.example.com`, `registry.example.com:5000`.
    package var registries: [String: Registry]

    package init(_ input: inout InputReader) {
        registries = input.everyNamed("Each registry by the name that images begin with, such as registry.example.com")
        {
            name, registry in Registry(name, &registry)
        }
    }

    /// The section as the settings' reader knows it.
    package static let section = SettingsSection(
        name: "registries", summary: "Container registries in which the bot looks for images"
    ) { input in
        _ = RegistrySettings(&input)
    }

    // Nil is never seen: the pattern is a constant that compiles, which a test shows.
    static let address = try? Pattern("https?://[^\\s/?#@]+(/[^\\s?#]*)?")
}

extension RegistrySettings.Registry {
    fileprivate init(_ name: String, _ input: inout InputReader) {
        let given = input.optionalText(
            "url", "Where the registry answers; https://<name> when left out", pattern: RegistrySettings.address)
        username = input.optionalText("username", "Who pulls; GitHub takes any name beside a token")
        password = input.secret("password", "The password or token that may pull", isRequired: false)
        ca = input.optionalText("ca", "A file of certificates to trust for the registry, PEM")
        let address = given ?? RegistrySettings.Registry.usualURL(name)
        url = address.hasSuffix("/") ? String(address.dropLast()) : address
        if !name.isEmpty, !ImageReference.isRegistry(name) {
            input.report(
                "'\(name.prefix(80))' is not a registry's name", field: "",
                fix:
                    "use what stands before the first slash of images, such as registry.example.com or registry.example.com:5000"
            )
        }
        if (username == nil) != (password == nil) {
            let missing = username == nil ? "username" : "password"
            input.report(
                "'\(missing)' is missing", field: missing, fix: "give both username and password, or none of them")
        }
        if username?.contains(where: { $0 == ":" || $0.isNewline }) == true {
            input.report(
                "a username may not hold ':' or a line break", field: "username",
                fix: "Basic authentication separates the password by ':'")
        }
    }

    /// Images of `docker.io` are at another host.
    private static func usualURL(_ name: String) -> String {
        "https://" + (name == "docker.io" ? "registry-1.docker.io" : name)
    }
}
