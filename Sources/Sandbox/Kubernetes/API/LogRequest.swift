import Domain
import Foundation

/// GET of a pod's log.
struct LogRequest: Sendable {
    var namespace: String
    var pod: String
    var container: String
    var tail: Int?
    var isFollowing: Bool
    var isPrevious: Bool
    var hasTimes: Bool
    /// Lines from before are left out.
    var since: Date?
    var limitBytes: Int?

    /// Throws 400 when the container is not named, not there, or has not started.
    init(_ pod: KubernetesObject, _ request: KubernetesRequest) throws {
        let names = (pod["spec", "containers"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        let initNames = (pod["spec", "initContainers"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
        namespace = pod.namespace
        self.pod = pod.name
        tail = request.query["tailLines"].flatMap { Int($0) }
        limitBytes = request.query["limitBytes"].flatMap { Int($0) }
        isFollowing = request.isTrue("follow")
        isPrevious = request.isTrue("previous")
        hasTimes = request.isTrue("timestamps")
        if let text = request.query["sinceTime"] {
            guard let moment = try? Date(text, strategy: .iso8601) else {  // what is no time is refused
                throw KubernetesStatus.badRequest("sinceTime: '\(text)' is no time (RFC 3339)")
            }
            since = moment
        }
        if let name = request.query["container"], !name.isEmpty {
            guard (names + initNames).contains(name) else {
                throw KubernetesStatus.badRequest("container \(name) is not valid for pod \(pod.name)")
            }
            container = name
        } else if names.count == 1 {
            container = names[0]
        } else {
            throw KubernetesStatus.badRequest(
                "a container name must be specified for pod \(pod.name), choose one of: [\(names.joined(separator: " "))]"
            )
        }
        try LogRequest.checkStarted(pod, container, isPrevious: isPrevious)
    }

    private static func checkStarted(_ pod: KubernetesObject, _ name: String, isPrevious: Bool) throws {
        let statuses =
            (pod["status", "containerStatuses"]?.arrayValue ?? [])
            + (pod["status", "initContainerStatuses"]?.arrayValue ?? [])
        let status = statuses.first { $0["name"]?.stringValue == name }
        let hasEnded = status?["lastState"]?["terminated"] != nil
        if isPrevious, !hasEnded {
            throw KubernetesStatus.badRequest(
                "previous terminated container \"\(name)\" in pod \"\(pod.name)\" not found")
        }
        if isPrevious || hasEnded { return }
        let reason = status?["state"]?["waiting"]?["reason"]?.stringValue
        guard status == nil || reason != nil else { return }
        let why =
            switch reason {
            case "ErrImagePull", "ImagePullBackOff": "trying and failing to pull image"
            default: "\(reason ?? "ContainerCreating")"
            }
        throw KubernetesStatus.badRequest("container \"\(name)\" in pod \"\(pod.name)\" is waiting to start: \(why)")
    }

    /// The lines as the query wants them.
    func text(_ lines: [LogLine]) -> String {
        var lines = lines
        if let since { lines.removeAll { $0.at < since } }
        if let tail { lines = Array(lines.suffix(max(0, tail))) }
        var text = lines.map { (hasTimes ? "\($0.stamp) " : "") + $0.text + "\n" }.joined()
        if let limitBytes, text.utf8.count > limitBytes {
            text = String(decoding: text.utf8.prefix(limitBytes), as: UTF8.self)
        }
        return text
    }
}
