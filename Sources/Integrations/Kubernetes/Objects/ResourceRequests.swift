import Domain
import Foundation

/// What pods and volume claims ask their cluster for.
struct ResourceRequests: Sendable, Hashable {
    /// In cores.
    var cpu = 0.0
    /// In bytes.
    var memory = 0.0
    var storage = 0.0

    /// The sum over pods that have not ended, and over claims.
    init(pods: [ClusterObject] = [], claims: [ClusterObject] = []) {
        for pod in pods where !["Succeeded", "Failed"].contains(pod.text("status", "phase")) {
            cpu += ResourceRequests.request("cpu", of: pod)
            memory += ResourceRequests.request("memory", of: pod)
        }
        for claim in claims {
            storage += ResourceAmount.parse(claim["spec", "resources", "requests", "storage"]) ?? 0
        }
    }

    static func + (left: ResourceRequests, right: ResourceRequests) -> ResourceRequests {
        var sum = left
        sum.cpu += right.cpu
        sum.memory += right.memory
        sum.storage += right.storage
        return sum
    }

    /// `1.25`, `4.5 GiB`, `30 GiB`.
    var texts: (cpu: String, memory: String, storage: String) {
        (ResourceRequests.short(cpu), ResourceRequests.bytes(memory), ResourceRequests.bytes(storage))
    }

    /// As the scheduler counts it: all containers together, or one that runs before them, whichever is more; and what
    /// the pod costs by itself (kubernetes.io/docs/concepts/workloads/pods/init-containers, resource sharing).
    private static func request(_ name: String, of pod: ClusterObject) -> Double {
        func asked(_ container: JSONValue) -> Double {
            let resources = container["resources"]
            return ResourceAmount.parse(resources?["requests"]?[name] ?? resources?["limits"]?[name]) ?? 0
        }
        let overhead = ResourceAmount.parse(pod["spec", "overhead", name]) ?? 0
        // Of a sidecar, which is an init container that goes on, beside those that come after it and all others.
        var staying = 0.0
        var most = 0.0
        for container in pod["spec", "initContainers"]?.arrayValue ?? [] {
            if container["restartPolicy"]?.stringValue == "Always" {
                staying += asked(container)
                most = max(most, staying)
            } else {
                most = max(most, staying + asked(container))
            }
        }
        let together = (pod["spec", "containers"]?.arrayValue ?? []).map(asked).reduce(staying, +)
        return max(together, most) + overhead
    }

    private static func bytes(_ amount: Double) -> String {
        let gib = amount / Double(1 << 30)
        return gib < 1 && amount > 0 ? short(amount / Double(1 << 20)) + " MiB" : short(gib) + " GiB"
    }

    /// At most two digits behind the point, none where they are zeros.
    private static func short(_ number: Double) -> String {
        let rounded = (number * 100).rounded() / 100
        if rounded == rounded.rounded() { return String(format: "%.0f", rounded) }
        let text = String(format: "%.2f", rounded)
        return text.hasSuffix("0") ? String(text.dropLast()) : text
    }
}
