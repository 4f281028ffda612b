import Domain
import Foundation

extension GoogleState {
    /// Zones of a region or a zone; empty for a place that is not there.
    func zones(of location: String) -> [String] {
        if let zones = configuration.regions[location] { return Array(zones.prefix(3)) }
        return configuration.regions.values.contains { $0.contains(location) } ? [location] : []
    }

    /// Whether a path is directly in a collection of a location; `-` stands for every location.
    func isIn(_ path: String, _ scope: String, _ collection: String) -> Bool {
        let (parts, wanted) = (path.split(separator: "/"), scope.split(separator: "/"))
        return parts.count == 6 && parts[4] == collection && parts[1] == wanted[1] && parts[2] == "locations"
            && (wanted[3] == "-" || parts[3] == wanted[3])
    }

    /// Begins an operation of Kubernetes Engine on a cluster or a node pool.
    mutating func beginContainer(
        _ type: String, on target: String, _ call: GoogleCall, _ now: Date,
        onEnd: @escaping @Sendable (inout GoogleState, Date) throws -> Void
    ) -> GoogleOperation {
        let id = resources[target]?.id ?? ""
        var operation = begin(type, on: target, id: id, call, now, onEnd: onEnd)
        if operation.failure != nil {
            operation.failure = .init(
                code: "INTERNAL", message: "Internal error (Code: '\(operation.id)').", status: 13, statusText: "")
            operations[operation.path] = operation
        }
        return operation
    }

    /// Throws when an operation is under way on a cluster or in it.
    func checkIdle(_ cluster: String) throws {
        let busy = openOperations.filter { $0.target == cluster || $0.target.hasPrefix(cluster + "/") }
        guard let first = busy.min(by: { $0.insert < $1.insert }) else { return }
        throw GoogleError(
            400, "failedPrecondition", "Cluster is running incompatible operation \(first.name).",
            status: "FAILED_PRECONDITION")
    }
}
