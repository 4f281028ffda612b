import Domain

/// Deletes a server. What is attached to it stays.
struct ServerDeleteAction: SingleChange {
    let cloud: HetznerConnection
    private let target: ServerTarget

    static func type(_ cloud: HetznerConnection) -> ActionType {
        ActionType(
            "hetzner.server-delete", "Deletes a server and its disk; its volumes and addresses stay", effect: .changes,
            outputs: [
                .init("changed", .flag, "False when there was none"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { ServerDeleteAction(&$0, cloud) }
    }

    init(_ input: inout InputReader, _ cloud: HetznerConnection) {
        self.cloud = cloud
        target = ServerTarget(&input)
    }

    var doing: String { "\(target.title) is not deleted" }
    var key: String { target.key }
    var commands: Set<String> { ["delete_server"] }
    var isDeletion: Bool { true }

    func prepare(_ client: HetznerClient, _ context: ActionContext) async throws -> Preparation {
        guard let server = try await target.find(client) else { return .nothing("there is no \(target.title)") }
        try HetznerMark.check(server, target.pool, target.title)
        guard server.at(path: "protection.delete") != true else {
            throw ActionError(
                "\(target.title) is protected from being deleted",
                hint: "say delete_protection: false where it is listed, and deploy first")
        }
        let path = ServerTarget.path(of: server)
        return .change(HetznerCall("DELETE", path), of: path, line: "\(target.title): delete")
    }

    func isDone(_ client: HetznerClient, _ handle: JSONValue) async throws -> Bool {
        guard let found = try await target.find(client) else { return true }
        // One that somebody else has made since, under the same name.
        return ServerTarget.path(of: found) != handle["path"]?.stringValue
    }

    func outputs(_ client: HetznerClient, _ handle: JSONValue) async throws -> [String: JSONValue] { [:] }
}
