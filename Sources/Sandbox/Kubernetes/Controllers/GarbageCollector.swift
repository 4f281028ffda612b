import Domain
import Foundation

extension ClusterState {
    /// Deletes what lost its owner, and the dependents of what is deleted in the foreground.
    mutating func collectGarbage(_ pass: inout ControlPass) {
        var alive: [String: KubernetesObject] = [:]
        for object in objects.values.joined() { alive[object.value.uid] = object.value }
        for kind in kinds.all {
            for object in list(kind) where !object.owners.isEmpty && !object.isDeleting {
                let owners = object.owners.compactMap { $0["uid"]?.stringValue }
                let living = owners.compactMap { alive[$0] }
                let isOrphaned = living.isEmpty
                let isFollowing =
                    !living.isEmpty
                    && living.allSatisfy {
                        $0.isDeleting && $0.finalizers.contains("foregroundDeletion")
                    }
                guard isOrphaned || isFollowing else { continue }
                var options = DeleteOptions()
                if isFollowing { options.propagation = .foreground }
                // Without preconditions a deletion is refused for namespaces only, which have no owners.
                _ = try? delete(kind, object, options, now: pass.now)
            }
        }
        for kind in kinds.all {
            for object in list(kind) where object.isDeleting && object.finalizers.contains("foregroundDeletion") {
                guard dependents(of: object.uid).isEmpty else { continue }
                control(kind, object, now: pass.now) { $0.finalizers.removeAll { $0 == "foregroundDeletion" } }
            }
        }
    }
}
