import Domain

/// Backends of a backend service: groups of instances, and how they are checked.
enum ComputeBackends {
    static func check(_ body: [String: JSONValue], scope: String, _ state: GoogleState) throws {
        let checks = body["healthChecks"]?.arrayValue ?? []
        guard checks.count <= 1 else {
            throw GoogleError.invalid(
                "resource.healthChecks", "\(checks.count)", "At most one health check is allowed.")
        }
        for check in checks {
            _ = try ComputeReference.resolve(
                check.plainText, field: "resource.healthChecks[0]", scope: scope, state)
        }
        let backends = body["backends"]?.arrayValue ?? []
        guard backends.isEmpty || !checks.isEmpty else { throw GoogleError.required("resource.healthChecks") }
        for (index, backend) in backends.enumerated() {
            guard let group = backend["group"]?.stringValue else {
                throw GoogleError.required("resource.backends[\(index)].group")
            }
            _ = try ComputeReference.resolve(
                group, field: "resource.backends[\(index)].group", scope: scope, state)
        }
    }

    /// With whole URLs, as Google shows them, and what each backend has unless it says otherwise.
    static func linked(_ body: [String: JSONValue], scope: String) -> [String: JSONValue] {
        func link(_ value: JSONValue) -> JSONValue {
            ComputeReference.path(value.plainText, scope: scope).map(ComputeReference.json) ?? value
        }
        var body = body
        if let checks = body["healthChecks"]?.arrayValue { body["healthChecks"] = .array(checks.map(link)) }
        if let backends = body["backends"]?.arrayValue {
            body["backends"] = .array(
                backends.map { backend in
                    var members = backend.objectValue ?? [:]
                    if let group = members["group"] { members["group"] = link(group) }
                    members["balancingMode"] = members["balancingMode"] ?? "CONNECTION"
                    return .object(members)
                })
        }
        return body
    }
}
