extension ActionPermissions {
    private static func container(_ name: String, _ method: String) -> CloudPermission {
        CloudPermission(
            "container.\(name)", "kubernetes-engine/docs/reference/rest/v1/projects.locations.\(method)")
    }

    private static let operations = [
        container("operations.get", "operations/get"), container("operations.list", "operations/list"),
    ]

    private static let changingPools =
        [
            container("clusters.get", "clusters.nodePools/get"),
            container("clusters.update", "clusters.nodePools/create"),
        ] + operations

    /// Of clusters and node pools of Kubernetes Engine.
    static let clusters: [(String, [CloudPermission])] = [
        (
            "gcp.cluster-ensure",
            [
                container("clusters.get", "clusters/get"), container("clusters.create", "clusters/create"),
                container("clusters.update", "clusters/update"),
                // Its nodes work as an account.
                CloudPermission("iam.serviceAccounts.actAs", "iam/docs/service-accounts-actas"),
            ] + operations
        ),
        (
            "gcp.node-pool-ensure",
            changingPools + [CloudPermission("iam.serviceAccounts.actAs", "iam/docs/service-accounts-actas")]
        ),
        (
            "gcp.node-pool-resize",
            changingPools + [.compute("instanceGroupManagers.get", "instanceGroupManagers/get")]
        ),
        ("gcp.node-pool-autoscale", changingPools),
    ]

    private static func dns(_ name: String, _ method: String) -> CloudPermission {
        CloudPermission("dns.\(name)", "dns/docs/reference/rest/v1/\(method)")
    }

    /// Of record sets of Cloud DNS.
    static let records: (String, [CloudPermission]) = (
        "gcp.dns-record-ensure",
        [
            dns("resourceRecordSets.list", "resourceRecordSets/list"), dns("changes.create", "changes/create"),
            dns("resourceRecordSets.create", "changes/create"), dns("resourceRecordSets.delete", "changes/create"),
            dns("resourceRecordSets.update", "changes/create"), dns("changes.get", "changes/get"),
        ]
    )

    /// What proofs of control over names need beside what `gcp.dns-record-ensure` does.
    package static let proofs: [CloudPermission] = [dns("managedZones.list", "managedZones/list")]
}
