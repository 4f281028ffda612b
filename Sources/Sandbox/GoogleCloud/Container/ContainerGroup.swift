import Domain
import Foundation

/// The managed instance groups that a node pool's nodes are in, one in each of its zones: they tell how many there are.
enum ContainerGroup {
    /// `projects/p/zones/z/instanceGroupManagers/gke-cluster-pool-grp`.
    static func path(of pool: String, zone: String) -> String {
        let parts = pool.split(separator: "/").map(String.init)
        let name = "gke-\(parts[5])-\(GoogleState.last(pool))"
        return "projects/\(parts[1])/zones/\(zone)/instanceGroupManagers/\(name.prefix(59))-grp"
    }

    /// The groups are as large as the pool is to be.
    static func adjust(_ pool: String, _ state: inout GoogleState) {
        let count = state.nodes[pool] ?? 0
        for zone in (state.resources[pool]?.body["locations"]?.arrayValue ?? []).map(\.plainText) {
            let path = path(of: pool, zone: zone)
            if state.resources[path] == nil { state.resources[path] = made(path, zone, state.newID()) }
            state.update(path) { $0.body["targetSize"] = .int(Int64(count)) }
        }
    }

    private static func made(_ path: String, _ zone: String, _ id: String) -> GoogleResource {
        let group = path.replacing("/instanceGroupManagers/", with: "/instanceGroups/")
        return GoogleResource(
            path: path,
            body: [
                "kind": "compute#instanceGroupManager", "id": .string(id), "name": .string(GoogleState.last(path)),
                "selfLink": ComputeReference.json(path),
                "zone": ComputeReference.json(ComputeReference.scope(of: path)),
                "baseInstanceName": .string(String(GoogleState.last(path).dropLast(4))),
                "instanceGroup": ComputeReference.json(group), "status": ["isStable": true],
            ], isReady: true, visibleFrom: .distantPast)
    }

    /// With the pool go its groups.
    static func leave(_ pool: String, _ state: inout GoogleState) {
        for zone in (state.resources[pool]?.body["locations"]?.arrayValue ?? []).map(\.plainText) {
            state.resources[path(of: pool, zone: zone)] = nil
        }
        state.resources[pool] = nil
        state.nodes[pool] = nil
    }
}
