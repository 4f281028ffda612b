import Domain
import Sandbox
import ServiceLifecycle

extension SandboxHosts {
    /// The Ethereum node that a machine runs, and its units.
    static func node(of machine: String) -> String { machine.replacing("-vm-", with: "-") }
    static let executionUnit = "geth.service"
    static let consensusUnit = "lighthouse.service"

    private static func disk(of machine: String) -> String {
        "projects/\(SandboxSettings.googleProject)/zones/europe-west3-a/disks/\(machine)-data"
    }

    /// The machines have their data disks at Google, as an earlier deploy has made them; what grows there is larger here.
    func join(_ google: GoogleCloudStandIn) {
        let machines = hosts.filter { SandboxHosts.machines.contains($0.name) }
        for machine in machines {
            google.put(
                SandboxHosts.disk(of: machine.name),
                [
                    "sizeGb": .string(String(machine.programs.disk)), "status": "READY",
                    "labels": ["defimon": "infrastructure"],
                    "type": .string(
                        "https://www.googleapis.com/compute/v1/projects/\(SandboxSettings.googleProject)"
                            + "/zones/europe-west3-a/diskTypes/pd-ssd"),
                ])
        }
        google.onExchange { [weak google] _ in
            for machine in machines {
                guard let size = google?.resource(SandboxHosts.disk(of: machine.name))?["sizeGb"]?.stringValue,
                    let size = Int(size), size != machine.programs.disk
                else { continue }
                // A file of the sandbox that cannot be written shows as a disk that does not grow.
                try? machine.programs.set(disk: size)
            }
        }
    }

    /// What grows at Hetzner of the volume that the analytics cluster's first machine has is larger here.
    func join(_ hetzner: HetznerStandIn) {
        guard let control = self[SandboxHosts.control] else { return }
        hetzner.onExchange { [weak hetzner] _ in
            guard let size = hetzner?.thing("volumes", "\(control.name)-data")?["size"]?.intValue,
                size != control.programs.disk
            else { return }
            // A file of the sandbox that cannot be written shows as a volume that does not grow.
            try? control.programs.set(disk: size)
        }
    }

    /// The first machine of the analytics cluster has a kubeconfig, as k3s has written it.
    func join(_ kubernetes: KubernetesStandIn) async throws {
        let token = Secret("k3s-of-the-sandbox")
        try self[SandboxHosts.control]?.programs.put(
            file: SandboxHosts.kubeconfigPath, try await kubernetes.kubeconfig(token: token))
    }

    /// Nodes whose units are started again begin again.
    func units(of ethereum: EthereumStandIn) -> some Service { SandboxUnits(hosts: self, ethereum: ethereum) }
}

/// Tells the nodes which of their units were started.
private struct SandboxUnits: Service {
    let hosts: SandboxHosts
    let ethereum: EthereumStandIn

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var seen: [String: Int] = [:]
            while !Task.isCancelled {
                for host in hosts.hosts where SandboxHosts.machines.contains(host.name) {
                    let asked = host.programs.asked
                    for words in asked.dropFirst(seen[host.name] ?? 0) { take(words, of: host.name) }
                    seen[host.name] = asked.count
                }
                try? await Task.sleep(for: .milliseconds(200))  // it ends when it is cancelled
            }
        }
    }

    private func take(_ words: String, of machine: String) {
        let words = words.split(separator: " ")
        guard words.first == "start" || words.first == "restart" else { return }
        let node = SandboxHosts.node(of: machine)
        switch words.last.map(String.init) {
        case SandboxHosts.executionUnit?: ethereum.restarted(node)
        case SandboxHosts.consensusUnit?: ethereum.lighthouseRestarted(node)
        default: break
        }
    }
}
