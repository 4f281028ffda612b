import Domain
import Foundation
import Synchronization

/// The little of an API server that the tests of actions need: objects by path, create, apply and patch as a deep
/// merge, dry run, lists, deletion. It checks nothing and runs nothing.
final class ObjectStore: Sendable {
    private struct State {
        var objects: [String: JSONValue] = [:]
        var version: Int64 = 100
    }

    private let state = Mutex(State())
    let asked = Recorder<Asked>()
    /// What is answered before the store is looked at.
    private let overrides: @Sendable (Asked) -> Reply?

    init(_ overrides: @escaping @Sendable (Asked) -> Reply? = { _ in nil }) { self.overrides = overrides }

    subscript(path: String) -> JSONValue? { state.withLock { $0.objects[path] } }

    /// Puts an object there as somebody else would.
    func put(_ object: JSONValue, at path: String) {
        state.withLock { state in
            state.version += 1
            state.objects[path] = ObjectStore.stamped(object, state.version, path)
        }
    }

    func remove(_ path: String) { state.withLock { $0.objects[path] = nil } }

    /// All requests that would have changed something.
    var changes: [Asked] { asked.all.filter { $0.method != "GET" && $0.query["dryRun"] == nil } }

    func answer(_ request: Asked) -> Reply {
        asked.add(request)
        if let reply = overrides(request) { return reply }
        switch request.method {
        case "GET": return get(request)
        case "POST": return create(request)
        case "PATCH": return patch(request)
        case "DELETE":
            guard self[request.path] != nil else { return .failure(404, "NotFound") }
            remove(request.path)
            return .json(["kind": "Status", "status": "Success"])
        default: return .failure(405, "MethodNotAllowed")
        }
    }

    private func get(_ request: Asked) -> Reply {
        let kinds: [String: [(String, String, Bool)]] = [
            "/api/v1": [
                ("namespaces", "Namespace", false), ("secrets", "Secret", true), ("configmaps", "ConfigMap", true),
                ("services", "Service", true),
            ],
            "/apis/apps/v1": [("deployments", "Deployment", true), ("statefulsets", "StatefulSet", true)],
            "/apis/networking.k8s.io/v1": [("ingresses", "Ingress", true)],
            "/apis/rbac.authorization.k8s.io/v1": [
                ("clusterroles", "ClusterRole", false), ("rolebindings", "RoleBinding", true),
            ],
            "/apis/autoscaling/v2": [("horizontalpodautoscalers", "HorizontalPodAutoscaler", true)],
        ]
        if let known = kinds[request.path] {
            return .json([
                "kind": "APIResourceList",
                "resources": .array(
                    known.map { ["name": .string($0.0), "kind": .string($0.1), "namespaced": .bool($0.2)] }),
            ])
        }
        if request.query["watch"] == "true" { return .stream([], end: .open) }
        let found: Reply? = state.withLock { state in
            if let object = state.objects[request.path] { return .json(object) }
            guard ObjectStore.isCollection(request.path) else { return nil }
            let items = state.objects.filter {
                $0.key.hasPrefix(request.path + "/") && !$0.key.dropFirst(request.path.count + 1).contains("/")
            }
            return .json([
                "kind": "List", "metadata": ["resourceVersion": .string(String(state.version))],
                "items": .array(items.sorted { $0.key < $1.key }.map(\.value)),
            ])
        }
        return found ?? .failure(404, "NotFound", "\(request.path) not found")
    }

    private func create(_ request: Asked) -> Reply {
        let path = request.path + "/" + (request.json["metadata"]?["name"]?.stringValue ?? "")
        return state.withLock { state in
            if state.objects[path] != nil { return .failure(409, "AlreadyExists", "already exists") }
            state.version += 1
            let object = ObjectStore.stamped(request.json, state.version, path)
            if request.query["dryRun"] == nil { state.objects[path] = object }
            return .json(object, status: 201)
        }
    }

    private func patch(_ request: Asked) -> Reply {
        let isApply = request.headers["content-type"] == "application/apply-patch+yaml"
        return state.withLock { state in
            if state.objects[request.path] == nil, !isApply { return .failure(404, "NotFound") }
            let old = state.objects[request.path] ?? .object([:])
            let known = old["metadata"]?["resourceVersion"]
            if let wanted = request.json["metadata"]?["resourceVersion"], wanted != known {
                return .failure(409, "Conflict", "the object has been modified")
            }
            let merged = ObjectStore.merged(old, request.json)
            if merged == old { return .json(old) }
            state.version += 1
            let object = ObjectStore.stamped(merged, state.version, request.path)
            if request.query["dryRun"] == nil { state.objects[request.path] = object }
            return .json(object)
        }
    }

    private static func isCollection(_ path: String) -> Bool {
        let parts = path.split(separator: "/")
        return path.hasPrefix("/api/v1") ? parts.count == 3 || parts.count == 5 : parts.count == 4 || parts.count == 6
    }

    private static func stamped(_ object: JSONValue, _ version: Int64, _ path: String) -> JSONValue {
        merged(
            object,
            [
                "metadata": [
                    "resourceVersion": .string(String(version)), "uid": .string("uid-\(path)"),
                    "managedFields": [.int(version)],
                ]
            ])
    }

    static func merged(_ old: JSONValue, _ new: JSONValue) -> JSONValue {
        guard case .object(var members) = old, case .object(let changes) = new else { return new }
        for (key, value) in changes { members[key] = merged(members[key] ?? .null, value) }
        return .object(members)
    }
}
