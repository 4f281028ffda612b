import Domain
import Foundation

/// The API: requests to answers. It waits for nothing; a watch or a followed log is described and served by the server.
struct KubernetesAPI: Sendable {
    let store: ClusterStore
    let time: any TimeSource

    /// Throws `KubernetesStatus`.
    func answer(_ request: KubernetesRequest) throws -> KubernetesAnswer {
        let kinds = store.read { $0.kinds }
        switch ResourcePath.read(request.path, kinds) {
        case .other: return try Discovery.answer(request, kinds)
        case .notServed(let what): throw KubernetesStatus.notServed(what)
        case .resource(let path):
            try checkQuery(request, path)
            if let subresource = path.subresource { return try answer(request, path, subresource) }
            return path.name == nil ? try answerCollection(request, path) : try answerObject(request, path)
        }
    }

    private func checkQuery(_ request: KubernetesRequest, _ path: ResourcePath) throws {
        if let dryRun = request.query["dryRun"], dryRun != "All" {
            throw KubernetesStatus.invalid(
                request.method == "PATCH" ? "PatchOptions" : "CreateOptions", group: "meta.k8s.io", "",
                [.notSupported("dryRun", .string(dryRun), ["All"])])
        }
    }

    private func answerCollection(_ request: KubernetesRequest, _ path: ResourcePath) throws -> KubernetesAnswer {
        switch request.method {
        case "GET":
            let filter = try ObjectFilter(path, request)
            if request.isWatch { return .watch(try WatchRequest(filter, request)) }
            let page = try store.read { state in try ListPage(state, filter, request) }
            if let table = TableRequest(request) { return .json(200, table.json(path.kind, page, now: time.now)) }
            return .json(200, page.json(path.kind))
        case "POST": return try create(request, path)
        case "DELETE":
            let filter = try ObjectFilter(path, request)
            let options = try DeleteOptions(request)
            let deleted = try change(isDryRun: options.isDryRun) { state in
                let all = state.list(path.kind).filter(filter.matches)
                for object in all { _ = try state.delete(path.kind, object, options, now: time.now) }
                return all
            }
            var page: [String: JSONValue] = [
                "kind": .string(path.kind.kind + "List"), "apiVersion": .string(path.kind.apiVersion),
                "items": .array(deleted.map(\.json)),
            ]
            page["metadata"] = ["resourceVersion": .string(String(store.read { $0.version }))]
            return .json(200, .object(page))
        default: throw KubernetesStatus.methodNotAllowed
        }
    }

    private func answerObject(_ request: KubernetesRequest, _ path: ResourcePath) throws -> KubernetesAnswer {
        let name = path.name ?? ""
        switch request.method {
        case "GET":
            if request.isWatch { return .watch(try WatchRequest(try ObjectFilter(path, request), request)) }
            return present(try find(path), path, request)
        case "PUT": return present(try replace(request, path), path, request)
        case "PATCH": return try patch(request, path)
        case "DELETE":
            let options = try DeleteOptions(request)
            let deletion = try change(isDryRun: options.isDryRun) { state in
                guard let live = state.object(path.kind, path.namespace, name) else {
                    throw KubernetesStatus.notFound(path.kind, name)
                }
                return try state.delete(path.kind, live, options, now: time.now)
            }
            return answer(deletion, path)
        default: throw KubernetesStatus.methodNotAllowed
        }
    }

    private func answer(_ deletion: ClusterState.Deletion, _ path: ResourcePath) -> KubernetesAnswer {
        switch deletion {
        case .underway(let object): return .object(object)
        case .gone(let object):
            if path.kind == .pod { return .object(object) }
            var details: [String: JSONValue] = [
                "name": .string(object.name), "kind": .string(path.kind.plural), "uid": .string(object.uid),
            ]
            if !path.kind.group.isEmpty { details["group"] = .string(path.kind.group) }
            return .json(
                200,
                [
                    "kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success",
                    "details": .object(details),
                ])
        }
    }

    /// A change of the state, or for a dry run of a copy of it that nobody sees.
    func change<Value: Sendable>(isDryRun: Bool, _ body: (inout ClusterState) throws -> Value) throws -> Value {
        guard isDryRun else { return try store.change(body) }
        var copy = store.read { copy $0 }
        return try body(&copy)
    }

    func find(_ path: ResourcePath) throws -> KubernetesObject {
        let name = path.name ?? ""
        guard let object = store.read({ $0.object(path.kind, path.namespace, name) }) else {
            throw KubernetesStatus.notFound(path.kind, name)
        }
        return object
    }

    func present(_ object: KubernetesObject, _ path: ResourcePath, _ request: KubernetesRequest, code: Int = 200)
        -> KubernetesAnswer
    {
        if let table = TableRequest(request) {
            return .json(code, table.json(path.kind, [object], metadata: [:], now: time.now))
        }
        return .object(object, code: code)
    }

    func options(_ request: KubernetesRequest, _ path: ResourcePath) -> WriteOptions {
        WriteOptions(
            manager: request.manager, now: time.now, subresource: path.subresource ?? "",
            isForced: request.isTrue("force"), isDryRun: request.isDryRun)
    }
}
