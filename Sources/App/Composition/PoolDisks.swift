import Domain
import Engine
import Ethereum
import Kubernetes
import Prometheus

/// How large the disks of a pool are and how full, for `/defimon status`. What cannot be looked at in time is told as such,
/// and hinders nothing else.
struct PoolDisks: Sendable {
    /// How long one look may take.
    static let limit = Duration.seconds(10)
    /// Volumes that are shown.
    static let most = 30

    var volumes: VolumeStatus
    var usage: VolumeUsage
    var nodes: EthereumNodes
    var actions: ActionCatalogue
    var time: any TimeSource

    /// Nothing where a pool has no disks. Throws only `CancellationError`.
    func blocks(settings: JSONValue) async throws -> [Report.Block] {
        async let claims = claimFields(settings)
        async let hosts = hostFields(settings)
        let fields = try await claims + hosts
        return fields.isEmpty ? [] : [.fields(fields)]
    }

    private func claimFields(_ settings: JSONValue) async throws -> [Report.Field] {
        guard let cluster = settings["cluster"]?.stringValue, !cluster.isEmpty,
            let namespace = settings["namespace"]?.stringValue
        else { return [] }
        async let full = shares(settings["prometheus_url"]?.stringValue ?? "", namespace)
        let found: [VolumeStatus.Volume]
        do {
            found = try await inTime { try await volumes.volumes(cluster: cluster, namespace: namespace) }
        } catch let error as ActionError {
            // A cluster that is still to be made is told of already.
            return error.missing == nil ? [Report.Field("Volumes", error.message)] : []
        }
        let shares = try await full
        var fields = found.prefix(PoolDisks.most).map { volume in
            let parts = [
                volume.size, volume.phase == "Bound" ? nil : volume.phase,
                shares.values[volume.claim].map { "\(Int(($0 * 100).rounded())) % full" },
            ]
            return Report.Field("Volume \(volume.claim)", parts.compactMap { $0 }.joined(separator: ", "))
        }
        if found.count > fields.count {
            fields.append(Report.Field("Volumes", "and \(found.count - fields.count) more"))
        }
        if let failure = shares.failure, !found.isEmpty {
            fields.append(Report.Field("How full volumes are", "not known: \(failure)"))
        }
        return fields
    }

    /// Empty, without a failure, where the pool has no Prometheus.
    private func shares(_ url: String, _ namespace: String) async throws -> (values: [String: Double], failure: String?)
    {
        guard !url.isEmpty else { return ([:], nil) }
        do {
            return (try await inTime { try await usage.shares(at: url, namespace: namespace) }, nil)
        } catch let error as ActionError {
            return ([:], error.message)
        }
    }

    private func hostFields(_ settings: JSONValue) async throws -> [Report.Field] {
        guard settings["shows"]?.stringValue == "ethereum", let mount = settings["data_mount"]?.stringValue else {
            return []
        }
        return try await withThrowingTaskGroup(of: Report.Field.self) { group in
            for host in nodes.hosts { group.addTask { try await hostField(host, mount) } }
            var fields: [Report.Field] = []
            for try await field in group { fields.append(field) }
            return fields.sorted { $0.name < $1.name }
        }
    }

    private func hostField(_ host: String, _ mount: String) async throws -> Report.Field {
        let title = "Disk of \(host)"
        var input = InputReader.reading(LocatedValue(["host": .string(host), "path": .string(mount)] as JSONValue))
        guard let action = actions["ssh.disk-usage"]?.make(&input) as? any RepeatableAction else {
            return Report.Field(title, "cannot be looked at")
        }
        do {
            let output = try await inTime {
                try await action.perform(
                    ActionContext(
                        jobID: 0, idempotencyKey: "status", attempt: 1, time: time, timeLimit: PoolDisks.limit,
                        progress: { _ in }))
            }
            let summary = output["summary"]?.stringValue ?? "?"
            return Report.Field(title, String(summary.trimmingPrefix("\(host): ")))
        } catch let error as ActionError {
            return Report.Field(title, error.message)
        }
    }

    /// Throws `ActionError` also when it takes longer than the limit.
    private func inTime<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await time.sleep(for: PoolDisks.limit)
                throw ActionError("no answer within \(DurationText.human(PoolDisks.limit))")
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }
}
