import Domain

/// What a request wants to do, as the API server's authorizers see it (k8s.io/apiserver/pkg/endpoints/request).
struct AccessRequest: Sendable, Hashable {
    var verb: String
    var group: String
    var resource: String
    var subresource = ""
    var namespace = ""
    var name = ""

    /// `pods/log`, as rules name it.
    var combined: String { subresource.isEmpty ? resource : "\(resource)/\(subresource)" }

    init(verb: String, group: String, combined: String, namespace: String, name: String = "") {
        let parts = combined.split(separator: "/", maxSplits: 1).map(String.init)
        self.verb = verb
        self.group = group
        resource = parts.first ?? combined
        subresource = parts.count > 1 ? parts[1] : ""
        self.namespace = namespace
        self.name = name
    }

    init(_ request: KubernetesRequest, _ path: ResourcePath) {
        group = path.kind.group
        resource = path.kind.plural
        subresource = path.subresource ?? ""
        namespace = path.namespace
        name = path.name ?? ""
        // One namespace is in itself, so that a Role in it may allow what is done to it.
        if path.kind == .namespace, let name = path.name { namespace = name }
        switch (request.method, path.name) {
        case ("GET", _) where request.isWatch: verb = "watch"
        case ("GET", nil): verb = "list"
        case ("GET", _), ("HEAD", _): verb = "get"
        case ("POST", _): verb = "create"
        case ("PUT", _): verb = "update"
        case ("PATCH", _): verb = "patch"
        case ("DELETE", nil): verb = "deletecollection"
        case ("DELETE", _): verb = "delete"
        default: verb = request.method.lowercased()
        }
        // A list of one object by its name is about that object.
        if ["list", "watch", "deletecollection"].contains(verb), name.isEmpty,
            let selector = request.query["fieldSelector"]
        {
            let wanted = selector.split(separator: ",").first { $0.hasPrefix("metadata.name=") }
            name = wanted.map { String($0.dropFirst("metadata.name=".count).drop { $0 == "=" }) } ?? ""
        }
    }

    /// The same with another verb.
    func asking(_ verb: String) -> AccessRequest {
        var copy = self
        copy.verb = verb
        return copy
    }
}

/// A service account that has authenticated.
struct ServiceAccountUser: Sendable, Hashable {
    var namespace: String
    var name: String

    var user: String { "system:serviceaccount:\(namespace):\(name)" }
    var groups: [String] {
        ["system:serviceaccounts", "system:serviceaccounts:\(namespace)", "system:authenticated"]
    }

    /// The 403 of the API server, word for word (k8s.io/apiserver/pkg/endpoints/handlers/responsewriters).
    func refusal(_ request: AccessRequest) -> KubernetesStatus {
        let place =
            request.namespace.isEmpty ? "at the cluster scope" : "in the namespace \"\(request.namespace)\""
        return forbidden(
            request,
            "User \"\(user)\" cannot \(request.verb) resource \"\(request.combined)\" in API group "
                + "\"\(request.group)\" \(place)")
    }

    /// The 403 for a path that is no resource.
    func refusal(verb: String, path: String) -> KubernetesStatus {
        KubernetesStatus(
            code: 403, reason: "Forbidden", message: "forbidden: User \"\(user)\" cannot \(verb) path \"\(path)\"",
            details: [:])
    }

    /// The 403 for a Role that gives more than its maker has (k8s.io/kubernetes/pkg/registry/rbac/validation).
    func refusal(_ request: AccessRequest, granting missing: [AccessRequest]) -> KubernetesStatus {
        let groups = groups.map { "\"\($0)\"" }.joined(separator: " ")
        let rules = missing.map {
            "{APIGroups:[\"\($0.group)\"], Resources:[\"\($0.combined)\"], Verbs:[\"\($0.verb)\"]}"
        }
        return forbidden(
            request,
            "user \"\(user)\" (groups=[\(groups)]) is attempting to grant RBAC permissions not currently held:\n"
                + rules.joined(separator: "\n"))
    }

    private func forbidden(_ request: AccessRequest, _ why: String) -> KubernetesStatus {
        var details: [String: JSONValue] = ["kind": .string(request.resource)]
        if !request.group.isEmpty { details["group"] = .string(request.group) }
        if !request.name.isEmpty { details["name"] = .string(request.name) }
        let qualified = request.group.isEmpty ? request.resource : "\(request.resource).\(request.group)"
        let named = request.name.isEmpty ? qualified : "\(qualified) \"\(request.name)\""
        return KubernetesStatus(
            code: 403, reason: "Forbidden", message: "\(named) is forbidden: \(why)", details: .object(details))
    }
}
