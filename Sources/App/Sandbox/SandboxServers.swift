import Domain
import Sandbox

/// Servers at Hetzner that install k3s are nodes of the sandbox' one cluster, for as long as they are there.
struct SandboxServers: Sendable {
    let hetzner: HetznerStandIn
    let kubernetes: KubernetesStandIn

    /// From now on nodes come and go with their servers.
    func connect() {
        // The stand-in holds what it calls.
        hetzner.onServerRunning { [weak hetzner, kubernetes] server in
            guard hetzner?.userData(server["name"]?.stringValue ?? "")?.contains("k3s") == true else { return }
            kubernetes.addNode(SandboxServers.machine(server))
        }
        hetzner.onServerGone { [kubernetes] server in
            kubernetes.removeNode(server["name"]?.stringValue ?? "")
        }
    }

    /// As k3s and Hetzner's cloud controller register it.
    private static func machine(_ server: JSONValue) -> KubernetesStandIn.Machine {
        func text(_ path: String) -> String { server.at(path: path)?.plainText ?? "" }
        var labels = [
            "node.kubernetes.io/instance-type": text("server_type.name"),
            "topology.kubernetes.io/region": text("location.name"),
            "topology.kubernetes.io/zone": text("datacenter.name"), "kubernetes.io/os": "linux",
        ]
        if text("name").contains("control") { labels["node-role.kubernetes.io/control-plane"] = "true" }
        let (inside, outside) = (text("private_net.0.ip"), text("public_net.ipv4.ip"))
        return KubernetesStandIn.Machine(
            name: text("name"), address: inside.isEmpty ? outside : inside, outsideAddress: outside, labels: labels,
            providerID: "hcloud://\(text("id"))")
    }
}
