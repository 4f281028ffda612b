import Domain
import Foundation

/// What a person reads about a pod: states of its containers, last log lines, recent events. What cannot be had is left
/// out with a word why, for a report about trouble must not fail by more trouble.
struct PodStory: Sendable {
    static let logLines = 20
    static let events = 10

    var client: KubernetesClient
    var namespace: String

    /// Log lines of one container and the pod's events.
    func text(pod: String, container: String?, isPrevious: Bool) async -> String {
        var parts: [String] = []
        if let container {
            parts.append(await log(pod: pod, container: container, isPrevious: isPrevious))
        }
        if let events = await recentEvents(of: pod) { parts.append(events) }
        return parts.joined(separator: "\n\n")
    }

    /// The last lines of a container; of the run before this one where that is asked and there is one.
    func log(pod: String, container: String, isPrevious: Bool) async -> String {
        do {
            return try await lines(pod, container, isPrevious)
        } catch let error as KubernetesError where isPrevious && error.status == 400 {
            // The run before is not kept any more; this one may tell as much.
            do { return try await lines(pod, container, false) } catch { return unavailable(container, error) }
        } catch {
            return unavailable(container, error)
        }
    }

    private func unavailable(_ container: String, _ error: any Error) -> String {
        "the log of \(container) cannot be read: \((error as? KubernetesError)?.message ?? "\(error)")"
    }

    private func lines(_ pod: String, _ container: String, _ isPrevious: Bool) async throws -> String {
        let text = try await client.logs(
            namespace: namespace, pod: pod, container: container, previous: isPrevious, lines: PodStory.logLines)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).suffix(PodStory.logLines + 1)
        let shown = lines.joined(separator: "\n").trimmed
        return shown.isEmpty ? "\(container) wrote no log" : "last log lines of \(container):\n\(shown)"
    }

    /// Newest last; nil when there are none.
    private func recentEvents(of pod: String) async -> String? {
        let fields = "involvedObject.kind=Pod,involvedObject.name=\(pod)"
        let list: ObjectList
        do {
            list = try await client.list(.events, namespace: namespace, fields: fields)
        } catch {
            return "its events cannot be read: \((error as? KubernetesError)?.message ?? "\(error)")"
        }
        let lines = list.objects.filter { $0.text("involvedObject", "name") == pod }
            .sorted { ($0.lastSeen ?? .distantPast) < ($1.lastSeen ?? .distantPast) }
            .suffix(PodStory.events).map { event in
                let count = event.number("count") ?? 1
                return "\(event.text("reason") ?? ""): \(event.text("message") ?? "")"
                    + (count > 1 ? " (\(count) times)" : "")
            }
        return lines.isEmpty ? nil : "events:\n" + lines.joined(separator: "\n")
    }
}
