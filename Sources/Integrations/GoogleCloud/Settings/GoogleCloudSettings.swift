package import Domain

/// The section `google_cloud` of the settings: the project, and as whom the bot works there.
package struct GoogleCloudSettings: Sendable {
    /// Where things are that a step does not place elsewhere.
    package var defaults: CloudDefaults
    /// As whom the bot speaks.
    package var credentials: CloudCredentials?
    package var endpoints: CloudEndpoints
    /// A file of certificates to trust for the endpoints, PEM; nil: the machine's.
    package var ca: String?
    /// What disks cost; nil: nobody says.
    package var diskPrices: DiskPrices?

    package init(_ input: inout InputReader) {
        defaults = CloudDefaults(
            project: input.text("project", "The project's id, such as acme-infrastructure", pattern: CloudName.project),
            region: input.optionalText(
                "region", "Region of what a step does not place elsewhere, such as europe-west3",
                pattern: CloudName.region),
            zone: input.optionalText(
                "zone", "Zone of what a step does not place elsewhere, such as europe-west3-a", pattern: CloudName.zone)
        )
        let credentials = input.section("credentials", "As whom the bot works there; exactly one of them") {
            CloudCredentials.read(&$0)
        }
        self.credentials = credentials ?? nil
        if credentials == nil {
            input.report(
                "google_cloud has no credentials", field: "credentials",
                fix: "give one, such as credentials: {service_account: {file: google.json}}")
        }
        endpoints =
            input.section("endpoints", "Other addresses of Google's services, for a proxy or a test") {
                CloudEndpoints(&$0)
            } ?? CloudEndpoints()
        ca = input.optionalText("ca", "A file of certificates to trust for the endpoints, PEM")
        defaults.largestDisk = input.integer(
            "largest_disk_gib", "The most that a disk is grown to, in GiB", in: 10...65_536, default: 8192)
        diskPrices = DiskPrices(&input)
        if let zone = defaults.zone, let region = defaults.region, !zone.hasPrefix(region + "-") {
            input.report(
                "zone \(zone) is not in region \(region)", field: "zone", fix: "give a zone such as \(region)-a")
        }
    }

    /// The section as the settings' reader knows it.
    package static let section = SettingsSection(
        name: "google_cloud", summary: "Google Cloud: the project, and as whom the bot works there"
    ) {
        _ = GoogleCloudSettings(&$0)
    }
}
