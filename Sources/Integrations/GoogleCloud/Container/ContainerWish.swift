import Domain

/// A cluster or a node pool of Kubernetes Engine as it is wanted.
struct ContainerWish: Sendable {
    /// For people: `node pool gpu of cluster infrastructure`.
    var title: String
    /// `projects/acme/locations/europe-west3`
    var parent: String
    /// Name of the cluster, that it is or that it is in.
    var cluster: String
    /// Name of the node pool; nil for a cluster.
    var nodePool: String?
    /// The pool of ours that it is to belong to.
    var pool: String
    /// What it is made of, without its mark; nil: it must be there.
    var body: [String: JSONValue]?
    var fields: [WantedField]

    var clusterPath: String { "\(parent)/clusters/\(cluster)" }
    var path: String { nodePool.map { "\(clusterPath)/nodePools/\($0)" } ?? clusterPath }
    var reading: GoogleCall { GoogleCall(.container, "GET", path) }

    /// Where the labels are that Google puts on machines and disks too.
    var labelPath: String { nodePool == nil ? "resourceLabels" : "config.resourceLabels" }

    /// What is sent to make it; nil when it must be there.
    var creation: GoogleCall? {
        guard var body else { return nil }
        body["name"] = .string(nodePool ?? cluster)
        let mark: JSONValue = .object([PoolMark.word: .string(pool)])
        guard nodePool != nil else {
            body["resourceLabels"] = mark
            return GoogleCall(.container, "POST", "\(parent)/clusters", body: ["cluster": .object(body)])
        }
        var config = body["config"]?.objectValue ?? [:]
        config["resourceLabels"] = mark
        body["config"] = .object(config)
        return GoogleCall(.container, "POST", "\(clusterPath)/nodePools", body: ["nodePool": .object(body)])
    }

    /// The pool of ours that it is marked with; nil when it has no mark.
    func markedPool(_ resource: JSONValue) -> String? {
        resource.at(path: labelPath)?[PoolMark.word]?.stringValue
    }

    /// What has to be done; `adopted` is the pool for which the ledger keeps it as adopted.
    func verdict(_ resource: JSONValue?, adopted: String?) -> ResourceVerdict {
        guard let resource else { return .create }
        let marked = markedPool(resource) ?? adopted
        let isOurs = marked == pool
        let different = fields.filter { $0.differs(in: resource) }
        guard !different.isEmpty else { return .asWanted(resource, isOurs: isOurs) }
        let lines = different.map { $0.line(resource) }
        guard isOurs else { return .foreign(pool: marked, lines: lines) }
        var steps: [ResourceVerdict.Step] = []
        var fixed: [WantedField] = []
        for field in different {
            if case .call(let call) = field.change, let call = call(resource, path) {
                steps.append(.init(lines: [field.line(resource)], call: call))
            } else {
                fixed.append(field)
            }
        }
        guard fixed.isEmpty else {
            let hints = fixed.compactMap { field -> String? in
                if case .replacement(let hint) = field.change { hint } else { nil }
            }
            return .replacement(lines: fixed.map { $0.line(resource) }, hint: hints.first)
        }
        return .change(resource, steps)
    }
}
