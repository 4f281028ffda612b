import Domain

/// What has to be done for a thing to be as it is wanted.
enum ResourceVerdict: Sendable {
    /// One call that changes it.
    struct Step: Sendable {
        /// What it changes, for people, one line a field.
        var lines: [String]
        var call: GoogleCall
    }

    /// It is there and as wanted. `isOurs`: it has our mark or was adopted.
    case asWanted(JSONValue, isOurs: Bool)
    case create
    /// Calls one after the other, each worked out anew from what is there then.
    case change(JSONValue, [Step])
    /// It differs, and it is not ours to change: nobody's, or the named pool's.
    case foreign(pool: String?, lines: [String])
    /// It differs in what cannot be changed.
    case replacement(lines: [String], hint: String?)
}

extension ResourceWish {
    /// `adopted` is the pool for which the ledger keeps it as adopted.
    func verdict(_ resource: JSONValue?, adopted: String?) -> ResourceVerdict {
        guard let resource else { return .create }
        let marked = PoolMark.pool(of: resource, kind) ?? adopted
        let isOurs = marked == pool
        // The mark itself is no difference of what is not ours.
        let different = (isOurs ? allFields : fields).filter { $0.differs(in: resource) }
        guard !different.isEmpty else { return .asWanted(resource, isOurs: isOurs) }
        let lines = different.map { $0.line(resource) }
        guard isOurs else { return .foreign(pool: marked, lines: lines) }
        let fixed = different.filter { needsReplacing($0, resource) }
        guard fixed.isEmpty else {
            let hints = fixed.compactMap { field -> String? in
                if case .replacement(let hint) = field.change { hint } else { nil }
            }
            return .replacement(lines: fixed.map { $0.line(resource) }, hint: hints.first)
        }
        return .change(resource, steps(different, resource))
    }

    private func steps(_ fields: [WantedField], _ resource: JSONValue) -> [ResourceVerdict.Step] {
        var steps: [ResourceVerdict.Step] = []
        var patched: [String: JSONValue] = [:]
        var patchedLines: [String] = []
        for field in fields {
            switch field.change {
            case .replacement: continue
            case .patch(let member):
                patched[member] = body[member] ?? field.empty
                patchedLines.append(field.line(resource))
            case .call(let call):
                guard let call = call(resource, path) else { continue }
                steps.append(ResourceVerdict.Step(lines: [field.line(resource)], call: call))
            }
        }
        guard !patched.isEmpty else { return steps }
        patched["fingerprint"] = resource["fingerprint"]
        return [ResourceVerdict.Step(lines: patchedLines, call: patch(patched))] + steps
    }

    private func needsReplacing(_ field: WantedField, _ resource: JSONValue) -> Bool {
        switch field.change {
        case .replacement: true
        case .patch: false
        case .call(let call): call(resource, path) == nil
        }
    }

    func patch(_ changed: [String: JSONValue]) -> GoogleCall {
        var changed = changed
        // Its schema says that a PATCH needs it.
        if kind == .firewall { changed["name"] = .string(name) }
        let body = JSONValue.object(changed)
        // An autoscaler is named in the query.
        guard kind != .autoscaler else {
            return GoogleCall(.compute, "PATCH", collection, query: [.init("autoscaler", name)], body: body)
        }
        return GoogleCall(.compute, "PATCH", path, body: body)
    }
}
