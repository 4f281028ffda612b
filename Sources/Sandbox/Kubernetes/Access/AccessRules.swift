import Domain

/// RBAC over the Roles and bindings of the cluster (kubernetes.io/docs/reference/access-authn-authz/rbac), without
/// aggregated ClusterRoles and rules for paths.
struct AccessRules: Sendable {
    let roles: [String: KubernetesObject]
    let clusterRoles: [String: KubernetesObject]
    let bindings: [KubernetesObject]
    let clusterBindings: [KubernetesObject]

    init(_ state: ClusterState) {
        roles = Dictionary(state.list(.role).map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        clusterRoles = Dictionary(state.list(.clusterRole).map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        bindings = state.list(.roleBinding)
        clusterBindings = state.list(.clusterRoleBinding)
    }

    /// The role that allows it, as `ClusterRole reader` or `Role analytics/defimon`; nil: none does.
    func role(allowing request: AccessRequest, _ user: ServiceAccountUser) -> String? {
        for binding in clusterBindings where names(binding, user, "") {
            if let role = role(of: binding), allows(role.object, request) { return role.title }
        }
        guard !request.namespace.isEmpty else { return nil }
        for binding in bindings where binding.namespace == request.namespace && names(binding, user, binding.namespace)
        {
            if let role = role(of: binding), allows(role.object, request) { return role.title }
        }
        return nil
    }

    /// What a role's rules allow, one by one.
    func permissions(_ rules: JSONValue?, namespace: String) -> [AccessRequest] {
        (rules?.arrayValue ?? []).flatMap { rule -> [AccessRequest] in
            let names = texts(rule["resourceNames"])
            return texts(rule["verbs"]).flatMap { verb in
                texts(rule["apiGroups"]).flatMap { group in
                    texts(rule["resources"]).flatMap { resource in
                        (names.isEmpty ? [""] : names).map {
                            AccessRequest(verb: verb, group: group, combined: resource, namespace: namespace, name: $0)
                        }
                    }
                }
            }
        }
    }

    /// The role that a `roleRef` in this namespace means.
    func role(named reference: JSONValue?, namespace: String) -> (title: String, object: KubernetesObject)? {
        let name = reference?["name"]?.stringValue ?? ""
        if reference?["kind"]?.stringValue == "ClusterRole" {
            return clusterRoles[name].map { ("ClusterRole \(name)", $0) }
        }
        return roles["\(namespace)/\(name)"].map { ("Role \(namespace)/\(name)", $0) }
    }

    private func role(of binding: KubernetesObject) -> (title: String, object: KubernetesObject)? {
        role(named: binding["roleRef"], namespace: binding.namespace)
    }

    private func names(_ binding: KubernetesObject, _ user: ServiceAccountUser, _ namespace: String) -> Bool {
        (binding["subjects"]?.arrayValue ?? []).contains { subject in
            let name = subject["name"]?.stringValue ?? ""
            switch subject["kind"]?.stringValue {
            case "ServiceAccount":
                let place = subject["namespace"]?.stringValue ?? namespace
                return name == user.name && place == user.namespace
            case "Group": return user.groups.contains(name)
            case "User": return name == user.user
            default: return false
            }
        }
    }

    private func allows(_ role: KubernetesObject, _ request: AccessRequest) -> Bool {
        (role["rules"]?.arrayValue ?? []).contains { rule in
            func has(_ list: String, _ value: String) -> Bool {
                let all = texts(rule[list])
                return all.contains(value) || all.contains("*")
            }
            let names = texts(rule["resourceNames"])
            let isResource =
                has("resources", request.combined)
                || (!request.subresource.isEmpty && texts(rule["resources"]).contains("*/\(request.subresource)"))
            return has("verbs", request.verb) && has("apiGroups", request.group) && isResource
                && (names.isEmpty || names.contains(request.name))
        }
    }

    private func texts(_ list: JSONValue?) -> [String] { (list?.arrayValue ?? []).compactMap(\.stringValue) }
}
