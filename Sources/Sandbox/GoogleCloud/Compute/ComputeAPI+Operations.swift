import Domain
import Foundation

extension ComputeAPI {
    /// `zoneOperations`, `regionOperations` and `globalOperations`: get, list, wait, delete.
    var operationMethods: [GoogleMethod] {
        ComputeKind.Scope.allScopes.flatMap { scope, path -> [GoogleMethod] in
            let root = "\(path)/operations"
            let name = "compute.\(scope)Operations"
            let one = "\(root)/{operation}"
            func permission(_ verb: String) -> @Sendable (GoogleCall) -> [GooglePermission] {
                { [GooglePermission("compute.\(scope)Operations.\(verb)", on: operationPath($0))] }
            }
            return [
                GoogleMethod("\(name).get", "GET", one, permissions: permission("get")) { try operation($0) },
                GoogleMethod("\(name).wait", "POST", "\(one)/wait", permissions: permission("get")) {
                    try await wait($0)
                },
                GoogleMethod("\(name).list", "GET", root, permissions: permission("list")) { try operations($0) },
                GoogleMethod("\(name).delete", "DELETE", one, permissions: permission("delete")) {
                    try deleteOperation($0)
                },
            ]
        }
    }

    private func operationPath(_ call: GoogleCall) -> String {
        "\(call.scope)/operations/\(call.parameter("operation"))"
    }

    private func look(_ call: GoogleCall) throws -> (operation: GoogleOperation, now: Date, isStuck: Bool) {
        try world.read { state, now in
            let path = operationPath(call)
            guard let operation = state.operations[path], operation.visibleFrom <= now else {
                throw GoogleError.notFound(path)
            }
            return (operation, now, state.failures.stuckOperations)
        }
    }

    private func operation(_ call: GoogleCall) throws -> SandboxAnswer {
        let look = try look(call)
        return .json(200, ComputeOperationShape.json(look.operation, look.now))
    }

    /// Answers when the operation is done, or as it is after two minutes.
    private func wait(_ call: GoogleCall) async throws -> SandboxAnswer {
        let end = world.time.now.advanced(by: .seconds(120))
        while true {
            let look = try look(call)
            if look.operation.phase == .done || look.now >= end {
                return .json(200, ComputeOperationShape.json(look.operation, look.now))
            }
            let next = look.operation.phase == .pending ? look.operation.start : look.operation.end
            let until = look.isStuck ? look.now.advanced(by: .seconds(1)) : next
            try await world.time.sleep(for: max(min(until, end).since(look.now), .milliseconds(1)))
        }
    }

    private func operations(_ call: GoogleCall) throws -> SandboxAnswer {
        let root = "\(call.scope)/operations"
        let items = try world.read { state, now in
            state.operations.values.filter { $0.path.hasPrefix(root + "/") && $0.visibleFrom <= now }
                .sorted { ($0.insert, $0.path) > ($1.insert, $1.path) }
                .map { ComputeOperationShape.json($0, now) }
        }
        let page = try GooglePage(items, call)
        var members: [String: JSONValue] = [
            "kind": "compute#operationList", "id": .string(root), "selfLink": ComputeReference.json(root),
            "items": .array(page.items),
        ]
        if let next = page.next { members["nextPageToken"] = .string(next) }
        return .json(200, .object(members))
    }

    private func deleteOperation(_ call: GoogleCall) throws -> SandboxAnswer {
        try world.change { state, _ in
            let path = operationPath(call)
            guard let operation = state.operations[path] else { throw GoogleError.notFound(path) }
            guard operation.phase == .done else { throw GoogleError.notReady(path) }
            state.operations[path] = nil
            return SandboxAnswer(204)
        }
    }
}

extension ComputeKind.Scope {
    /// Each scope's name in method ids, and its path.
    fileprivate static let allScopes: [(String, String)] = [
        ("zone", "projects/{project}/zones/{zone}"), ("region", "projects/{project}/regions/{region}"),
        ("global", "projects/{project}/global"),
    ]
}
