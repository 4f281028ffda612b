import Domain

/// Starts, stops, shuts down, reboots or resets a server.
struct ServerPowerAction: SingleChange {
    enum Verb: String, Sendable, CaseIterable {
        case powerOn = "power-on"
        case powerOff = "power-off"
        case shutdown, reboot, reset

        var summary: String {
            switch self {
            case .powerOn: "Starts a server"
            case .powerOff: "Takes a server's power away"
            case .shutdown: "Asks a server's system to shut down, and waits until it is off"
            case .reboot: "Asks a server's system to start anew"
            case .reset: "Resets a server, as if its power had been cut"
            }
        }

        /// As its path has it.
        var path: String { rawValue.replacing("-", with: "") }

        /// What Hetzner calls it afterwards.
        var command: String {
            switch self {
            case .powerOn: "start_server"
            case .powerOff: "stop_server"
            case .shutdown, .reboot, .reset: "\(rawValue)_server"
            }
        }
    }

    let cloud: HetznerConnection
    private let verb: Verb
    private let target: ServerTarget

    static func type(_ verb: Verb, _ cloud: HetznerConnection) -> ActionType {
        ActionType(
            "hetzner.server-\(verb.rawValue)", verb.summary, effect: .changes,
            outputs: [
                .init("status", .text(nil), "running, off, …"),
                .init("changed", .flag, "False when it was so already"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { ServerPowerAction(&$0, verb, cloud) }
    }

    init(_ input: inout InputReader, _ verb: Verb, _ cloud: HetznerConnection) {
        self.cloud = cloud
        self.verb = verb
        target = ServerTarget(&input)
    }

    var doing: String { "\(target.title): \(verb.rawValue)" }
    var key: String { target.key }
    var commands: Set<String> { [verb.command] }

    func prepare(_ client: HetznerClient, _ context: ActionContext) async throws -> Preparation {
        let server = try await target.owned(client)
        let status = ServerTarget.status(server)
        switch (verb, status) {
        case (.powerOn, "running"): return .nothing("\(target.title) runs already")
        case (.powerOff, "off"), (.shutdown, "off"): return .nothing("\(target.title) is off already")
        case (.powerOn, "off"), (.powerOff, _), (.shutdown, "running"), (.reboot, "running"), (.reset, "running"): break
        default:
            throw ActionError(
                "\(target.title) is \(status), so it cannot \(verb.rawValue)",
                retry: status == "off" ? .never : .later(afterMilliseconds: 10_000))
        }
        let path = ServerTarget.path(of: server)
        return .change(
            .action(verb.path, of: path), of: path, line: "\(target.title): \(verb.rawValue) (it is \(status))")
    }

    /// Hetzner's part of a shutdown is over when the system has been asked.
    func isDone(_ client: HetznerClient, _ handle: JSONValue) async throws -> Bool {
        guard verb == .shutdown else { return true }
        return ServerTarget.status(try await target.read(client)) == "off"
    }

    func outputs(_ client: HetznerClient, _ handle: JSONValue) async throws -> [String: JSONValue] {
        ["status": .string(ServerTarget.status(try await target.read(client)))]
    }
}
