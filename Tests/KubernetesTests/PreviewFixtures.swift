import Domain
import Foundation
import TestSupport

@testable import Kubernetes

/// Namespaces of previews as tests put them into a cluster.
enum PreviewFixtures {
    static let now = Date(timeIntervalSince1970: 1_790_000_000)  // 2026-09-21T14:13:20Z
    static let commit = "1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"

    static let wish: [String: JSONValue] = [
        "namespace": "pr-12-api", "repository": "acme/api", "number": 12, "commit": .string(commit), "owner": "ann",
        "url": "https://pr-12-api.preview.example.com",
    ]

    static func path(_ name: String) -> String { "/api/v1/namespaces/\(name)" }

    /// A preview that expires so long after `now`; with nil, nobody knows when.
    static func namespace(
        _ name: String, repository: String = "acme/api", number: Int = 12, expiresIn: Duration? = .seconds(3600),
        isBeingDeleted: Bool = false
    ) -> JSONValue {
        var metadata: [String: JSONValue] = [
            "name": .string(name), "creationTimestamp": .string(ClusterTime.text(now.advanced(by: .seconds(-7500)))),
            "labels": [
                "app.kubernetes.io/managed-by": "defimon", "defimon.io/preview": "true",
                "defimon.io/pull-request": .string(String(number)),
            ],
        ]
        var annotations: [String: JSONValue] = [
            "defimon.io/repository": .string(repository), "defimon.io/commit": .string(commit),
            "defimon.io/owner": "ann", "defimon.io/url": .string("https://\(name).preview.example.com"),
        ]
        annotations["defimon.io/expires"] = expiresIn.map { .string(ClusterTime.text(now.advanced(by: $0))) }
        metadata["annotations"] = .object(annotations)
        if isBeingDeleted { metadata["deletionTimestamp"] = .string(ClusterTime.text(now)) }
        return ["kind": "Namespace", "metadata": .object(metadata)]
    }

    static func put(_ namespace: JSONValue, _ store: ObjectStore) {
        store.put(namespace, at: path(namespace["metadata"]?["name"]?.stringValue ?? ""))
    }
}
