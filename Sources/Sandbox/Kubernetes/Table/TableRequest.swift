import Domain
import Foundation

/// A client asks for a `Table` (meta.k8s.io/v1) instead of objects, as `kubectl get` does.
struct TableRequest: Sendable {
    private enum Inclusion: Sendable { case none, metadata, object }

    private let inclusion: Inclusion

    /// Nil when the client does not ask for one.
    init?(_ request: KubernetesRequest) {
        let accepted = (request.headers["accept"] ?? "").split(separator: ",").map {
            $0.replacing(" ", with: "")
        }
        // The first that can be served wins; v1beta1 is gone.
        guard
            let first = accepted.first(where: {
                ($0.contains("as=Table") && $0.contains("v=v1;") || $0.hasSuffix("v=v1") && $0.contains("as=Table"))
                    || $0 == "application/json" || $0 == "*/*"
            }), first.contains("as=Table")
        else { return nil }
        switch request.query["includeObject"] {
        case "None": inclusion = .none
        case "Object": inclusion = .object
        default: inclusion = .metadata
        }
    }

    func json(_ kind: ResourceKind, _ page: ListPage, now: Date) -> JSONValue {
        json(kind, page.items, metadata: page.metadata, now: now)
    }

    func json(_ kind: ResourceKind, _ objects: [KubernetesObject], metadata: JSONValue, now: Date) -> JSONValue {
        let columns = TableColumns.of(kind)
        var metadata = metadata
        if objects.count == 1, metadata == [:] {
            metadata = ["resourceVersion": .string(objects[0].resourceVersion)]
        }
        return [
            "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
            "columnDefinitions": .array(columns.map(\.definition)),
            "rows": .array(
                objects.map { object in
                    var row: [String: JSONValue] = ["cells": .array(columns.map { $0.cell(object, now) })]
                    row["object"] = included(object)
                    return .object(row)
                }),
        ]
    }

    private func included(_ object: KubernetesObject) -> JSONValue? {
        switch inclusion {
        case .none: nil
        case .object: object.json
        case .metadata:
            [
                "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": object["metadata"] ?? [:],
            ]
        }
    }
}
