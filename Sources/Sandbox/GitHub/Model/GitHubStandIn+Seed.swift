extension GitHubStandIn {
    /// What a repository is made of at first.
    package struct Seed: Sendable {
        package var owner: String
        package var name: String
        package var defaultBranch = "main"
        package var isPrivate = true
        package var workflows = [Workflow()]
        /// Path → file, the same for every commit unless `files(at:)` says otherwise.
        package var files: [String: File] = [:]
        /// Login → `admin`, `maintain`, `write`, `triage` or `read`.
        package var collaborators: [String: String] = [:]
        /// GitHub makes a suite for every App that is installed, also when it never makes a check.
        package var hasEmptyCheckSuite = true

        package init(owner: String, name: String) {
            self.owner = owner
            self.name = name
        }
    }
}
