import Domain
import Outbound

/// The operations on objects. Each throws `KubernetesError`, or `CancellationError` when its task was cancelled.
extension KubernetesClient {
    /// How a change is written into an object.
    enum Patch: String {
        case strategic = "application/strategic-merge-patch+json"
        case merge = "application/merge-patch+json"
    }

    /// Objects of one page of a list. While it is parsed a page takes a hundred times the memory of its text.
    static let pageSize = 100
    /// Objects of a whole list; beyond it a list fails.
    static let mostObjects = 20_000

    func get(_ type: ResourceType, namespace: String? = nil, name: String, subresource: String? = nil) async throws
        -> ClusterObject
    {
        ClusterObject(try await json("GET", type.path(namespace: namespace, name: name, subresource: subresource)))
    }

    /// Nil when there is no such object.
    func find(_ type: ResourceType, namespace: String? = nil, name: String) async throws -> ClusterObject? {
        do {
            return try await get(type, namespace: namespace, name: name)
        } catch let error as KubernetesError where error.isNotFound {
            return nil
        }
    }

    /// All objects of a kind, in one namespace or in all, with the version from which a watch goes on, each as `keep` leaves
    /// it. It is begun anew when a page came too late.
    func list(
        _ type: ResourceType, namespace: String? = nil, labels: String? = nil, fields: String? = nil,
        keep: @Sendable (ClusterObject) -> ClusterObject = { $0 }
    ) async throws -> ObjectList {
        var tries = 0
        while true {
            do {
                return try await pages(type, namespace, labels, fields, keep)
            } catch let error as KubernetesError where error.isExpired && tries < 3 {
                tries += 1
            }
        }
    }

    private func pages(
        _ type: ResourceType, _ namespace: String?, _ labels: String?, _ fields: String?,
        _ keep: @Sendable (ClusterObject) -> ClusterObject
    ) async throws -> ObjectList {
        var found = ObjectList(objects: [], resourceVersion: "")
        var next: String?
        repeat {
            var query = [("limit", String(KubernetesClient.pageSize))]
            if let labels { query.append(("labelSelector", labels)) }
            if let fields { query.append(("fieldSelector", fields)) }
            if let next { query.append(("continue", next)) }
            let page = try await json("GET", type.path(namespace: namespace), query: query)
            found.objects += (page["items"]?.arrayValue ?? []).map { keep(ClusterObject($0, type: type)) }
            found.resourceVersion = page["metadata"]?["resourceVersion"]?.stringValue ?? ""
            next = page["metadata"]?["continue"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
            guard found.objects.count <= KubernetesClient.mostObjects else {
                throw KubernetesError(
                    status: 413, reason: "",
                    message: "there are more than \(KubernetesClient.mostObjects) \(type.plural)")
            }
        } while next != nil
        return found
    }

    func create(_ type: ResourceType, namespace: String? = nil, _ object: JSONValue, isDryRun: Bool = false)
        async throws -> ClusterObject
    {
        var query = [("fieldManager", KubernetesClient.fieldManager)]
        if isDryRun { query.append(("dryRun", "All")) }
        return ClusterObject(try await json("POST", type.path(namespace: namespace), query: query, body: object))
    }

    /// Server-side apply (kubernetes.io/docs/reference/using-api/server-side-apply).
    func apply(
        _ type: ResourceType, namespace: String? = nil, name: String, _ object: JSONValue, force: Bool = false,
        isDryRun: Bool = false
    ) async throws -> ClusterObject {
        var query = [
            ("fieldManager", KubernetesClient.fieldManager), ("force", String(force)), ("fieldValidation", "Strict"),
        ]
        if isDryRun { query.append(("dryRun", "All")) }
        return ClusterObject(
            try await json(
                "PATCH", type.path(namespace: namespace, name: name), query: query, body: object,
                contentType: "application/apply-patch+yaml"))
    }

    func patch(
        _ type: ResourceType, namespace: String? = nil, name: String, subresource: String? = nil, _ kind: Patch,
        _ change: JSONValue, isDryRun: Bool = false
    ) async throws -> ClusterObject {
        var query = [("fieldManager", KubernetesClient.fieldManager)]
        if isDryRun { query.append(("dryRun", "All")) }
        return ClusterObject(
            try await json(
                "PATCH", type.path(namespace: namespace, name: name, subresource: subresource), query: query,
                body: change,
                contentType: kind.rawValue))
    }

    /// Asks for the object's end; it may take its time. With `uid` only that very object is deleted.
    func delete(
        _ type: ResourceType, namespace: String? = nil, name: String, uid: String? = nil,
        propagation: String = "Background"
    ) async throws {
        var options: [String: JSONValue] = [
            "kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": .string(propagation),
        ]
        if let uid { options["preconditions"] = ["uid": .string(uid)] }
        _ = try await send("DELETE", type.path(namespace: namespace, name: name), body: .object(options))
    }

    /// The last lines that a container wrote, of the last `since` where that is given; `previous` asks for those of the
    /// run before this one.
    func logs(
        namespace: String, pod: String, container: String, previous: Bool, lines: Int = 20, limitBytes: Int = 16_384,
        since: Duration? = nil
    ) async throws -> String {
        var query = [
            ("container", container), ("tailLines", String(lines)), ("limitBytes", String(limitBytes)),
            ("previous", String(previous)),
        ]
        if let since { query.append(("sinceSeconds", String(max(1, since.components.seconds)))) }
        let path = ResourceType.pods.path(namespace: namespace, name: pod, subresource: "log")
        let body = try await send("GET", path, query: query, accept: "*/*").body
        // The mark says that it was cut, also to whoever looks for a secret that was cut with it.
        return String(decoding: body, as: UTF8.self) + (body.count >= limitBytes ? "…" : "")
    }
}

/// A list, and the version of the cluster's state that it shows.
struct ObjectList: Sendable {
    var objects: [ClusterObject]
    var resourceVersion: String
}
