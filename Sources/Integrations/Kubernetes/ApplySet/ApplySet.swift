import Domain
import Foundation

/// The set of objects that one folder holds in a cluster, after KEP-3659
/// (github.com/kubernetes/enhancements, sig-cli/3659-kubectl-apply-prune): each member carries a label with the set's id,
/// and a parent object says in which kinds and namespaces members are. The parent is a ConfigMap: it holds nothing
/// secret, needs no definition of its own, and anybody who may look into the namespace can read it.
struct ApplySet: Sendable, Hashable {
    /// On members.
    static let memberLabel = "applyset.kubernetes.io/part-of"
    /// On the parent.
    static let idLabel = "applyset.kubernetes.io/id"
    static let toolingAnnotation = "applyset.kubernetes.io/tooling"
    static let groupKindsAnnotation = "applyset.kubernetes.io/contains-group-kinds"
    static let namespacesAnnotation = "applyset.kubernetes.io/additional-namespaces"
    static let tooling = "defimon/v1"

    static let parentType = ResourceType("v1", "ConfigMap", "configmaps")

    /// Of the parent.
    let name: String
    let namespace: String
    /// The folder, and the repository where it is one's, for people.
    let origin: String

    /// The set of a folder, whose parent is in `namespace`. The commit of a repository's tree is no part of it: the
    /// next one is the same set.
    init(folder: String, tree: String?, namespace: String) {
        let repository = tree.map { tree in tree.lastIndex(of: "-").map { String(tree[..<$0]) } ?? tree }
        origin = repository.map { "\($0):\(folder)" } ?? folder
        let letters = origin.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        let words = String(letters.suffix(30)).split(separator: "-").joined(separator: "-")
        // Two folders whose letters are the same, such as a/b and a-b, are told apart by the digest.
        let digest = Hex.encode(SHA256Digest.of(Array(origin.utf8))).prefix(10)
        name = "defimon-set-" + (words.isEmpty ? "" : words + "-") + digest
        self.namespace = namespace
    }

    /// `applyset-<base64url of SHA-256 of name.namespace.kind.group>-v1`; the parent's group is the empty one.
    var id: String {
        let digest = SHA256Digest.of(Array("\(name).\(namespace).ConfigMap.".utf8))
        let text = Data(digest).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        return "applyset-\(text)-v1"
    }

    /// A kind of a group, whatever its version: `Deployment.apps`, `ConfigMap`.
    struct GroupKind: Sendable, Hashable, Comparable, CustomStringConvertible {
        var group: String
        var kind: String

        init(_ type: ResourceType) {
            group = type.group
            kind = type.kind
        }

        /// Nil when the text is empty.
        init?(_ text: Substring) {
            let parts = text.trimmed.split(separator: ".", maxSplits: 1)
            guard let first = parts.first else { return nil }
            kind = String(first)
            group = parts.count > 1 ? String(parts[1]) : ""
        }

        var description: String { group.isEmpty ? kind : "\(kind).\(group)" }

        static func < (left: Self, right: Self) -> Bool { left.description < right.description }
    }

    /// In which kinds and namespaces members may be.
    struct Contents: Sendable, Hashable {
        var kinds: Set<GroupKind> = []
        /// Beside the parent's.
        var namespaces: Set<String> = []

        func union(_ other: Contents) -> Contents {
            Contents(kinds: kinds.union(other.kinds), namespaces: namespaces.union(other.namespaces))
        }
    }

    /// The parent as it is applied.
    func parent(_ contents: Contents) -> ClusterObject {
        var annotations: [String: JSONValue] = [
            ApplySet.toolingAnnotation: .string(ApplySet.tooling),
            ApplySet.groupKindsAnnotation: .string(
                contents.kinds.sorted().map(\.description).joined(separator: ",")),
        ]
        let others = contents.namespaces.subtracting([namespace]).sorted()
        if !others.isEmpty { annotations[ApplySet.namespacesAnnotation] = .string(others.joined(separator: ",")) }
        return ClusterObject([
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": [
                "name": .string(name), "namespace": .string(namespace), "annotations": .object(annotations),
                "labels": [
                    ApplySet.idLabel: .string(id), ManagedLabel.name: .string(ManagedLabel.value),
                ],
            ],
            "data": ["folder": .string(origin)],
        ])
    }

    /// What a parent says.
    static func contents(of parent: ClusterObject) -> Contents {
        func items(_ name: String) -> [Substring] { (parent.annotations[name] ?? "").split(separator: ",") }
        return Contents(
            kinds: Set(items(groupKindsAnnotation).compactMap(GroupKind.init)),
            namespaces: Set(items(namespacesAnnotation).map { String($0.trimmed) }))
    }

    /// The namespace that a set's parent goes to when nobody says: the one that all objects name. Nil when they name
    /// none or several.
    static func home(of manifests: [Manifest]) -> String? {
        let named = Set(manifests.compactMap { $0.kind == "Namespace" ? $0.object.name : $0.object.namespace })
        return named.count == 1 ? named.first : nil
    }
}
