import Domain

/// Where a cluster is.
struct ClusterPlace: Sendable {
    let cluster: String
    let pool: String
    private let location: String?

    init(_ input: inout InputReader, named member: String) {
        cluster = input.text(member, "Name of the cluster", pattern: ClusterPlace.name)
        location = input.optionalText(
            "location", "Its region or zone; the settings' region when it is left out", pattern: ClusterPlace.location)
        pool = input.pool()
    }

    // The texts are constant and compile, which a test shows; without a pattern Google itself refuses a wrong name.
    /// Of clusters and node pools (cloud.google.com/kubernetes-engine/docs/reference/rest/v1/projects.locations.clusters).
    static let name = try? Pattern("[a-z]([-a-z0-9]{0,38}[a-z0-9])?")
    /// A region or a zone.
    static let location = try? Pattern("[a-z]+(-[a-z]+)+[0-9]{1,2}(-[a-z])?")

    /// `projects/acme/locations/europe-west3`. Throws `ActionError` when there is no location.
    func parent(_ defaults: CloudDefaults) throws(ActionError) -> String {
        if let location { return "projects/\(defaults.project)/locations/\(location)" }
        guard let region = try defaults.region(nil).region else { throw ActionError("no location is named") }
        return "projects/\(defaults.project)/locations/\(region)"
    }
}
