import Domain

extension GitHubREST {
    /// docs.github.com/rest/repos/webhooks, docs.github.com/rest/orgs/webhooks and docs.github.com/rest/apps/webhooks
    var deliveryRoutes: [GitHubRoute] {
        deliveryRoutes("repos/:owner/:repo/hooks/:hook/deliveries", .token) { call, isWriting in
            try admit(call, "repository_hooks", isWriting)
            let repository = try world.repository(call.repositoryName)
            let hook = try hook(call, .repository)
            return { $0.hookID == hook.id && $0.repositoryID == repository.id }
        }
            + deliveryRoutes("orgs/:owner/hooks/:hook/deliveries", .token) { call, isWriting in
                try admit(call, "organization_hooks", isWriting)
                let hook = try hook(call, .organization)
                let owner = call.parameter("owner").lowercased()
                return { $0.hookID == hook.id && $0.owner.lowercased() == owner }
            }
            + deliveryRoutes("app/hook/deliveries", .app) { _, _ in
                let ids = Set(hooks.hooks.filter { $0.target == .integration }.map(\.id))
                return { ids.contains($0.hookID) }
            }
    }

    private typealias Selection = @Sendable (GitHubStandIn.Delivery) -> Bool

    /// List, detail and new try below one path. `select` says whose deliveries are meant, if the asker may see them.
    private func deliveryRoutes(
        _ path: String, _ access: GitHubRoute.Access,
        _ select: @escaping @Sendable (_ call: GitHubCall, _ isWriting: Bool) throws -> Selection
    ) -> [GitHubRoute] {
        [
            GitHubRoute("GET", path, access) { call in try deliveries(call, try select(call, false)) },
            GitHubRoute("GET", "\(path)/:delivery", access) { call in
                let (sent, delivery) = try found(call, try select(call, false))
                return .json(200, .object(call.shape.wholeDelivery(sent, delivery)))
            },
            GitHubRoute("POST", "\(path)/:delivery/attempts", access) { call in
                let (_, delivery) = try found(call, try select(call, true))
                hooks.redeliverLater(delivery.id)
                return .json(202, [:])
            },
        ]
    }

    /// The newest first, page by page: a page begins behind the cursor.
    private func deliveries(_ call: GitHubCall, _ isMeant: Selection) throws -> SandboxAnswer {
        let size = min(100, max(1, call.request.query("per_page").flatMap { Int($0) } ?? 30))
        var end = Int.max
        if let cursor = call.request.query("cursor") {
            guard cursor.hasPrefix("v1_"), let id = Int(cursor.dropFirst(3)) else {
                throw GitHubError(422, "Invalid cursor")
            }
            end = id
        }
        let isEmpty = failures.takesEmptyList(call.request.method, call.request.path)
        let all = isEmpty ? [] : hooks.tries(where: isMeant).filter { $0.sent.id < end }
        let page = all.prefix(size)
        var headers: [(String, String)] = []
        if page.count < all.count, let last = page.last {
            let query =
                call.request.query.filter { $0.name != "cursor" } + [(name: "cursor", value: "v1_\(last.sent.id)")]
            let encoded = FormCoding.encode(query.map { ($0.name, $0.value) })
            headers = [("Link", "<\(call.shape.api)\(call.request.path)?\(encoded)>; rel=\"next\"")]
        }
        return .json(
            200, .array(page.map { .object(call.shape.delivery($0.sent, $0.delivery)) }), headers: headers)
    }

    private func found(_ call: GitHubCall, _ isMeant: Selection) throws -> (GitHubStandIn.Try, GitHubStandIn.Delivery) {
        let id = try call.number("delivery")
        guard let found = hooks.tries(where: isMeant).first(where: { $0.sent.id == id }) else {
            throw GitHubError.notFound
        }
        return (found.sent, found.delivery)
    }

    private func hook(_ call: GitHubCall, _ target: GitHubStandIn.Hook.Target) throws -> GitHubStandIn.Hook {
        let id = try call.number("hook")
        guard let hook = hooks.hooks.first(where: { $0.id == id && $0.target == target }) else {
            throw GitHubError.notFound
        }
        return hook
    }

    /// An App needs the permission; a user's token has it.
    private func admit(_ call: GitHubCall, _ permission: String, _ isWriting: Bool) throws {
        guard let app = call.actor?.app else { return }
        let given = app.permissions[permission]
        guard given == "write" || (given == "read" && !isWriting) else { throw GitHubError.notForApps }
    }
}
