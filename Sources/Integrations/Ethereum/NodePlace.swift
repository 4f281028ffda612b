import Domain

/// Where the two processes of a node run, so that they can be restarted there.
package enum NodePlace: Sendable, Hashable {
    /// A workload of Kubernetes.
    package struct Workload: Sendable, Hashable {
        package var kind: String
        package var name: String

        /// Reads `StatefulSet/geth-0`.
        init?(_ text: String) {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, parts[0] == "StatefulSet" || parts[0] == "Deployment", !parts[1].isEmpty else {
                return nil
            }
            (kind, name) = (parts[0], parts[1])
        }
    }

    case cluster(String, namespace: String, execution: Workload, consensus: Workload)
    /// Units of systemd on a host that SSH reaches.
    case host(String, executionUnit: String, consensusUnit: String)

    static let words = ["kubernetes", "host"]

    /// One of `words`, as conditions of steps compare it.
    var word: String {
        switch self {
        case .cluster: "kubernetes"
        case .host: "host"
        }
    }

    /// The host's name in the settings; empty on Kubernetes.
    var host: String {
        switch self {
        case .cluster: ""
        case .host(let name, _, _): name
        }
    }

    /// Names of the workloads or units.
    var execution: String {
        switch self {
        case .cluster(_, _, let execution, _): execution.name
        case .host(_, let unit, _): unit
        }
    }

    var consensus: String {
        switch self {
        case .cluster(_, _, _, let consensus): consensus.name
        case .host(_, _, let unit): unit
        }
    }

    /// Reads the section `runs_on`; nil when it has problems, which the reader then holds.
    static func read(_ input: inout InputReader) -> NodePlace? {
        let workload = try? Pattern("(StatefulSet|Deployment)/[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")  // constant
        let unit = try? Pattern("[A-Za-z0-9][A-Za-z0-9:_.@-]{0,250}")  // constant
        let cluster = input.optionalText("cluster", "A cluster of the settings, when it runs on Kubernetes")
        let namespace = input.optionalText("namespace", "Its namespace there")
        let execution = input.optionalText(
            "execution", "The execution client's workload, such as StatefulSet/geth-0", pattern: workload)
        let consensus = input.optionalText(
            "consensus", "The consensus client's workload, such as StatefulSet/lighthouse-0", pattern: workload)
        let host = input.optionalText("host", "Instead of 'cluster': a host that is reached by SSH")
        let executionUnit = input.optionalText(
            "execution_unit", "The execution client's unit of systemd there, such as geth.service", pattern: unit)
        let consensusUnit = input.optionalText(
            "consensus_unit", "The consensus client's unit there, such as lighthouse.service", pattern: unit)
        let onCluster = [cluster, namespace, execution, consensus]
        let onHost = [host, executionUnit, consensusUnit]
        switch (onCluster.contains { $0 != nil }, onHost.contains { $0 != nil }) {
        case (true, false):
            if let cluster, let namespace, let execution = execution.flatMap(Workload.init),
                let consensus = consensus.flatMap(Workload.init)
            {
                return .cluster(cluster, namespace: namespace, execution: execution, consensus: consensus)
            }
        case (false, true):
            if let host, let executionUnit, let consensusUnit {
                return .host(host, executionUnit: executionUnit, consensusUnit: consensusUnit)
            }
        case (true, true), (false, false): break
        }
        input.report(
            "where the node runs is not clear", field: "cluster",
            fix: "give cluster, namespace, execution and consensus, or host, execution_unit and consensus_unit")
        return nil
    }
}
