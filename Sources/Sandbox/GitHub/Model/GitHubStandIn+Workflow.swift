extension GitHubStandIn {
    /// A workflow of GitHub Actions that runs for every push.
    package struct Workflow: Sendable, Hashable {
        package var id: Int
        package var name: String
        /// `.github/workflows/ci.yml`.
        package var path: String

        package init(id: Int = 2_823_525, name: String = "CI", path: String = ".github/workflows/ci.yml") {
            self.id = id
            self.name = name
            self.path = path
        }
    }
}
