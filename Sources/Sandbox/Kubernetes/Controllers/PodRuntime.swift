import Domain
import Foundation

/// What the kubelet knows about a pod beside its object.
struct PodRuntime: Sendable {
    var scheduledAt: Date?
    var startedAt: Date?
    var readyAt: Date?
    var stoppingSince: Date?
    var isReady = false
    var restarts = 0
    var crash: Crash?
    /// Since when an image cannot be pulled, by container.
    var imageFailures: [String: Date] = [:]
    /// Complaints that an event was made of, so that each is made once.
    var complaints: Set<String> = []

    /// The last end of a container that crashes.
    struct Crash: Sendable {
        var lines: [String]
        var exitCode: Int
        /// `Error`, `OOMKilled`.
        var reason = "Error"
        var at: Date
        var nextStart: Date
        /// Whether the container runs again.
        var isOver = false
    }

    /// Why a container does not start.
    struct Block: Sendable, Hashable {
        var reason: String
        var message: String?
    }
}
