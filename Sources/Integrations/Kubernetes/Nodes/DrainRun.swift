import Domain
import Foundation

/// One drain under way: looks at the node's pods again and again, and evicts those that have not been told to go.
struct DrainRun: Sendable {
    /// Between two looks.
    static let look = Duration.seconds(2)
    /// Until a budget without room is asked again, where the server does not say.
    static let patience = Duration.seconds(5)
    /// The longest that a server's Retry-After is followed.
    static let longestWait = Duration.seconds(300)
    static let mostFailures = 10

    private let client: KubernetesClient
    private let node: String
    private let context: ActionContext
    /// Uids of all pods that had to go.
    private var seen: Set<String> = []
    private var left: Set<String> = []
    private var told: Set<String> = []
    /// Why a pod does not go, and when it is asked again, by its uid.
    private var waits: [String: (why: String, until: Date)] = [:]
    private(set) var stayed = 0

    init(client: KubernetesClient, node: String, context: ActionContext) {
        self.client = client
        self.node = node
        self.context = context
    }

    /// Pods that had to go, so far.
    var total: Int { seen.count }
    var moved: Int { seen.count - left.count }

    static func count(_ pods: Int) -> String { pods == 1 ? "1 pod" : "\(pods) pods" }

    static func pods(of node: String, _ client: KubernetesClient) async throws -> NodePods {
        NodePods(try await client.list(.pods, fields: "spec.nodeName=\(node)").objects)
    }

    /// Returns when no pod is left that must go. `check` refuses pods that came meanwhile. Throws `KubernetesError`, what
    /// `check` throws, or `CancellationError`.
    mutating func finish(_ check: (NodePods) throws -> Void) async throws {
        var failures = 0
        while true {
            var pause = DrainRun.look
            do {
                let pods = try await DrainRun.pods(of: node, client)
                stayed = pods.staying
                left = Set(pods.moving.compactMap(\.uid))
                seen.formUnion(left)
                if left.isEmpty { return }
                try check(pods)
                for pod in pods.moving where !pod.isBeingDeleted { try await move(pod) }
                context.progress(progress(pods))
                failures = 0
            } catch let error as KubernetesError where error.isTransient && failures < DrainRun.mostFailures {
                failures += 1
                pause = min(error.retryAfter ?? DrainRun.look * failures, DrainRun.longestWait)
            }
            try await context.time.sleep(for: pause)
        }
    }

    private mutating func move(_ pod: ClusterObject) async throws {
        let uid = pod.uid ?? pod.title
        let now = context.time.now
        if told.contains(uid) { return }
        if let wait = waits[uid], wait.until > now { return }
        switch try await client.evict(pod) {
        case .begun:
            told.insert(uid)
            waits[uid] = nil
        case .refused(let why, let after): waits[uid] = (DrainRun.budget(why), now.advanced(by: DrainRun.wait(after)))
        case .never(let why):
            throw ActionError(
                "pod \(pod.namespace ?? "")/\(pod.name) cannot be evicted: \(why)",
                hint: "leave one PodDisruptionBudget that selects it")
        case .busy(let why, let after): waits[uid] = (why, now.advanced(by: DrainRun.wait(after)))
        }
    }

    private static func wait(_ after: Duration?) -> Duration { min(after ?? patience, longestWait) }

    /// `budget web (needs 2 healthy pods and has 2 currently)` of the server's words, which stay as they are where they
    /// are others.
    private static func budget(_ words: String) -> String {
        let start = "The disruption budget "
        guard words.hasPrefix(start) else { return words }
        let parts = words.dropFirst(start.count).split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { return words }
        return "budget \(parts[0]) (\(parts[1]))"
    }

    /// `node n1 takes no new pods; 3 of 7 pods moved; analytics/postgresql-0 waits for budget postgresql (…)`.
    private func progress(_ pods: NodePods) -> String {
        var parts = ["node \(node) takes no new pods", "\(moved) of \(DrainRun.count(total)) moved"]
        let waiting = pods.moving.filter { !$0.isBeingDeleted && waits[$0.uid ?? $0.title] != nil }
        let shown = waiting.first ?? pods.moving.first
        if let shown {
            let why = waits[shown.uid ?? shown.title].map { "waits for \($0.why)" } ?? "is ending"
            let more = waiting.count > 1 ? ", and \(waiting.count - 1) more wait" : ""
            parts.append("\(shown.namespace ?? "")/\(shown.name) \(why)\(more)")
        }
        return parts.joined(separator: "; ")
    }
}
