import Domain
import Foundation

/// Takes an instance out of an unmanaged instance group, so that load balancers lead to it no more, or puts it back.
struct GroupMemberAction: RepeatableAction, Plannable {
    private let cloud: CloudConnection
    private let verb: GroupMembers.Verb
    private let target: InstanceTarget
    private let group: String
    private let backend: String?
    private let region: String?

    static func type(_ verb: GroupMembers.Verb, _ cloud: CloudConnection) -> ActionType {
        let summary =
            switch verb {
            case .remove:
                "Takes an instance out of an unmanaged instance group until it is put back, and waits until its "
                    + "connections had their time"
            case .add: "Puts an instance back into an unmanaged instance group"
            }
        return ActionType(
            "gcp.unmanaged-group-\(verb.rawValue)", summary, effect: .changes,
            outputs: [
                .init("changed", .flag, "False when it was so already, or there is no such group"),
                .init("members", .list(.text(nil)), "Who is in the group now"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { GroupMemberAction(&$0, verb, cloud) }
    }

    init(_ input: inout InputReader, _ verb: GroupMembers.Verb, _ cloud: CloudConnection) {
        self.cloud = cloud
        self.verb = verb
        target = InstanceTarget(&input)
        group = input.text(
            "group", "Name of the unmanaged instance group, in the instance's zone", pattern: CloudName.resource)
        guard verb == .remove else {
            (backend, region) = (nil, nil)
            return
        }
        backend = input.optionalText(
            "backend", "Name of the backend service whose draining_seconds connections have before this is done",
            pattern: CloudName.resource)
        region = input.region()
    }

    private var title: String { "\(ResourceKind.unmanagedGroup.title) \(group)" }
    private var doing: String {
        verb == .remove ? "\(target.name) is not taken out of \(title)" : "\(target.name) is not put back into \(title)"
    }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await cloud.attempt(doing) { client in
            guard let members = try await members(client, context) else {
                return ActionPlan(changes: [], notes: ["there is no \(title)"])
            }
            guard members.inside.contains(target.name) == (verb == .remove) else { return ActionPlan(changes: []) }
            return ActionPlan(changes: [
                "\(title): \(target.name) " + (verb == .remove ? "is taken out" : "is put back")
            ])
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await cloud.attempt(doing, changes: true) { client in
            guard var members = try await members(client, context) else {
                return outputs(GroupMembers(inside: [], takenOut: [:]), false, "there is no \(title): nothing to do")
            }
            let isChanged = members.inside.contains(target.name) == (verb == .remove)
            switch verb {
            case .remove:
                if isChanged {
                    // First, so that a deploy does not put it back whatever happens next.
                    members.takenOut[target.name] = context.time.now.rfc3339
                    try await members.keep(try path(client), context)
                    try await send(client, context)
                    members.inside.remove(target.name)
                }
                try await drain(members, client, context)
                return outputs(
                    members, isChanged,
                    "\(target.name) is " + (isChanged ? "taken out of \(title)" : "out of \(title) already")
                        + (members.inside.isEmpty ? ", and nobody is left in it" : ""))
            case .add:
                if isChanged {
                    try await send(client, context)
                    members.inside.insert(target.name)
                }
                if members.takenOut.removeValue(forKey: target.name) != nil {
                    try await members.keep(try path(client), context)
                }
                return outputs(
                    members, isChanged,
                    "\(target.name) is " + (isChanged ? "back in \(title)" : "in \(title) already"))
            }
        }
    }

    private func path(_ client: GoogleCloudClient) throws(ActionError) -> String {
        "\(try target.scope(client))/\(ResourceKind.unmanagedGroup.collection)/\(group)"
    }

    /// Nil when there is no such group. Throws `ActionError` when it is not the pool's.
    private func members(_ client: GoogleCloudClient, _ context: ActionContext) async throws -> GroupMembers? {
        let path = try path(client)
        guard let found = try await client.find(GoogleCall(.compute, "GET", path)) else { return nil }
        try await Ownership(kind: .unmanagedGroup, path: path, pool: target.pool).check(found, title, context)
        return try await GroupMembers.read(path, client, context)
    }

    private func send(_ client: GoogleCloudClient, _ context: ActionContext) async throws {
        context.progress(verb == .remove ? "it is taken out of \(title)" : "it is put back into \(title)")
        let call = GroupMembers.change(verb, [target.name], try path(client), try target.home(client))
        let operation = try await client.startAnew(
            call, key: context.idempotencyKey, parent: try target.scope(client))
        _ = try await client.finish(operation, time: context.time)
    }

    /// Waits until what began before it was taken out had its time; who took it out long ago waits for nothing.
    private func drain(_ members: GroupMembers, _ client: GoogleCloudClient, _ context: ActionContext) async throws {
        guard let backend, let began = members.takenOut[target.name].flatMap({ Date(rfc3339: $0) }) else { return }
        let scope = "projects/\(client.project)/\(try client.defaults.region(region).path)"
        let found = try await client.find(GoogleCall(.compute, "GET", "\(scope)/backendServices/\(backend)"))
        let seconds = found?.at(path: "connectionDraining.drainingTimeoutSec")?.intValue ?? 0
        let left = Duration.seconds(seconds) - context.time.now.since(began)
        guard left > .zero else { return }
        context.progress("its connections have \(DurationText.human(left)) to end")
        try await context.time.sleep(for: left)
    }

    private func outputs(_ members: GroupMembers, _ isChanged: Bool, _ summary: String) -> JSONValue {
        [
            "changed": .bool(isChanged), "members": Field.sortedStrings(Array(members.inside)),
            "summary": .string(summary),
        ]
    }
}
