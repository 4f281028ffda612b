import Domain
import Foundation

extension ComputeAPI {
    func methods(of kind: ComputeKind) -> [GoogleMethod] {
        var methods: [GoogleMethod] = []
        if kind.verbs.contains(.get) {
            methods.append(method(kind, "get", "GET", permission: "get") { call in try get(kind, call) })
        }
        if kind.verbs.contains(.list) {
            methods.append(
                GoogleMethod(
                    "compute.\(kind.name).list", "GET", kind.path,
                    permissions: { [GooglePermission("\(kind.permission).list", on: "projects/\($0.project)")] }
                ) { call in try list(kind, call) })
        }
        if kind.verbs.contains(.aggregatedList) {
            methods.append(
                GoogleMethod(
                    "compute.\(kind.name).aggregatedList", "GET", "projects/{project}/aggregated/\(kind.collection)",
                    permissions: { [GooglePermission("\(kind.permission).list", on: "projects/\($0.project)")] }
                ) { call in try aggregatedList(kind, call) })
        }
        return methods + writeMethods(of: kind)
    }

    private func get(_ kind: ComputeKind, _ call: GoogleCall) throws -> SandboxAnswer {
        try world.read { state, now in .json(200, .object(try state.found(kind.path(call), now).body)) }
    }

    private func list(_ kind: ComputeKind, _ call: GoogleCall) throws -> SandboxAnswer {
        let items = try world.read { state, now in
            state.all(in: kind.collection(call)).filter { $0.visibleFrom <= now }.map { JSONValue.object($0.body) }
        }
        let page = try GooglePage(items, call)
        var members: [String: JSONValue] = [
            "kind": .string("\(kind.kind)List"), "id": .string(kind.collection(call)),
            "selfLink": ComputeReference.json(kind.collection(call)),
        ]
        if !page.items.isEmpty { members["items"] = .array(page.items) }
        if let next = page.next { members["nextPageToken"] = .string(next) }
        return .json(200, .object(members))
    }

    private func aggregatedList(_ kind: ComputeKind, _ call: GoogleCall) throws -> SandboxAnswer {
        let project = "projects/\(call.project)"
        let found = try world.read { state, now in
            state.resources.values.filter { resource in
                let parts = resource.path.split(separator: "/")
                return resource.visibleFrom <= now && resource.path.hasPrefix(project + "/") && parts.count == 6
                    && parts[4] == kind.collection
            }.sorted { $0.path < $1.path }
        }
        let page = try GooglePage(found.map { .object($0.body) }, call)
        var scopes: [String: [JSONValue]] = [:]
        for item in page.items {
            let link = item["zone"] ?? item["region"]
            let parts = (link?.stringValue ?? "").split(separator: "/").suffix(2)
            scopes[parts.joined(separator: "/"), default: []].append(item)
        }
        var members: [String: JSONValue] = [
            "kind": .string("\(kind.kind)AggregatedList"), "id": .string("\(project)/aggregated/\(kind.collection)"),
            "selfLink": ComputeReference.json("\(project)/aggregated/\(kind.collection)"),
            "items": .object(scopes.mapValues { .object([kind.collection: .array($0)]) }),
        ]
        if let next = page.next { members["nextPageToken"] = .string(next) }
        return .json(200, .object(members))
    }
}
