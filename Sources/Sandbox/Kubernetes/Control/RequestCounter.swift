import Synchronization

/// Counts requests, so that a test can tell how often something was really done.
final class RequestCounter: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    /// Counts as `PATCH /apis/apps/v1/namespaces/{namespace}/deployments/{name}`, with `?dryRun=All` or `?watch=true`
    /// behind it where the request says so.
    func count(_ request: KubernetesRequest, _ kinds: ServedKinds) {
        var key = "\(request.method) "
        if case .resource(let path) = ResourcePath.read(request.path, kinds) {
            key += path.pattern
        } else {
            key += request.path
        }
        if request.isDryRun { key += "?dryRun=All" }
        if request.isWatch { key += "?watch=true" }
        counts.withLock { counts in
            // Paths that name no resource come from outside and are not bounded by the table of kinds.
            guard counts.count < 1000 || counts[key] != nil else { return }
            counts[key, default: 0] += 1
        }
    }

    var all: [String: Int] { counts.withLock { $0 } }

    func reset() { counts.withLock { $0.removeAll() } }
}
