/// A lock that a job asks for: a path such as `pool/infrastructure/node/geth-0`, which covers all below it.
package struct LockRequest: Sendable, Codable, Hashable, Comparable {
    package enum Mode: String, Sendable, Codable, Hashable {
        case shared
        case exclusive
    }

    package var path: String
    package var mode: Mode

    package init(path: String, mode: Mode = .exclusive) {
        self.path = path
        self.mode = mode
    }

    package static func < (left: LockRequest, right: LockRequest) -> Bool { left.path < right.path }

    /// Whether both cannot be held at once: one covers the other, and not both are shared.
    package func conflicts(with other: LockRequest) -> Bool {
        if mode == .shared, other.mode == .shared { return false }
        return path == other.path || path.hasPrefix(other.path + "/") || other.path.hasPrefix(path + "/")
    }
}

/// A lock that a job holds.
package struct HeldLock: Sendable, Codable, Hashable {
    package var request: LockRequest
    package var jobID: JobID
    package var fencing: Int64

    package init(request: LockRequest, jobID: JobID, fencing: Int64) {
        self.request = request
        self.jobID = jobID
        self.fencing = fencing
    }
}
