import Domain
import Foundation

/// All that exists at Google: resources by their paths, and operations.
struct GoogleState: Sendable {
    struct SeenRequest: Sendable {
        var digest: String
        var operation: String
        var until: Date
    }

    /// Operations that are remembered; the oldest done ones go.
    static let mostOperations = 5000

    let configuration: GoogleCloudStandIn.Configuration
    var failures = GoogleCloudFailures()
    var resources: [String: GoogleResource] = [:]
    var operations: [String: GoogleOperation] = [:]
    var seen: [String: SeenRequest] = [:]
    /// What instances wrote on their first serial port.
    var serial: [String: String] = [:]
    /// Nodes of a node pool in each of its zones, by its path.
    var nodes: [String: Int] = [:]
    /// Instances of groups and target pools.
    var members: [String: [String]] = [:]
    /// Record sets of a managed zone, by its path.
    var records: [String: [DNSRecordKey: DNSRecord]] = [:]
    /// Changes of a managed zone's records, the newest last.
    var recordChanges: [String: [DNSChange]] = [:]
    /// Instances that health checks find unhealthy although they run.
    var sick: Set<String> = []
    /// Names of operations that are not done.
    private(set) var open: Set<String> = []
    private var counter: UInt64 = 0

    init(_ configuration: GoogleCloudStandIn.Configuration) { self.configuration = configuration }

    /// The last part of a path.
    static func last(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? "" }

    /// A new number, as Google's ids: decimal, up to 19 digits.
    mutating func newID() -> String {
        counter += 1
        return String(1_000_000_000_000_000_000 + counter &* 7_919_000_017 % 8_000_000_000_000_000_000)
    }

    /// A number that counts up by one.
    mutating func newNumber() -> Int {
        counter += 1
        return Int(counter)
    }

    /// Brings everything to `now`: operations begin and end in the order of their times.
    mutating func settle(_ now: Date) {
        guard !failures.stuckOperations else { return }
        while let next = due(now) {
            guard var operation = operations[next] else { break }
            if operation.phase == .pending {
                operation.phase = .running
                operations[next] = operation
                operation.onStart?(&self, operation.start)
            } else {
                finish(operation)
            }
        }
    }

    private func due(_ now: Date) -> String? {
        let all = openOperations.map { operation in
            (path: operation.path, at: operation.phase == .pending ? operation.start : operation.end)
        }
        return all.filter { $0.at <= now }.min { ($0.at, $0.path) < ($1.at, $1.path) }?.path
    }

    private mutating func finish(_ finished: GoogleOperation) {
        var operation = finished
        do {
            if let failure = operation.failure { throw failure }
            try operation.onEnd?(&self, operation.end)
        } catch let failure as GoogleOperation.Failure {
            operation.failure = failure
            drop(operation)
        } catch {
            operation.failure = GoogleOperation.Failure(
                code: "INTERNAL_ERROR", message: "\(error)", status: 500, statusText: "INTERNAL SERVER ERROR")
        }
        operation.phase = .done
        operation.onStart = nil
        operation.onEnd = nil
        operations[operation.path] = operation
        open.remove(operation.path)
    }

    /// What an insert that failed had begun to make is gone.
    private mutating func drop(_ operation: GoogleOperation) {
        guard let target = resources[operation.target], !target.isReady, target.id == operation.targetID else { return }
        resources[operation.target] = nil
    }

    mutating func add(_ operation: GoogleOperation) {
        operations[operation.path] = operation
        open.insert(operation.path)
        guard operations.count > GoogleState.mostOperations else { return }
        let done = operations.values.filter { $0.phase == .done }.min { $0.insert < $1.insert }
        if let done { operations[done.path] = nil }
    }

    /// Operations that are not done.
    var openOperations: [GoogleOperation] { open.compactMap { operations[$0] } }

    /// The operation under way on a resource.
    func operation(on target: String) -> GoogleOperation? {
        openOperations.filter { $0.target == target }.min { $0.insert < $1.insert }
    }

    /// What reads may see.
    func visible(_ path: String, _ now: Date) -> GoogleResource? {
        guard let resource = resources[path], resource.visibleFrom <= now else { return nil }
        return resource
    }

    /// Resources directly in a collection, by name.
    func all(in collection: String) -> [GoogleResource] {
        let prefix = collection + "/"
        return resources.values.filter { resource in
            resource.path.hasPrefix(prefix) && !resource.path.dropFirst(prefix.count).contains("/")
        }.sorted { $0.name < $1.name }
    }

    /// Changes a resource that exists; does nothing otherwise.
    mutating func update(_ path: String, _ body: (inout GoogleResource) -> Void) {
        guard var resource = resources[path] else { return }
        body(&resource)
        resource.version += 1
        resources[path] = resource
    }

    /// How long an operation of a type is pending, then runs.
    func durations(of type: String) -> (pending: Duration, running: Duration) {
        (configuration.pending, configuration.running[type] ?? configuration.runningOtherwise)
    }
}
