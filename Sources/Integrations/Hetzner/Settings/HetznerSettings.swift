package import Domain

/// The section `hetzner` of the settings: the token of a project at Hetzner Cloud, and what is usual there.
package struct HetznerSettings: Sendable {
    /// Sent as `Authorization: Bearer`; nil when a problem was reported.
    package var token: SecretReference?
    /// With the version, without a slash at its end.
    package var endpoint: String
    /// A file of certificates to trust for the endpoint, PEM; nil: the machine's.
    package var ca: String?
    /// Where things are that a step does not place elsewhere: `fsn1`.
    package var location: String?
    /// Where subnets are that do not say it: `eu-central`.
    package var networkZone: String
    /// The most that a volume is grown to, in GiB.
    package var largestVolume: Int
    /// What things cost; nil: nobody says.
    package var prices: HetznerPrices?

    package init(_ input: inout InputReader) {
        token = input.secret("token", "API token of the project, with the permission to read and write")
        let address = input.text(
            "endpoint", "Another address of Hetzner's API, for a proxy or a test", pattern: HetznerName.address,
            default: "https://api.hetzner.cloud/v1")
        endpoint = address.hasSuffix("/") ? String(address.dropLast()) : address
        ca = input.optionalText("ca", "A file of certificates to trust for the endpoint, PEM")
        location = input.optionalText(
            "location", "Location of what a step does not place elsewhere, such as fsn1", pattern: HetznerName.location)
        networkZone = input.text(
            "network_zone", "Network zone of subnets that do not say theirs", pattern: HetznerName.zone,
            default: "eu-central")
        largestVolume = input.integer(
            "largest_volume_gib", "The most that a volume is grown to, in GiB", in: 10...10_240, default: 10_240)
        prices = input.section("prices", "What things cost a month, for plans and for status") {
            HetznerPrices(&$0)
        }
    }

    /// The section as the settings' reader knows it.
    package static let section = SettingsSection(
        name: "hetzner", summary: "Hetzner Cloud: the token of a project, and what is usual there"
    ) {
        _ = HetznerSettings(&$0)
    }
}
