package import Domain

/// What the bot can do in clusters.
package enum KubernetesActions {
    /// All action types. Folders of manifests are below `root`, those of a repository's tree below `trees/<its id>`
    /// (nil: there are none); `environment` is what manifests see as `env`; `onSecret` is told every value that is
    /// generated or found, so that the redactor knows it.
    package static func types(
        clusters: ClusterDirectory, root: String, trees: String? = nil, environment: [String: String] = [:],
        onSecret: @escaping @Sendable (Secret) -> Void = { _ in }
    ) -> [ActionType] {
        [
            NamespaceEnsureAction.type(clusters),
            SecretEnsureAction.type(clusters, onSecret: onSecret),
            ApplyAction.type(clusters, .init(root: root, trees: trees, environment: environment)),
            RolloutWaitAction.type(clusters),
            WaitAction.type(clusters),
            RolloutRestartAction.type(clusters),
            SetImageAction.type(clusters),
            ScaleAction.type(clusters),
            AutoscaleAction.type(clusters),
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
