import Domain
import Foundation

/// All that is known of a Job while it is followed: the Job, its pods, and what they write.
actor JobBoard {
    /// How it ended.
    enum Verdict: Sendable {
        case complete(ClusterObject)
        case failed(ClusterObject)
        /// It would not begin by itself.
        case stuck(Stall)
        /// Somebody deleted it.
        case removed
    }

    /// Pods whose logs are read.
    static let mostLogs = 8
    /// Pods that are remembered.
    static let mostPods = 50

    private let uid: String
    private let nodePatience: Duration
    private let context: ActionContext
    private let readable: AsyncStream<ClusterObject>.Continuation
    private var job: ClusterObject?
    private(set) var pods: [String: ClusterObject] = [:]
    private var read: Set<String> = []
    private var troubles: [String: (trouble: PodTrouble, since: Date)] = [:]
    private(set) var log = LogKeep()
    private(set) var logNotes: [String] = []
    private var phase = "waits for its pod"

    /// Pods whose containers have begun are told to `readable`, each once.
    init(
        uid: String, nodePatience: Duration, context: ActionContext,
        readable: AsyncStream<ClusterObject>.Continuation
    ) {
        self.uid = uid
        self.nodePatience = nodePatience
        self.context = context
        self.readable = readable
    }

    // MARK: What the feeds tell

    func take(job change: ObjectFeed.Change) -> Verdict? {
        switch change {
        case .all(let jobs):
            guard let found = jobs.first(where: { $0.uid == uid }) else { return .removed }
            return verdict(of: found)
        case .changed(let changed) where changed.uid == uid: return verdict(of: changed)
        case .removed(let gone) where gone.uid == uid: return .removed
        case .changed, .removed: return nil
        }
    }

    private func verdict(of job: ClusterObject) -> Verdict? {
        self.job = job
        if job.condition("Complete")?.isTrue == true { return .complete(job) }
        if job.condition("Failed")?.isTrue == true { return .failed(job) }
        if job["spec", "suspend"]?.boolValue == true { return .stuck(.paused(job)) }
        return nil
    }

    func take(pods change: ObjectFeed.Change) -> Verdict? {
        switch change {
        case .all(let all): for pod in all { see(pod) }
        case .changed(let pod): see(pod)
        // It is remembered as it was, for its end tells why the Job failed.
        case .removed(let pod): troubles[pod.name] = nil
        }
        tell()
        return look()
    }

    private func see(_ pod: ClusterObject) {
        guard pod.controller?.uid == uid, pods[pod.name] != nil || pods.count < JobBoard.mostPods else { return }
        pods[pod.name] = pod
        phase = JobBoard.words(pod)
        if let trouble = PodTrouble(pod) {
            let isSame = troubles[pod.name]?.trouble.reason == trouble.reason
            troubles[pod.name] = (trouble, isSame ? troubles[pod.name]?.since ?? context.time.now : context.time.now)
            phase = trouble.kind == .unschedulable ? "waits for a node: \(trouble.message)" : trouble.reason
        } else {
            troubles[pod.name] = nil
        }
        let state = JobEnd.status(of: pod)?["state"]
        if state?["running"] != nil || state?["terminated"] != nil,
            read.count < JobBoard.mostLogs, read.insert(pod.name).inserted
        {
            readable.yield(pod)
        }
    }

    /// A trouble that has lasted.
    func look() -> Verdict? {
        for (name, entry) in troubles.sorted(by: { $0.key < $1.key }) {
            let patience = entry.trouble.kind == .unschedulable ? nodePatience : entry.trouble.patience
            guard context.time.now.since(entry.since) >= patience, let job, let pod = pods[name] else { continue }
            return .stuck(entry.trouble.stall(of: job, pod: pod, isOld: false))
        }
        return nil
    }

    /// The Job, while it has no pod.
    var withoutPods: ClusterObject? { pods.isEmpty ? job : nil }

    /// No pod more will be told.
    func close() { readable.finish() }

    // MARK: What the logs tell

    func add(_ line: String) {
        log.add(line)
        tell()
    }

    func note(_ text: String) { logNotes.append(text) }

    private func tell() { context.progress(phase + (log.last.map { ": \($0)" } ?? "")) }

    private static func words(_ pod: ClusterObject) -> String {
        switch pod.text("status", "phase") {
        case "Running": "runs"
        case "Succeeded": "has ended"
        case "Failed": "has failed"
        default:
            JobEnd.status(of: pod)?["state"]?["waiting"]?["reason"]?.stringValue == "ContainerCreating"
                ? "is made ready on its node" : "waits for its pod"
        }
    }
}
