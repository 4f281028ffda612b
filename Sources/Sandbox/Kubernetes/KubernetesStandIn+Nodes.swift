import Domain
import Foundation

extension KubernetesStandIn {
    /// A machine that joins the cluster as a node.
    package struct Machine: Sendable, Hashable {
        /// The node's name.
        package var name: String
        /// Its address in the private network.
        package var address: String
        /// Its address outside; empty: none.
        package var outsideAddress: String
        package var labels: [String: String]
        /// How the cloud's controller knows it: `hcloud://42`; empty: not at all.
        package var providerID: String

        package init(
            name: String, address: String, outsideAddress: String = "", labels: [String: String] = [:],
            providerID: String = ""
        ) {
            self.name = name
            self.address = address
            self.outsideAddress = outsideAddress
            self.labels = labels
            self.providerID = providerID
        }
    }

    /// A machine joins: there is a node that is ready, and pods that waited for one are scheduled. Nothing happens when
    /// a node of that name is there.
    package func addNode(_ machine: Machine) {
        store.change { state in
            guard state.object(.node, "", machine.name) == nil else { return }
            state.addNode(machine, now: time.now)
        }
    }

    /// A machine is gone for good: its node goes, and its pods are gone at once; what they belong to makes others.
    package func removeNode(_ name: String) {
        store.change { state in
            guard let node = state.object(.node, "", name) else { return }
            // Without preconditions a node's deletion is not refused.
            _ = try? state.delete(.node, node, DeleteOptions(), now: time.now)
        }
    }
}

extension ClusterState {
    fileprivate mutating func addNode(_ machine: KubernetesStandIn.Machine, now: Date) {
        var node = KubernetesObject([
            "metadata": [
                "name": .string(machine.name), "labels": .object(machine.labels.mapValues { .string($0) }),
            ]
        ])
        if !machine.providerID.isEmpty { node["spec", "providerID"] = .string(machine.providerID) }
        // A name that is no name of a node joins nothing.
        guard let made = try? create(.node, node, .controller(now)) else { return }
        var addresses: [JSONValue] = [
            ["type": "InternalIP", "address": .string(machine.address)],
            ["type": "Hostname", "address": .string(machine.name)],
        ]
        if !machine.outsideAddress.isEmpty {
            addresses.append(["type": "ExternalIP", "address": .string(machine.outsideAddress)])
        }
        setStatus(.node, made, ["addresses": .array(addresses)], now: now)
    }

    /// Pods of a node that is no more are gone without their grace, as the control plane's collector takes them
    /// (kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle, "Garbage collection of Pods").
    mutating func collectPods(_ pass: ControlPass) {
        let nodes = Set(list(.node).map(\.name))
        for pod in list(.pod) {
            guard let node = pod["spec", "nodeName"]?.stringValue, !nodes.contains(node) else { continue }
            var options = DeleteOptions()
            options.gracePeriodSeconds = 0
            // Without preconditions a pod's deletion is never refused.
            _ = try? delete(.pod, pod, options, now: pass.now)
        }
    }
}
