package import Domain

/// How each cluster is reached: the section `clusters` of the settings, a map from names.
package struct ClusterSettings: Sendable {
    /// One cluster. Paths are relative to the folder of the settings.
    package struct Cluster: Sendable, Hashable {
        /// The path of the file, or the secret that holds its text.
        var kubeconfig: TextOrSecret?
        var context: String?
        var isInCluster: Bool
        var server: String?
        var token: SecretReference?
        var certificateAuthority: String?
        var prices: ClusterPrices?
        /// One that Google runs.
        var hosted: HostedCluster?
    }

    package var clusters: [String: Cluster]

    /// No clusters.
    package init() { clusters = [:] }

    /// Reads the section of checked settings; no clusters where it is left out.
    package init(section: LocatedValue?) {
        guard let section else {
            self.init()
            return
        }
        var reader = InputReader.reading(section)
        self.init(&reader)
    }

    /// Reads the section; problems are in the reader.
    package init(_ input: inout InputReader) {
        clusters = input.everyNamed("Each cluster by its name") { _, cluster in Cluster(&cluster) }
    }

    /// The section as the settings' reader knows it.
    package static let section = SettingsSection(
        name: "clusters", summary: "Kubernetes clusters by name, and how each is reached"
    ) { input in
        _ = ClusterSettings(&input)
    }
}

extension ClusterSettings.Cluster {
    fileprivate init(_ input: inout InputReader) {
        kubeconfig = input.textOrSecret(
            "kubeconfig",
            "Path of a kubeconfig file, or where its text is kept: {stored: name}, which may come later than the bot")
        context = input.optionalText("context", "Context in the kubeconfig file; its current one when left out")
        isInCluster = input.flag("in_cluster", "Use the service account of the pod that the bot runs in")
        server = input.optionalText("server", "Address of the API server, such as https://10.0.0.1:6443")
        token = input.secret("token", "Bearer token for 'server'", isRequired: false)
        certificateAuthority = input.optionalText("ca", "Path of the certificates to trust for 'server', PEM")
        prices = ClusterPrices(&input)
        hosted = input.section("gke", "A cluster of Google's, which says where it is; needs google_cloud") { gke in
            HostedCluster(
                name: gke.text("cluster", "Its name there", pattern: HostedCluster.name),
                location: gke.optionalText(
                    "location", "Its region or zone; the region of google_cloud when it is left out",
                    pattern: HostedCluster.location),
                isInside: gke.flag("private_endpoint", "Reach it by its address inside its network"))
        }
        let ways = [kubeconfig != nil, isInCluster, server != nil, hosted != nil].count { $0 }
        if ways != 1 {
            input.report(
                ways == 0 ? "nothing says how the cluster is reached" : "several things say how the cluster is reached",
                field: ways == 0 ? "" : "server", fix: "give one of kubeconfig, in_cluster: true, gke, server")
        }
        if context != nil, kubeconfig == nil {
            input.report(
                "'context' is for 'kubeconfig' only", field: "context", fix: "give kubeconfig, or leave it out")
        }
        if server == nil {
            for (name, isGiven) in [("token", token != nil), ("ca", certificateAuthority != nil)] where isGiven {
                input.report("'\(name)' is for 'server' only", field: name, fix: "give server, or leave it out")
            }
        }
    }
}

extension HostedCluster {
    // The texts are constant and compile, which a test shows; without a pattern Google itself refuses a wrong name.
    fileprivate static let name = try? Pattern("[a-z]([-a-z0-9]{0,38}[a-z0-9])?")
    fileprivate static let location = try? Pattern("[a-z]+(-[a-z]+)+[0-9]{1,2}(-[a-z])?")
}
