import Domain

extension GoogleState {
    /// Paths of clusters on a subnetwork.
    func clusters(on subnetwork: String) -> [String] {
        resources.values.filter { resource in
            resource.path.contains("/clusters/") && !resource.path.contains("/nodePools/")
                && ComputeReference.path(
                    resource.body["networkConfig"]?["subnetwork"]?.stringValue ?? "", scope: subnetwork)
                    == subnetwork
        }.map(\.path).sorted()
    }
}
