import Domain
import Foundation

/// What all controllers need for one round, and what they leave behind.
struct ControlPass: Sendable {
    /// A pod whose containers run now.
    struct PodStart: Sendable {
        var namespace: String
        var workload: String
        var pod: String
    }

    let now: Date
    let timing: KubernetesTiming
    let failures: KubernetesFailures
    /// When the controllers must look again although nothing changed.
    private(set) var next: Date?
    var started: [PodStart] = []

    init(now: Date, timing: KubernetesTiming, failures: KubernetesFailures) {
        self.now = now
        self.timing = timing
        self.failures = failures
    }

    /// Whether a moment has come; asks for another look then if not.
    mutating func hasCome(_ moment: Date) -> Bool {
        if moment <= now { return true }
        next = min(next ?? moment, moment)
        return false
    }

    mutating func hasPassed(_ duration: Duration, since start: Date) -> Bool { hasCome(start.advanced(by: duration)) }
}
