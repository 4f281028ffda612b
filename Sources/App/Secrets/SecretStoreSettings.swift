import Domain
import Foundation
import Kubernetes

/// The section `secret_store` of the settings: where `{stored: name}` is read and what actions make is kept.
struct SecretStoreSettings: Sendable {
    /// The folder, as it is written; nil: `secret-store` beside the settings, unless a cluster has them.
    var folder: String?
    /// The cluster whose Secret has them.
    var cluster: String?
    var namespace: String
    var name: String

    init(_ input: inout InputReader) {
        folder = input.optionalText(
            "folder", "The folder of the secrets' files; secret-store beside the settings unless said")
        cluster = input.optionalText("cluster", "The cluster that has them in a Secret, one of 'clusters'")
        namespace = input.text("namespace", "The Secret's namespace", default: "defimon")
        name = input.text("name", "The Secret's name", default: "defimon-secrets")
        if folder != nil, cluster != nil {
            input.report("secrets are in a folder or in a cluster", field: "cluster", fix: "leave one of them out")
        }
    }

    /// The section as the settings' reader knows it.
    static let section = SettingsSection(
        name: "secret_store", summary: "Where {stored: name} is read: files of a folder, or a Secret of a cluster",
        compare: problems
    ) { _ = SecretStoreSettings(&$0) }

    /// The cluster must be there, and must not need the store to be reached.
    private static func problems(_ sections: [String: LocatedValue]) -> [Problem] {
        guard let section = sections["secret_store"], let written = section["cluster"], let name = written.text else {
            return []
        }
        guard let cluster = sections["clusters"]?[name] else {
            return [Problem("there is no cluster '\(name)'", at: written.location, fix: "add it to 'clusters'")]
        }
        return ["token", "kubeconfig"].compactMap { member in
            guard let value = cluster[member], case .stored? = SecretReference(value.json) else { return nil }
            return Problem(
                "the \(member) of cluster '\(name)' is in the secret store, which is in that cluster",
                at: value.location, fix: "read it from {env: NAME} or {file: path}")
        }
    }

    /// The store that the settings ask for; relative paths start in `base`.
    static func store(of settings: Settings, clusters: ClusterDirectory, base: String, redactor: Redactor)
        -> any SecretStore
    {
        var reader = settings.sections["secret_store"].map(InputReader.reading) ?? .describing()
        let section = SecretStoreSettings(&reader)
        if let cluster = section.cluster {
            return ClusterSecretStore(
                clusters: clusters, cluster: cluster, namespace: section.namespace, name: section.name,
                onSecret: { redactor.add($0) })
        }
        let folder = section.folder ?? "secret-store"
        return FolderSecretStore(folder: folder.hasPrefix("/") ? folder : "\(base)/\(folder)", redactor: redactor)
    }
}
