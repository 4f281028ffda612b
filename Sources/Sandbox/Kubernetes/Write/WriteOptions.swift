import Domain
import Foundation

/// How a write is made.
struct WriteOptions: Sendable {
    var manager: String
    var now: Date
    var subresource = ""
    var isForced = false
    var isDryRun = false

    /// As a controller of the cluster writes.
    static func controller(_ now: Date, subresource: String = "") -> WriteOptions {
        WriteOptions(manager: "kube-controller-manager", now: now, subresource: subresource)
    }
}
