import Domain

/// `/_sandbox/`: failures, counters, log lines, service accounts and the past, switched from outside.
struct ControlRoutes: Sendable {
    let store: ClusterStore
    let time: any TimeSource
    let failures: FailureSwitch
    let counter: RequestCounter
    let access: AccessControl

    /// Throws `KubernetesStatus` for what is not there or not understood.
    func answer(_ request: KubernetesRequest) throws -> KubernetesAnswer {
        switch (request.method, request.path) {
        case ("GET", "/_sandbox/failures"): return .json(200, failures.current.json)
        case ("PUT", "/_sandbox/failures"): return try setFailures(request, from: KubernetesFailures())
        case ("PATCH", "/_sandbox/failures"): return try setFailures(request, from: failures.current)
        case ("DELETE", "/_sandbox/failures"):
            failures.set { $0 = KubernetesFailures() }
            store.ring()
            return .json(200, failures.current.json)
        case ("GET", "/_sandbox/requests"):
            return .json(200, .object(counter.all.mapValues { .int(Int64($0)) }))
        case ("DELETE", "/_sandbox/requests"):
            counter.reset()
            return .json(200, [:])
        case ("POST", "/_sandbox/compact"):
            store.change { $0.forgetHistory() }
            return .json(200, ["resourceVersion": .string(String(store.read { $0.version }))])
        case ("PUT", _) where request.path.hasPrefix("/_sandbox/logs/"): return try setLogs(request)
        case ("PUT", _) where request.path.hasPrefix("/_sandbox/service-accounts/"): return try setToken(request)
        case ("GET", "/_sandbox/access"): return .json(200, accessJSON)
        case ("DELETE", "/_sandbox/access"):
            access.forgetUses()
            return .json(200, [:])
        default: throw KubernetesStatus.noSuchPath
        }
    }

    private func setFailures(_ request: KubernetesRequest, from start: KubernetesFailures) throws -> KubernetesAnswer {
        let body = try PatchReader.readJSON(request.body)
        guard body.objectValue != nil else { throw KubernetesStatus.badRequest("failures are a map") }
        var new = start
        try new.read(body)
        let value = new
        failures.set { $0 = value }
        store.ring()
        return .json(200, value.json)
    }

    /// `PUT /_sandbox/service-accounts/{namespace}/{name}` with the account's token as plain text.
    private func setToken(_ request: KubernetesRequest) throws -> KubernetesAnswer {
        let parts = request.path.split(separator: "/").map(String.init)
        let token = String(decoding: request.body, as: UTF8.self).trimmed
        guard parts.count == 4 else { throw KubernetesStatus.noSuchPath }
        guard !token.isEmpty else { throw KubernetesStatus.badRequest("the body is the token") }
        let user = ServiceAccountUser(namespace: parts[2], name: parts[3])
        access.register(String(token), user)
        return .json(200, ["user": .string(user.user)])
    }

    private var accessJSON: JSONValue {
        let uses = access.uses.map { use -> JSONValue in
            [
                "role": .string(use.role), "verb": .string(use.verb), "group": .string(use.group),
                "resource": .string(use.resource),
            ]
        }
        return [
            "uses": .array(uses.sorted { $0.canonicalText < $1.canonicalText }),
            "refusals": .array(access.refusals.map { .string($0) }),
        ]
    }

    /// `PUT /_sandbox/logs/{namespace}/{workload}` with the lines as plain text.
    private func setLogs(_ request: KubernetesRequest) throws -> KubernetesAnswer {
        let parts = request.path.split(separator: "/").map(String.init)
        guard parts.count == 4 else { throw KubernetesStatus.noSuchPath }
        let lines = String(decoding: request.body, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false
        )
        .map(String.init)
        store.change {
            $0.setLog(lines.last == "" ? lines.dropLast() : lines, of: "\(parts[2])/\(parts[3])", now: time.now)
        }
        store.ring()
        return .json(200, ["lines": .int(Int64(lines.count))])
    }
}
