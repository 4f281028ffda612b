import Domain
import Foundation

/// Gives a server another type: shuts it down, changes the type, starts it. Each step looks first, so that a run that was
/// cut off is taken up where it was.
struct ServerRescaleAction: RepeatableAction, Plannable {
    /// Looks until it is done, two seconds between two.
    static let mostRounds = 600
    /// Looks at a system that was asked to shut down, until its power is taken away.
    static let politeness = 60

    private let cloud: HetznerConnection
    private let target: ServerTarget
    private let type: String
    private let growsDisk: Bool
    private let starts: Bool

    static func type(_ cloud: HetznerConnection) -> ActionType {
        ActionType(
            "hetzner.server-rescale",
            "Gives a server another type: shuts it down, changes the type and starts it; its disk never becomes smaller",
            effect: .changes,
            outputs: [
                .init("changed", .flag, "False when it had the type already"),
                .init("status", .text(nil), "running, off, …"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { ServerRescaleAction(&$0, cloud) }
    }

    init(_ input: inout InputReader, _ cloud: HetznerConnection) {
        self.cloud = cloud
        target = ServerTarget(&input)
        type = input.text("type", "The type that it is to have, such as cx33", pattern: HetznerName.type)
        growsDisk = input.flag(
            "upgrade_disk",
            "Whether its disk becomes as large as the type's; then it can never have a smaller type again")
        starts = input.flag("start", "Whether it runs in the end, also when it did not before", default: true)
    }

    private var doing: String { "\(target.title) does not get type \(type)" }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await cloud.attempt(doing) { client in
            let server = try await target.owned(client)
            let isOff = ServerTarget.status(server) == "off"
            guard present(server) != type else {
                return ActionPlan(changes: starts && isOff ? ["\(target.title): power-on"] : [])
            }
            try await check(server, client)
            let steps =
                (isOff ? [] : ["shutdown"])
                + ["type \(present(server)) → \(type)" + (growsDisk ? " with its disk" : "")]
                + (starts ? ["power-on"] : [])
            return ActionPlan(changes: ["\(target.title): " + steps.joined(separator: ", then ")])
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        var done: [String] = []
        do {
            return try await cloud.attempt(doing, changes: true) { try await run($0, context, &done) }
        } catch let error as ActionError {
            throw error.after(done)
        }
    }

    private func run(_ client: HetznerClient, _ context: ActionContext, _ done: inout [String]) async throws
        -> JSONValue
    {
        var waited = 0
        for _ in 0..<Self.mostRounds {
            let server = try await target.owned(client)
            let status = ServerTarget.status(server)
            let isRight = present(server) == type
            if isRight, status == (starts ? "running" : status) {
                let words = done.isEmpty ? "has type \(type)" : done.joined(separator: ", ")
                return [
                    "changed": .bool(!done.isEmpty), "status": .string(status),
                    "summary": .string("\(target.title): \(words); it is \(status)"),
                ]
            }
            let path = ServerTarget.path(of: server)
            var next: (word: String, call: HetznerCall)?
            switch status {
            case "running" where !isRight && waited == 0:
                // Before it goes down it is known that it can have the type: else it would stay down.
                try await check(server, client)
                next = ("shutdown", .action("shutdown", of: path))
            case "running" where !isRight && waited > Self.politeness:
                next = ("power-off", .action("poweroff", of: path))
            case "off" where !isRight:
                try await check(server, client)
                next = (
                    "type \(type)",
                    .action("change_type", of: path, ["server_type": .string(type), "upgrade_disk": .bool(growsDisk)])
                )
            case "off": next = ("power-on", .action("poweron", of: path))
            default: break
            }
            waited = status == "running" && !isRight ? waited + 1 : 0
            guard let next else {
                context.progress("\(target.title) is \(status)")
                try await context.time.sleep(for: HetznerRun.pause)
                continue
            }
            context.progress("\(target.title): \(next.word)")
            do {
                let operations = HetznerOperation.all(in: try await client.send(next.call))
                try await client.finish(operations, time: context.time)
                if !done.contains(next.word) { done.append(next.word) }
            } catch let failure as HetznerFailure where failure.isBusy {
                // What an earlier try has begun is still under way.
                try await context.time.sleep(for: HetznerRun.pause)
            }
        }
        throw ActionError("\(doing): it does not come to its end", mayHaveTakenEffect: true)
    }

    private func present(_ server: JSONValue) -> String {
        server.at(path: "server_type.name")?.stringValue ?? "unknown"
    }

    /// The disk rule (docs.hetzner.cloud, change_type): never a smaller disk, and the same processors.
    private func check(_ server: JSONValue, _ client: HetznerClient) async throws {
        guard let wanted = try await client.named(type, in: "server_types") else {
            throw ActionError("there is no server type \(type) at Hetzner", hint: "correct it, such as cx33")
        }
        let disk = server["primary_disk_size"]?.intValue ?? server.at(path: "server_type.disk")?.intValue ?? 0
        guard let size = wanted["disk"]?.intValue, size >= disk else {
            throw ActionError(
                "\(target.title) has a disk of \(disk) GB, and type \(type) one of \(wanted["disk"]?.intValue ?? 0) GB: a "
                    + "disk never becomes smaller", hint: "take a type with at least \(disk) GB")
        }
        for (member, what) in [("architecture", "processors"), ("storage_type", "storage")] {
            guard let old = server.at(path: "server_type.\(member)")?.stringValue,
                let new = wanted[member]?.stringValue,
                old != new
            else { continue }
            throw ActionError("\(target.title) has \(what) of the kind \(old), and type \(type) of the kind \(new)")
        }
        if let until = wanted.at(path: "deprecation.unavailable_after")?.stringValue {
            guard let end = Date(rfc3339: until), end > client.time.now else {
                throw ActionError("server type \(type) is not to be had any more", hint: "take a newer one")
            }
        }
    }
}
