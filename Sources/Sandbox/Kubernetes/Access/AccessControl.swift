import Domain
import Synchronization

/// One permission of a role that a request needed.
package struct AccessUse: Sendable, Hashable {
    /// `Role analytics/defimon`, `ClusterRole defimon`.
    package var role: String
    package var verb: String
    package var group: String
    /// `deployments`, `pods/log`.
    package var resource: String

    package init(role: String, verb: String, group: String, resource: String) {
        self.role = role
        self.verb = verb
        self.group = group
        self.resource = resource
    }
}

/// Who service accounts are and what they may do. Nobody else is checked.
final class AccessControl: Sendable {
    /// Refusals that are remembered.
    static let mostRefusals = 1000

    private struct State {
        var tokens: [String: ServiceAccountUser] = [:]
        var uses: Set<AccessUse> = []
        var refusals: [String] = []
    }

    private let store: ClusterStore
    private let state = Mutex(State())

    init(store: ClusterStore) { self.store = store }

    var uses: Set<AccessUse> { state.withLock { $0.uses } }
    var refusals: [String] { state.withLock { $0.refusals } }

    func forgetUses() {
        state.withLock { state in
            state.uses = []
            state.refusals = []
        }
    }

    /// From now on the token is the account's.
    func register(_ token: String, _ user: ServiceAccountUser) { state.withLock { $0.tokens[token] = user } }

    /// Nil when the token is no service account's.
    func user(_ request: KubernetesRequest) -> ServiceAccountUser? {
        guard let given = request.headers["authorization"], given.hasPrefix("Bearer ") else { return nil }
        return state.withLock { $0.tokens[String(given.dropFirst(7))] }
    }

    /// Throws 403 when the account may not do that.
    func check(_ request: KubernetesRequest, by user: ServiceAccountUser) throws {
        guard case .resource(let path) = ResourcePath.read(request.path, store.read(\.kinds)) else {
            return try checkPath(request, user)
        }
        let rules = store.read { AccessRules($0) }
        let wanted = AccessRequest(request, path)
        try check(wanted, rules, user)
        let isApply = request.method == "PATCH" && request.contentType == PatchReader.apply
        if isApply, store.read({ $0.object(path.kind, path.namespace, path.name ?? "") }) == nil {
            try check(wanted.asking("create"), rules, user)
        }
        try checkGrant(request, path, wanted, rules, user)
    }

    private func check(_ wanted: AccessRequest, _ rules: AccessRules, _ user: ServiceAccountUser) throws {
        guard isAllowed(wanted, rules, user) else {
            let refusal = user.refusal(wanted)
            note(refusal)
            throw refusal
        }
    }

    private func isAllowed(_ wanted: AccessRequest, _ rules: AccessRules, _ user: ServiceAccountUser) -> Bool {
        guard let role = rules.role(allowing: wanted, user) else { return false }
        let use = AccessUse(role: role, verb: wanted.verb, group: wanted.group, resource: wanted.combined)
        state.withLock { _ = $0.uses.insert(use) }
        return true
    }

    private func note(_ refusal: KubernetesStatus) {
        state.withLock { state in
            guard state.refusals.count < AccessControl.mostRefusals else { return }
            state.refusals.append(refusal.message)
        }
    }

    /// Whoever has authenticated may read what there is (the ClusterRoles system:discovery and
    /// system:public-info-viewer).
    private func checkPath(_ request: KubernetesRequest, _ user: ServiceAccountUser) throws {
        let first = request.path.split(separator: "/").first.map(String.init) ?? ""
        let isDiscovery = ["api", "apis", "openapi", "version", "healthz", "livez", "readyz"].contains(first)
        guard request.method == "GET", isDiscovery else {
            let verb = AccessRequest(request, ResourcePath(kind: .pod, name: "-")).verb
            throw user.refusal(verb: verb, path: request.path)
        }
    }

    /// Nobody gives what he does not have: the API server's guard against escalation. Only for what is applied or
    /// created; another change of a role or a binding by a service account is not served.
    private func checkGrant(
        _ request: KubernetesRequest, _ path: ResourcePath, _ wanted: AccessRequest, _ rules: AccessRules,
        _ user: ServiceAccountUser
    ) throws {
        guard ["create", "update", "patch"].contains(wanted.verb) else { return }
        let isRole = path.kind == .role || path.kind == .clusterRole
        guard isRole || path.kind == .roleBinding || path.kind == .clusterRoleBinding else { return }
        guard wanted.verb != "patch" || request.contentType == PatchReader.apply else {
            throw KubernetesStatus.notServed("patches of \(path.kind.qualifiedPlural) by service accounts")
        }
        let object = try PatchReader.object(request)
        var named = wanted
        if named.name.isEmpty { named.name = object.name }
        let granted: JSONValue?
        if isRole {
            if rules.role(allowing: named.asking("escalate"), user) != nil { return }
            granted = object["rules"]
        } else {
            guard let role = rules.role(named: object["roleRef"], namespace: path.namespace) else { return }
            let isCluster = object["roleRef", "kind"]?.stringValue == "ClusterRole"
            let bind = AccessRequest(
                verb: "bind", group: path.kind.group, combined: isCluster ? "clusterroles" : "roles",
                namespace: path.namespace, name: role.object.name)
            if rules.role(allowing: bind, user) != nil { return }
            granted = role.object["rules"]
        }
        let missing = rules.permissions(granted, namespace: path.namespace).filter { !isAllowed($0, rules, user) }
        guard !missing.isEmpty else { return }
        let refusal = user.refusal(named, granting: missing)
        note(refusal)
        throw refusal
    }
}
