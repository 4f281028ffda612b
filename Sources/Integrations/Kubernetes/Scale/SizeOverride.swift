import Domain

/// What people have set of one workload's size: kept in the ledger, shown in every plan, and put over the manifests by
/// `kubernetes.apply`.
struct SizeOverride: Sendable, Hashable {
    var cluster: String
    var kind: String
    var namespace: String
    var name: String

    private var path: String { "\(Override.beginning)kubernetes/\(cluster)/\(kind)/\(namespace)/\(name)" }
    /// Holds a number.
    var replicasKey: String { "\(path)/replicas" }
    /// Holds `{min, max}`, which go to whatever autoscaler decides about the workload.
    var boundsKey: String { "\(path)/bounds" }

    /// How many replicas somebody has set; nil when nobody has. Throws `ActionError`.
    func replicas(_ kept: any KeptValues) async throws -> (count: Int, origin: String)? {
        guard let found = try await kept.value(replicasKey), let count = found.value?.intValue else { return nil }
        return (count, found.origin)
    }

    /// The bounds that somebody has set; nil when nobody has. Throws `ActionError`.
    func bounds(_ kept: any KeptValues) async throws -> (least: Int, most: Int, origin: String)? {
        guard let found = try await kept.value(boundsKey), let least = found.value?["min"]?.intValue,
            let most = found.value?["max"]?.intValue
        else { return nil }
        return (least, most, found.origin)
    }

    /// What is kept, in words: `5 replicas, set by olivia on 2026-11-20 with job 42`. Throws `ActionError`.
    func words(_ kept: any KeptValues) async throws -> [String] {
        var words: [String] = []
        if let replicas = try await replicas(kept) { words.append("\(replicas.count) replicas, \(replicas.origin)") }
        if let bounds = try await bounds(kept) {
            words.append("\(bounds.least) to \(bounds.most) replicas, \(bounds.origin)")
        }
        return words
    }

    /// Keeps a number of replicas. Throws `ActionError`, which says that the number was set all the same.
    func keep(replicas: Int, _ kept: any KeptValues) async throws {
        try await told { try await kept.set(replicasKey, .int(Int64(replicas))) }
    }

    /// Keeps bounds of the autoscaler. Throws `ActionError`, which says that they were set all the same.
    func keep(least: Int, most: Int, _ kept: any KeptValues) async throws {
        try await told {
            try await kept.set(boundsKey, ["min": .int(Int64(least)), "max": .int(Int64(most))])
        }
    }

    /// Keeps nothing of the workload any more. Throws `ActionError`.
    func forget(_ kept: any KeptValues) async throws {
        try await kept.remove(replicasKey)
        try await kept.remove(boundsKey)
    }

    private func told(_ body: () async throws -> Void) async throws {
        do { try await body() } catch var error as ActionError {
            error.message =
                "\(kind) \(namespace)/\(name) has its new size, which the next deploy would undo: \(error.message)"
            error.mayHaveTakenEffect = true
            throw error
        }
    }
}
