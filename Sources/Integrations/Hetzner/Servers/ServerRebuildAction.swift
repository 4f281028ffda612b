import Domain

/// Makes a server anew of an image. All on its disk goes.
struct ServerRebuildAction: SingleChange {
    let cloud: HetznerConnection
    private let target: ServerTarget
    private let image: String

    static func type(_ cloud: HetznerConnection) -> ActionType {
        ActionType(
            "hetzner.server-rebuild",
            "Makes a server anew of an image: all on its disk goes, its addresses and volumes stay", effect: .changes,
            outputs: [
                .init("status", .text(nil), "running, off, …"),
                .init("changed", .flag, "Always true"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { ServerRebuildAction(&$0, cloud) }
    }

    init(_ input: inout InputReader, _ cloud: HetznerConnection) {
        self.cloud = cloud
        target = ServerTarget(&input)
        image = input.text("image", "What it is made of, such as debian-12", pattern: HetznerName.image)
    }

    var doing: String { "\(target.title) is not rebuilt" }
    var key: String { target.key }
    var commands: Set<String> { ["rebuild_server"] }

    func prepare(_ client: HetznerClient, _ context: ActionContext) async throws -> Preparation {
        let server = try await target.owned(client)
        guard server.at(path: "protection.rebuild") != true else {
            throw ActionError(
                "\(target.title) is protected from being rebuilt",
                hint: "say delete_protection: false where it is listed, and deploy first")
        }
        let path = ServerTarget.path(of: server)
        return .change(
            .action("rebuild", of: path, ["image": .string(image)]), of: path,
            line: "\(target.title): rebuild of \(image), all on its disk goes")
    }

    func outputs(_ client: HetznerClient, _ handle: JSONValue) async throws -> [String: JSONValue] {
        ["status": .string(ServerTarget.status(try await target.read(client)))]
    }
}
