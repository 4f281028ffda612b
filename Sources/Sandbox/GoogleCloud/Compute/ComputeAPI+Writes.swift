import Domain
import Foundation

extension ComputeAPI {
    func writeMethods(of kind: ComputeKind) -> [GoogleMethod] {
        var methods: [GoogleMethod] = []
        if kind.verbs.contains(.insert) {
            methods.append(
                GoogleMethod(
                    "compute.\(kind.name).insert", "POST", kind.path,
                    permissions: { call in
                        let name = call.body["name"]?.stringValue ?? ""
                        return [GooglePermission("\(kind.permission).create", on: "\(kind.collection(call))/\(name)")]
                            + kind.insertPermissions(call)
                    }
                ) { call in try mutate(call) { try insert(kind, call, &$0, $1) } })
        }
        if kind.verbs.contains(.delete) {
            methods.append(
                method(kind, "delete", "DELETE", permission: "delete") { call in
                    try mutate(call) { try delete(kind, call, &$0, $1) }
                })
        }
        for (verb, name, word) in [(ComputeKind.Verb.patch, "PATCH", "patch"), (.update, "PUT", "update")]
        where kind.verbs.contains(verb) {
            methods.append(
                method(kind, word, name, permission: "update") { call in
                    try mutate(call) { state, now in
                        try change(kind, word, kind.path(call), call, isWhole: verb == .update, &state, now)
                    }
                })
        }
        if kind.verbs.contains(.setLabels) {
            methods.append(
                method(kind, "setLabels", "POST", "/setLabels", permission: "setLabels", parameter: "resource") {
                    call in
                    try mutate(call) { try setLabels(kind, kind.path(call, "resource"), call, &$0, $1) }
                })
        }
        return methods
    }

    private func insert(
        _ kind: ComputeKind, _ call: GoogleCall, _ state: inout GoogleState, _ now: Date
    ) throws -> GoogleOperation {
        try insert(kind, body: call.body, call, &state, now)
    }

    /// Begins to make a resource.
    func insert(
        _ kind: ComputeKind, body: [String: JSONValue], _ call: GoogleCall, _ state: inout GoogleState, _ now: Date,
        type: String = "insert", target: String? = nil, operationAt: String? = nil
    ) throws -> GoogleOperation {
        let name = try ComputeName.checked(body["name"])
        // A snapshot of a zone's disk is global, and its operation is the zone's.
        let path = "\(target ?? kind.collection(call))/\(name)"
        guard state.resources[path] == nil else { throw GoogleError.exists(path) }
        var draft = ComputeDraft(call: call, path: path, now: now, body: ComputeNumbers.normalized(body))
        draft.body["name"] = .string(name)
        draft = try kind.prepare(&state, draft)
        let id = state.newID()
        complete(kind, &draft, id: id)
        state.resources[path] = GoogleResource(
            path: path, body: draft.body, isReady: false,
            visibleFrom: now.advanced(by: .milliseconds(state.failures.hiddenFor)))
        let (begins, ends) = (draft.onStart, draft.onEnd)
        var operation = state.begin(type, on: path, id: id, call, now, at: operationAt) { state, now in
            begins?(&state, now)
        } onEnd: { state, now in
            try ends?(&state, now)
            state.update(path) { resource in
                resource.isReady = true
                if let status = kind.status { resource.body["status"] = .string(status.ready) }
            }
            try kind.settled(&state, path, now)
        }
        operation.warnings = draft.warnings
        if let operationAt { operation.shown = (operationAt, state.resources[operationAt]?.id ?? "") }
        state.operations[operation.path] = operation
        return operation
    }

    private func complete(_ kind: ComputeKind, _ draft: inout ComputeDraft, id: String) {
        let scope = ComputeReference.scope(of: draft.path)
        draft.body["kind"] = .string(kind.kind)
        draft.body["id"] = .string(id)
        draft.body["selfLink"] = ComputeReference.json(draft.path)
        draft.body["creationTimestamp"] = .string(ComputeOperationShape.time(draft.now))
        let parts = scope.split(separator: "/")
        if parts.count > 3 { draft.body[parts[2] == "zones" ? "zone" : "region"] = ComputeReference.json(scope) }
        if let status = kind.status { draft.fill("status", .string(status.creating)) }
        if kind.isLabelled { draft.body["labelFingerprint"] = GoogleResource.fingerprint([id, "labels"]) }
        if kind.isFingerprinted { draft.body["fingerprint"] = GoogleResource.fingerprint([id, "1"]) }
    }

    private func delete(
        _ kind: ComputeKind, _ call: GoogleCall, _ state: inout GoogleState, _ now: Date
    ) throws -> GoogleOperation {
        let path = kind.path(call)
        let resource = try state.ready(path, now)
        try kind.mayGo(resource)
        if let user = kind.users(state, resource).first { throw GoogleError.inUse(path, by: user) }
        return state.begin("delete", on: path, id: resource.id, call, now) { state, _ in
            state.update(path) { resource in
                if kind.word == "instance" { resource.body["status"] = "STOPPING" }
                if kind.status != nil, kind.word != "instance" { resource.body["status"] = "DELETING" }
            }
        } onEnd: { state, now in
            kind.leaves(&state, resource, now)
            state.resources[path] = nil
        }
    }

    /// Begins to change members of a resource. A whole one replaces all that may be changed.
    func change(
        _ kind: ComputeKind, _ type: String, _ path: String, _ call: GoogleCall, isWhole: Bool = false,
        _ state: inout GoogleState, _ now: Date
    ) throws -> GoogleOperation {
        let resource = try state.ready(path, now)
        if kind.isFingerprinted {
            guard let given = call.body["fingerprint"] else { throw GoogleError.required("resource.fingerprint") }
            guard given == resource.body["fingerprint"] else { throw GoogleError.invalidFingerprint }
        }
        var changes: [String: JSONValue] = [:]
        for (name, value) in ComputeNumbers.normalized(call.body) {
            if kind.patchable.contains(name) {
                changes[name] = value
            } else if value != resource.body[name], !isSame(value, resource.body[name]), !ComputeKind.isOutput(name) {
                throw GoogleError.invalid("resource.\(name)", value.plainText, "Field cannot be changed.")
            }
        }
        var body = resource.body
        if isWhole { for name in kind.patchable { body[name] = nil } }
        body.merge(changes) { $1 }
        try kind.check(state, resource, body)
        let result = body
        return state.begin(type, on: path, id: resource.id, call, now) { state, now in
            state.update(path) { resource in
                // What others have changed meanwhile (status, users) stays.
                for name in kind.patchable { resource.body[name] = result[name] }
                if kind.isFingerprinted {
                    resource.body["fingerprint"] = GoogleResource.fingerprint([resource.id, "\(resource.version + 1)"])
                }
            }
            try kind.settled(&state, path, now)
        }
    }

    /// Two ways to name one thing.
    private func isSame(_ value: JSONValue, _ other: JSONValue?) -> Bool {
        guard let text = value.stringValue, let other = other?.stringValue, other.hasPrefix("https://") else {
            return false
        }
        return other == text || other.hasSuffix("/" + text)
    }

    /// Begins to set labels, if the fingerprint is that of the labels that are there.
    func setLabels(
        _ kind: ComputeKind, _ path: String, _ call: GoogleCall, _ state: inout GoogleState, _ now: Date
    ) throws -> GoogleOperation {
        let resource = try state.found(path, now)
        guard let given = call.body["labelFingerprint"] else { throw GoogleError.required("labelFingerprint") }
        guard given == resource.body["labelFingerprint"] else { throw GoogleError.invalidFingerprint }
        let labels = try ComputeName.labels(call.body["labels"])
        return state.begin("setLabels", on: path, id: resource.id, call, now) { state, _ in
            state.update(path) { resource in
                resource.body["labels"] = labels.isEmpty ? nil : .object(labels)
                resource.body["labelFingerprint"] = GoogleResource.fingerprint([
                    resource.id, "labels", "\(resource.version + 1)",
                ])
            }
        }
    }
}

extension ComputeKind {
    /// Members that only Google writes; what a request says about them is ignored.
    static func isOutput(_ name: String) -> Bool {
        [
            "kind", "id", "selfLink", "selfLinkWithId", "creationTimestamp", "fingerprint", "region", "zone", "status",
            "labelFingerprint", "users", "gatewayAddress", "subnetworks", "peerings",
        ].contains(name)
    }
}
