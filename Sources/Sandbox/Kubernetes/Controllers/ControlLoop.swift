import Domain
import Foundation

/// Runs the controllers after every change, and when one of them asked to be woken.
struct ControlLoop: Sendable {
    let store: ClusterStore
    let time: any TimeSource
    let failures: FailureSwitch
    let timing: KubernetesTiming
    let onPodStart: @Sendable (String, String, String) -> Void

    /// Rounds in which controllers answer each other's changes; more than any rollout of the sandbox needs.
    private static let mostRounds = 100

    func run() async {
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let bell = store.bell()
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await _ in bell { wake.yield() }
                wake.finish()
            }
            wake.yield()
            var planned: Date?
            for await _ in wakes {
                // A cancelled sleep ends the loop at its next turn.
                try? await time.sleep(for: timing.controllers)
                let now = time.now
                if let moment = planned, moment <= now { planned = nil }
                guard let next = reconcile(now), next < planned ?? .distantFuture else { continue }
                planned = next
                group.addTask {
                    // A millisecond more, since a sleep may end a little early by the wall clock.
                    try? await time.sleep(for: next.since(now) + .milliseconds(1))  // cancelled: nobody looks any more
                    wake.yield()
                }
            }
            group.cancelAll()
        }
    }

    /// One look at everything; the moment for the next one comes back.
    private func reconcile(_ now: Date) -> Date? {
        let failures = failures.current
        let pass = store.change { state in
            var pass = ControlPass(now: now, timing: timing, failures: failures)
            for _ in 0..<ControlLoop.mostRounds {
                let before = state.version
                state.reconcile(&pass)
                if state.version == before { break }
            }
            return pass
        }
        for start in pass.started { onPodStart(start.namespace, start.workload, start.pod) }
        return pass.next
    }
}

extension ClusterState {
    /// All controllers once.
    mutating func reconcile(_ pass: inout ControlPass) {
        reconcileNamespaces(&pass)
        reconcileDefinitions(&pass)
        collectGarbage(&pass)
        collectPods(pass)
        reconcileAutoscalers(pass)
        reconcileDeployments(&pass)
        reconcileReplicaSets(&pass)
        reconcileStatefulSets(&pass)
        reconcileDaemonSets(&pass)
        reconcileJobs(&pass)
        reconcileClaims(&pass)
        reconcilePods(&pass)
        reconcileServices(&pass)
        reconcileDisruptionBudgets(pass)
        reconcileQuotas(pass)
    }
}
