import Domain
import Foundation

/// Hetzner's Cloud API v1 (docs.hetzner.cloud), the part that a cluster of servers with volumes behind a load balancer
/// needs, and its names.
struct HetznerAPI: Sendable {
    let world: HetznerWorld

    var methods: [HetznerMethod] {
        actionMethods + HetznerKind.allCases.flatMap(actionMethods(of:)) + catalogueMethods + serverMethods
            + volumeMethods + networkMethods + firewallMethods + placementMethods + keyMethods + certificateMethods
            + balancerMethods + primaryIPMethods + floatingIPMethods + imageMethods + zoneMethods + recordMethods
    }

    /// An operation on one thing: `POST servers/{id}/actions/poweron`.
    func action(
        _ id: String, _ kind: HetznerKind, _ path: String,
        _ body: @escaping @Sendable (inout HetznerState, HetznerResource, HetznerCall, Date) throws -> HetznerAction
    ) -> HetznerMethod {
        HetznerMethod(id, "POST", "\(kind.rawValue)/{id}/actions/\(path)") { call in
            try world.change { state, now in
                let resource = try state.free(kind, call.id)
                let action = try body(&state, resource, call, now)
                return .json(201, ["action": action.json(now)])
            }
        }
    }

    /// A change that is done at once where it is asked for, with an action that says so after a while.
    func protection(_ kind: HetznerKind, _ members: [String] = ["delete"]) -> HetznerMethod {
        action("change_\(kind.singular)_protection", kind, "change_protection") { state, resource, call, now in
            var wanted = resource.body["protection"]?.objectValue ?? [:]
            for member in members { wanted[member] = try call.flag(member).map { .bool($0) } ?? wanted[member] }
            if members.contains("rebuild"), wanted["delete"] != wanted["rebuild"] {
                throw HetznerError.invalid("rebuild", "delete and rebuild protection must be the same")
            }
            let protection = wanted
            return state.begin("change_protection", on: resource.reference, now: now) { state, _ in
                state.update(resource.reference) { $0.body["protection"] = .object(protection) }
            }
        }
    }

    /// List and look.
    func reads(_ kind: HetznerKind, more: @escaping @Sendable (HetznerState) -> [String: JSONValue] = { _ in [:] })
        -> [HetznerMethod]
    {
        [
            HetznerMethod("list_\(kind.rawValue)", "GET", kind.rawValue) { call in
                try world.read { state, _ in
                    try HetznerPage(state.all(kind).map(state.shown), kind.rawValue, call).answer(more(state))
                }
            },
            HetznerMethod("get_\(kind.singular)", "GET", "\(kind.rawValue)/{id}") { call in
                try world.read { state, _ in
                    .json(200, [kind.singular: state.shown(try state.found(kind, call.id))])
                }
            },
        ]
    }

    /// List, look, and change of name, labels and the members of `more`, which take texts and flags.
    func readsAndUpdate(_ kind: HetznerKind, more: [String] = []) -> [HetznerMethod] {
        reads(kind) + [
            HetznerMethod("update_\(kind.singular)", "PUT", "\(kind.rawValue)/{id}") { call in
                try world.change { state, _ in
                    let resource = try state.found(kind, call.id)
                    var new = resource
                    if kind != .zones, kind != .images, let name = try call.text("name") {
                        try HetznerName.check(name, kind)
                        try state.checkName(kind, name, except: resource.id)
                        new.body["name"] = .string(name)
                    }
                    if let labels = try call.labels() { new.body["labels"] = labels }
                    for member in more where call.body[member] != nil { new.body[member] = call.body[member] }
                    state[resource.reference] = new
                    return .json(200, [kind.singular: state.shown(new)])
                }
            }
        ]
    }

    /// Deletes at once what is not protected; `mayGo` says why it may not.
    func deletion(
        _ kind: HetznerKind,
        _ mayGo: @escaping @Sendable (inout HetznerState, HetznerResource) throws -> Void = { _, _ in }
    ) -> HetznerMethod {
        HetznerMethod("delete_\(kind.singular)", "DELETE", "\(kind.rawValue)/{id}") { call in
            try world.change { state, _ in
                let resource = try state.free(kind, call.id)
                guard !resource.isProtected() else { throw HetznerError.protected(kind) }
                try mayGo(&state, resource)
                state[resource.reference] = nil
                return SandboxAnswer(204)
            }
        }
    }

    /// Answers that something was made, with the action that makes it where there is one.
    static func made(
        _ state: HetznerState, _ reference: HetznerReference, _ action: HetznerAction? = nil, _ now: Date,
        _ more: [String: JSONValue] = [:]
    ) -> SandboxAnswer {
        var members = more
        if let resource = state[reference] { members[reference.kind.singular] = state.shown(resource) }
        if let action { members["action"] = action.json(now) }
        return .json(201, .object(members))
    }
}
