import Domain
import Foundation

/// What the cluster's events add to a stall: what a probe was answered, and why a claim has no volume. What cannot be
/// had is left out, for it is only an addition.
struct StallEvents: Sendable {
    var client: KubernetesClient
    var namespace: String

    /// To be put behind the stall's message; empty when there is nothing to add.
    func words(_ stall: Stall) async -> String {
        guard let pod = stall.pod else { return "" }
        switch stall.cause {
        case .probe:
            return await newest("Pod", pod) { $0.text("reason") == "Unhealthy" }.map { ": \($0)" } ?? ""
        case .volume: return await claimWords(pod)
        case .imagePull, .crashLoop, .configuration, .unschedulable, .notCreated, .deadline, .paused, .jobFailed:
            return ""
        }
    }

    /// `; claim data-db-0 (StorageClass fast): failed to provision …`
    private func claimWords(_ pod: String) async -> String {
        guard let found = try? await client.get(.pods, namespace: namespace, name: pod) else { return "" }
        for volume in found["spec", "volumes"]?.arrayValue ?? [] {
            guard let name = volume["persistentVolumeClaim"]?["claimName"]?.stringValue,
                let claim = try? await client.get(.volumeClaims, namespace: namespace, name: name),
                claim.text("status", "phase") != "Bound"
            else { continue }
            let type = claim.text("spec", "storageClassName").map { "StorageClass \($0)" } ?? "no StorageClass"
            let event = await newest("PersistentVolumeClaim", name) { _ in true }
            return "; claim \(name) (\(type))" + (event.map { ": \($0)" } ?? " is not bound")
        }
        return ""
    }

    private func newest(_ kind: String, _ name: String, _ isMeant: (ClusterObject) -> Bool) async -> String? {
        let fields = "involvedObject.kind=\(kind),involvedObject.name=\(name)"
        guard let list = try? await client.list(.events, namespace: namespace, fields: fields) else { return nil }
        let found = list.objects.filter { $0.text("involvedObject", "name") == name && isMeant($0) }
            .max { ($0.lastSeen ?? .distantPast) < ($1.lastSeen ?? .distantPast) }
        return found?.text("message").map { String($0.prefix(500)) }
    }
}
