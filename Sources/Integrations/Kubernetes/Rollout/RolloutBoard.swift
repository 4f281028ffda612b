import Domain
import Foundation

/// All that is known while rollouts are waited for: the workloads, their pods and ReplicaSets, as the feeds tell them.
actor RolloutBoard {
    /// How it stands.
    enum Verdict: Sendable {
        case ready([ClusterObject])
        case stalled(Stall)
        /// A named workload is not there, or not any more.
        case missing(String)
    }

    /// One workload by kind and name.
    struct Name: Sendable, Hashable {
        var kind: String
        var name: String
    }

    private let wanted: Set<Name>
    private let kinds: Set<String>
    private let time: any TimeSource
    private let progress: @Sendable (String) -> Void
    /// Whether it is enough that new pods run for a while.
    private let untilStarted: Bool
    private var objects: [String: [String: ClusterObject]] = [:]
    /// Since when the containers of a pod run, by how often they were started.
    private var runs: [String: (starts: [Int], since: Date)] = [:]
    /// Since when a pod or a workload shows the same trouble.
    private var troubles: [String: (trouble: String, since: Date)] = [:]
    private var lastProgress = ""

    /// `wanted` empty: all workloads of `kinds`. `watched` are the kinds that the feeds tell about.
    init(
        wanted: Set<Name>, kinds: Set<String>, time: any TimeSource, untilStarted: Bool = false,
        progress: @escaping @Sendable (String) -> Void
    ) {
        self.wanted = wanted
        self.untilStarted = untilStarted
        self.kinds = kinds
        self.time = time
        self.progress = progress
    }

    /// Kinds that must be watched beside those of the workloads: ReplicaSets stand between Deployments and pods.
    static func helpers(of kinds: Set<String>) -> Set<String> {
        kinds.contains("Deployment") ? ["Pod", "ReplicaSet"] : ["Pod"]
    }

    /// What of an object is looked at here: of a ReplicaSet who made it, and its revision.
    static func keep(_ object: ClusterObject) -> ClusterObject {
        guard object.kind == "ReplicaSet", case .object(let members) = object.json else { return object }
        return ClusterObject(.object(members.filter { ["apiVersion", "kind", "metadata"].contains($0.key) }))
    }

    /// Takes in one change of a kind; gives a verdict when there is one.
    func take(_ change: ObjectFeed.Change, of kind: String) -> Verdict? {
        switch change {
        case .all(let all):
            objects[kind] = Dictionary(all.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        case .changed(let object): objects[kind]?[object.name] = object
        case .removed(let object): objects[kind]?[object.name] = nil
        }
        return look()
    }

    /// Looks again because time has passed.
    func look() -> Verdict? {
        guard kinds.union(RolloutBoard.helpers(of: kinds)).allSatisfy({ objects[$0] != nil }) else { return nil }
        if let gone = wanted.sorted(by: { $0.name < $1.name }).first(where: { objects[$0.kind]?[$0.name] == nil }) {
            return .missing("\(gone.kind)/\(gone.name)")
        }
        let workloads = self.workloads
        let pods = podsOfWorkloads()
        var unfinished: [(ClusterObject, RolloutState)] = []
        for workload in workloads {
            guard let state = RolloutState(workload) else { continue }
            if case .done = state { continue }
            if untilStarted, isStarted(workload, state, pods[workload.boardName] ?? []) { continue }
            unfinished.append((workload, state))
        }
        if unfinished.isEmpty { return .ready(workloads) }
        tell(unfinished)
        return stall(unfinished, pods).map(Verdict.stalled)
    }

    /// Workloads of which pods should be there and are not, for whose reason the cluster's events must be asked.
    func withoutPods() -> [ClusterObject] {
        let pods = podsOfWorkloads()
        return workloads.filter { workload in
            guard ["StatefulSet", "DaemonSet", "Job"].contains(workload.kind),
                case .waiting(_, let wanted)? = RolloutState(workload)
            else { return false }
            return pods[workload.boardName]?.count ?? 0 < wanted
        }
    }

    private var workloads: [ClusterObject] {
        kinds.sorted().flatMap { kind in
            (objects[kind] ?? [:]).values.filter { object in
                wanted.isEmpty
                    ? !object.isBeingDeleted && object.controller == nil
                    : wanted.contains(Name(kind: kind, name: object.name))
            }.sorted { $0.name < $1.name }
        }
    }

    // MARK: Stalls

    /// Pods tell the cause, so they are looked at before what the workload itself says.
    private func stall(_ unfinished: [(ClusterObject, RolloutState)], _ pods: [Name: [ClusterObject]]) -> Stall? {
        var seen: Set<String> = []
        defer { troubles = troubles.filter { seen.contains($0.key) } }
        for (workload, state) in unfinished {
            for pod in pods[workload.boardName] ?? [] {
                guard let trouble = PodTrouble(pod) else { continue }
                let isOld = !isNew(pod, of: workload)
                if isOld, !blocks(workload) { continue }
                // Readiness is what is not waited for.
                if untilStarted, !isOld, trouble.kind == .probe { continue }
                let key = "pod \(pod.name)"
                seen.insert(key)
                // What has lasted until the workload's own deadline is the cause, and tells more than that.
                let isLate = isPastDeadline(workload)
                if lasts(key, trouble.reason, isLate ? .zero : trouble.patience) {
                    return trouble.stall(of: workload, pod: pod, isOld: isOld)
                }
            }
            guard case .stalled(let stall) = state else { continue }
            let key = workload.title
            seen.insert(key)
            // A quota may be free again in a moment, when the pods of the old revision are gone.
            let patience: Duration = stall.cause == .notCreated && !isPastDeadline(workload) ? .seconds(20) : .zero
            if lasts(key, stall.cause.rawValue, patience) { return stall }
        }
        return nil
    }

    private func isPastDeadline(_ workload: ClusterObject) -> Bool {
        workload.condition("Progressing")?.reason == "ProgressDeadlineExceeded"
    }

    private func lasts(_ key: String, _ trouble: String, _ patience: Duration) -> Bool {
        let now = time.now
        guard let known = troubles[key], known.trouble == trouble else {
            troubles[key] = (trouble, now)
            return patience == .zero
        }
        return now.since(known.since) >= patience
    }

    // MARK: Pods of a workload

    /// The pods that workloads have made, by the workload, each list by name. Made once for a look: with hundreds of
    /// workloads a search for each would take longer than their changes come apart.
    private func podsOfWorkloads() -> [Name: [ClusterObject]] {
        var found: [Name: [ClusterObject]] = [:]
        for pod in (objects["Pod"] ?? [:]).values {
            if let name = workload(of: pod) { found[name, default: []].append(pod) }
        }
        return found.mapValues { $0.sorted { $0.name < $1.name } }
    }

    private func workload(of pod: ClusterObject) -> Name? {
        guard let owner = pod.controller else { return nil }
        guard owner.kind == "ReplicaSet" else { return Name(kind: owner.kind, name: owner.name) }
        return objects["ReplicaSet"]?[owner.name]?.controller.map { Name(kind: $0.kind, name: $0.name) }
    }

    /// Whether the pod is of the revision that is being rolled out.
    private func isNew(_ pod: ClusterObject, of workload: ClusterObject) -> Bool {
        switch workload.kind {
        case "Deployment":
            let revision = "deployment.kubernetes.io/revision"
            guard let wanted = workload.annotations[revision], let owner = pod.controller,
                let set = objects["ReplicaSet"]?[owner.name]?.annotations[revision]
            else { return true }
            return set == wanted
        case "StatefulSet":
            guard let wanted = workload.text("status", "updateRevision"),
                let revision = pod.labels["controller-revision-hash"]
            else { return true }
            return revision == wanted
        case "DaemonSet":
            guard let wanted = workload.annotations["deprecated.daemonset.template.generation"],
                let generation = pod.labels["pod-template-generation"]
            else { return true }
            return generation == wanted
        default: return true
        }
    }

    /// Whether a broken pod of an older revision holds the rollout up: a StatefulSet in order does not replace it.
    private func blocks(_ workload: ClusterObject) -> Bool {
        workload.kind == "StatefulSet" && workload.text("spec", "podManagementPolicy") != "Parallel"
    }

    // MARK: Started

    /// A container that runs for so long has not crashed at its start.
    static let startLasts = Duration.seconds(10)

    /// Whether all pods are new, and their containers run and have done so for a while.
    private func isStarted(_ workload: ClusterObject, _ state: RolloutState, _ pods: [ClusterObject]) -> Bool {
        guard workload.isObserved, let counts = state.counts, pods.count == counts.wanted else { return false }
        // Each is looked at, so that the time of all begins.
        return pods.filter { !isRunning($0) || !isNew($0, of: workload) }.isEmpty
    }

    private func isRunning(_ pod: ClusterObject) -> Bool {
        let statuses = pod["status", "containerStatuses"]?.arrayValue ?? []
        guard !pod.isBeingDeleted, !statuses.isEmpty, statuses.allSatisfy({ $0["state"]?["running"] != nil }) else {
            runs[pod.name] = nil
            return false
        }
        let starts = statuses.map { $0["restartCount"]?.intValue ?? 0 }
        guard let known = runs[pod.name], known.starts == starts else {
            runs[pod.name] = (starts, time.now)
            return false
        }
        return time.now.since(known.since) >= RolloutBoard.startLasts
    }

    // MARK: Progress

    private func tell(_ unfinished: [(ClusterObject, RolloutState)]) {
        var parts = unfinished.prefix(10).map { workload, state in
            "\(workload.name) " + (state.counts.map { "\($0.ready)/\($0.wanted)" } ?? "waits")
        }
        if unfinished.count > 10 { parts.append("and \(unfinished.count - 10) more") }
        let text = parts.joined(separator: ", ")
        if text != lastProgress { progress(text) }
        lastProgress = text
    }
}

extension ClusterObject {
    fileprivate var boardName: RolloutBoard.Name { RolloutBoard.Name(kind: kind, name: name) }
}
