import Foundation

/// An alert that can be fired on the sandbox's page.
package struct SandboxAlert: Sendable {
    /// Unique: `geth-down-0`.
    package var id: String
    /// What the button says: `Geth down on geth-0`.
    package var title: String
    package var labels: [String: String]
    package var annotations: [String: String]
    /// The names of the labels by which Alertmanager groups it.
    package var groupBy: [String]
    /// Makes the world such that the alert is true, before it is sent: takes the node down.
    package var onFire: @Sendable () async -> Void = {}
    /// Whether its cause is gone now. When it was there after the firing and then is gone, the alert resolves by itself,
    /// as Prometheus would find. Nil: a person resolves it.
    package var isOver: (@Sendable () async -> Bool)?

    package init(
        id: String, title: String, labels: [String: String], annotations: [String: String], groupBy: [String]
    ) {
        self.id = id
        self.title = title
        self.labels = labels
        self.annotations = annotations
        self.groupBy = groupBy
    }

    /// Geth of one node does not answer.
    package static func gethDown(_ node: String) -> SandboxAlert {
        SandboxAlert(
            id: "geth-down-\(node)", title: "Geth down: \(node)",
            labels: [
                "alertname": "GethDown", "instance": "\(node):6060", "job": "geth", "severity": "critical",
                "pool": "infrastructure",
            ],
            annotations: [
                "summary": "Geth is down (instance \(node):6060)",
                "description": "\(node) has not answered for 5 minutes\n  VALUE = 0",
            ],
            groupBy: ["alertname", "instance"])
    }

    /// Geth of one of the stand-in's nodes: firing takes the node down, and the alert resolves when it is in sync again.
    package static func gethDown(_ node: String, on ethereum: EthereumStandIn) -> SandboxAlert {
        var alert = gethDown(node)
        alert.onFire = { ethereum.set(node, .down) }
        alert.isOver = { ethereum.look(at: node)?.isInSync ?? true }
        return alert
    }

    /// Geth of one of the stand-in's nodes follows the chain no more.
    package static func gethStuck(_ node: String, on ethereum: EthereumStandIn) -> SandboxAlert {
        var alert = SandboxAlert(
            id: "geth-stuck-\(node)", title: "Geth head stuck: \(node)",
            labels: [
                "alertname": "GethHeadBlockStuck", "instance": "\(node):6060", "job": "geth", "severity": "critical",
                "pool": "infrastructure",
            ],
            annotations: [
                "summary": "Geth head block stuck (instance \(node):6060)",
                "description": "No new head block for 10 minutes\n  VALUE = 0",
            ],
            groupBy: ["alertname", "instance"])
        alert.onFire = { ethereum.set(node, .stuck, ago: .seconds(600)) }
        alert.isOver = { ethereum.look(at: node)?.isInSync ?? true }
        return alert
    }

    /// Lighthouse of one of the stand-in's nodes does not answer; Geth of the same number hears of no blocks.
    package static func lighthouseDown(_ node: String, on ethereum: EthereumStandIn) -> SandboxAlert {
        let lighthouse = node.replacingOccurrences(of: "geth", with: "lighthouse")
        var alert = SandboxAlert(
            id: "lighthouse-down-\(node)", title: "Lighthouse down: \(lighthouse)",
            labels: [
                "alertname": "LighthouseDown", "instance": "\(lighthouse):5054", "job": "lighthouse",
                "severity": "critical", "pool": "infrastructure",
            ],
            annotations: [
                "summary": "Lighthouse is down (instance \(lighthouse):5054)",
                "description": "The consensus client does not answer its metrics port\n  VALUE = 0",
            ],
            groupBy: ["alertname", "instance"])
        alert.onFire = { ethereum.set(node, .lighthouseDown, true, ago: .seconds(600)) }
        alert.isOver = { ethereum.look(at: node)?.isInSync ?? true }
        return alert
    }

    /// A container of a pod starts and dies again and again.
    package static func podCrashLooping(
        namespace: String = "analytics", pod: String = "analytics-api-7d9f8c6b5-x2x9q",
        container: String = "analytics-api"
    ) -> SandboxAlert {
        SandboxAlert(
            id: "pod-crash-looping", title: "Pod crash-looping",
            labels: [
                "alertname": "KubernetesPodCrashLooping", "namespace": namespace, "pod": pod, "container": container,
                "instance": "kube-state-metrics:8080", "job": "kube-state-metrics", "reason": "CrashLoopBackOff",
                "severity": "critical",
            ],
            annotations: [
                "summary": "\(pod) is crash-looping",
                "description":
                    "Container \(container) of pod \(pod) in \(namespace) has restarted 5 times in 10 minutes",
            ],
            groupBy: ["alertname", "namespace"])
    }

    /// A container of a pod was killed at its memory limit.
    package static func outOfMemory(namespace: String, pod: String, container: String) -> SandboxAlert {
        SandboxAlert(
            id: "out-of-memory-\(container)", title: "Out of memory: \(container)",
            labels: [
                "alertname": "KubernetesContainerOomKiller", "namespace": namespace, "pod": pod,
                "container": container, "instance": "kube-state-metrics:8080", "job": "kube-state-metrics",
                "severity": "critical",
            ],
            annotations: [
                "summary": "\(container) of \(pod) ran out of memory",
                "description": "Container \(container) of pod \(pod) in \(namespace) was killed at its memory limit",
            ],
            groupBy: ["alertname", "namespace"])
    }
}
