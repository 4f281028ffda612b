package import Domain

/// What the bot can do in clusters.
package enum KubernetesActions {
    /// All action types. Folders of manifests are below `root`, those of a repository's tree below `trees/<its id>`
    /// (nil: there are none); `environment` is what manifests see as `env`; `hosts` are those that kubeconfigs
    /// are fetched from, to be kept in `store`; `onSecret` is told every value that is generated or found, so that the
    /// redactor knows it.
    package static func types(
        clusters: ClusterDirectory, root: String, trees: String? = nil, environment: [String: String] = [:],
        hosts: any HostAccess = NoHosts(), store: any SecretStore = NoSecretStore(),
        onSecret: @escaping @Sendable (Secret) -> Void = { _ in }
    ) -> [ActionType] {
        let places = ApplyAction.Places(root: root, trees: trees, environment: environment)
        return [
            NamespaceEnsureAction.type(clusters),
            SecretEnsureAction.type(clusters, onSecret: onSecret),
            SecretRotateAction.type(clusters, onSecret: onSecret),
            KubeconfigFetchAction.type(hosts, store, onSecret: onSecret),
            ApplyAction.type(clusters, places),
            ProvenAction.type(clusters),
            RollbackAction.type(clusters),
            DriftAction.type(clusters, places),
            RunJobAction.type(clusters, places, onSecret: onSecret),
            RolloutWaitAction.type(clusters),
            WaitAction.type(clusters),
            RolloutRestartAction.type(clusters),
            SetImageAction.type(clusters),
            ScaleAction.type(clusters),
            AutoscaleAction.type(clusters),
            ScaleToAction.type(clusters),
            NamespaceDeleteAction.type(clusters),
            DeleteAction.type(clusters),
            CronJobTriggerAction.type(clusters),
            LogsAction.type(clusters),
            EventsAction.type(clusters),
            CordonAction.cordon(clusters),
            CordonAction.uncordon(clusters),
            DrainAction.type(clusters),
            VolumeResizeAction.type(clusters),
            PodReportAction.type(clusters),
            PreviewEnsureAction.type(clusters),
            PreviewListAction.type(clusters),
            PreviewKeepAction.type(clusters),
            PreviewRemoveAction.type(clusters),
        ]
    }
}
