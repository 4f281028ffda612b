import Synchronization

/// The failures in force, and the taking of those that are counted.
final class FailureSwitch: Sendable {
    /// What happens to one request.
    enum Fate: Sendable { case served, tooManyRequests(retryAfterSeconds: Int), internalError, cut }

    private let failures = Mutex(KubernetesFailures())

    var current: KubernetesFailures { failures.withLock { $0 } }

    func set(_ body: (inout KubernetesFailures) throws -> Void) rethrows {
        try failures.withLock { try body(&$0) }
    }

    /// Takes the next counted failure for a request.
    func takeFate() -> Fate {
        failures.withLock { failures in
            if failures.tooManyRequests > 0 {
                failures.tooManyRequests -= 1
                return .tooManyRequests(retryAfterSeconds: failures.retryAfterSeconds)
            }
            if failures.internalErrors > 0 {
                failures.internalErrors -= 1
                return .internalError
            }
            if failures.reset > 0 {
                failures.reset -= 1
                return .cut
            }
            return .served
        }
    }

    /// Whether a watch that starts now is to end with 410.
    func takeExpiry() -> Bool {
        failures.withLock { failures in
            guard failures.expireWatches > 0 else { return false }
            failures.expireWatches -= 1
            return true
        }
    }
}
