import Domain

/// One line of a watch stream (kubernetes.io/docs/reference/using-api/api-concepts, efficient detection of changes).
enum WatchEvent: Sendable {
    case changed(ClusterObject)
    case removed(ClusterObject)
    case bookmark(resourceVersion: String)
    case failed(KubernetesError)

    /// Nil when the line is no event.
    init?(line: [UInt8]) {
        // A line that is no JSON is handled as a cut connection by the caller.
        guard let event = try? JSONValue(parsing: line), let object = event["object"] else { return nil }
        switch event["type"]?.stringValue {
        case "ADDED", "MODIFIED": self = .changed(ClusterObject(object))
        case "DELETED": self = .removed(ClusterObject(object))
        case "BOOKMARK": self = .bookmark(resourceVersion: object["metadata"]?["resourceVersion"]?.stringValue ?? "")
        case "ERROR": self = .failed(KubernetesError(object))
        default: return nil
        }
    }
}
