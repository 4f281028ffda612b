package import Domain

/// How a namespace stands, for `/defimon status`: workloads, endpoints, pods with problems.
package struct NamespaceStatus: Sendable {
    static let mostPods = 20

    private let clusters: ClusterDirectory

    package init(clusters: ClusterDirectory) { self.clusters = clusters }

    /// The parts of a report. Throws `ActionError`.
    package func status(cluster: String, namespace: String) async throws -> [Report.Block] {
        let target = ClusterTarget(cluster, clusters)
        return try await target.attempt("namespace \(namespace) cannot be looked at") { client in
            guard let found = try await client.find(.namespaces, name: namespace) else {
                return [.text("There is no namespace \(namespace) in cluster \(cluster).")]
            }
            var blocks: [Report.Block] = found.isBeingDeleted ? [.text("Namespace \(namespace) is being deleted.")] : []
            blocks.append(try await workloads(client, namespace))
            if let endpoints = try await endpoints(client, namespace) { blocks.append(endpoints) }
            if let pods = try await troubledPods(client, namespace) { blocks.append(pods) }
            return blocks
        }
    }

    private func workloads(_ client: KubernetesClient, _ namespace: String) async throws -> Report.Block {
        var fields: [Report.Field] = []
        for type in ResourceType.workloads {
            for workload in try await client.list(type, namespace: namespace).objects where workload.controller == nil {
                let images = workload.images.map(NamespaceStatus.tag).joined(separator: ", ")
                fields.append(.init("\(workload.kind)/\(workload.name)", "\(state(of: workload)) · \(images)"))
            }
        }
        return fields.isEmpty ? .text("Namespace \(namespace) has no workloads.") : .fields(fields)
    }

    private func state(of workload: ClusterObject) -> String {
        switch RolloutState(workload) {
        case .done(let ready, let wanted)?: "\(ready)/\(wanted) ready"
        case .waiting(let ready, let wanted)?: "\(ready)/\(wanted), rolling out"
        case .stalled(let stall)?: stall.message
        case nil: "?"
        }
    }

    private func endpoints(_ client: KubernetesClient, _ namespace: String) async throws -> Report.Block? {
        var fields: [Report.Field] = []
        for service in try await client.list(.services, namespace: namespace).objects {
            let ports = (service["spec", "ports"]?.arrayValue ?? []).compactMap { $0["port"]?.intValue }.map(
                String.init)
            fields.append(
                .init("Service/\(service.name)", "\(service.name).\(namespace):\(ports.joined(separator: ","))"))
        }
        for ingress in try await client.list(.ingresses, namespace: namespace).objects {
            let secured = Set(
                (ingress["spec", "tls"]?.arrayValue ?? []).flatMap { $0["hosts"]?.arrayValue ?? [] }
                    .compactMap(\.stringValue))
            let hosts = (ingress["spec", "rules"]?.arrayValue ?? []).compactMap { $0["host"]?.stringValue }
                .map { (secured.contains($0) ? "https://" : "http://") + $0 }
            fields.append(.init("Ingress/\(ingress.name)", hosts.isEmpty ? "no host" : hosts.joined(separator: ", ")))
        }
        return fields.isEmpty ? nil : .fields(fields)
    }

    private func troubledPods(_ client: KubernetesClient, _ namespace: String) async throws -> Report.Block? {
        let troubled = try await client.list(.pods, namespace: namespace).objects.map { ($0, PodCondition($0)) }
            .filter { !$0.1.isHealthy }
        guard !troubled.isEmpty else { return nil }
        var lines = troubled.prefix(NamespaceStatus.mostPods).map { $0.1.lines.joined(separator: "\n  ") }
        if troubled.count > NamespaceStatus.mostPods {
            lines.append("and \(troubled.count - NamespaceStatus.mostPods) more pods")
        }
        return .code(lines.joined(separator: "\n"))
    }

    /// `postgres:16.4` of `registry/library/postgres:16.4@sha256:…`.
    private static func tag(_ image: String) -> String {
        let name = image.split(separator: "@").first.map(String.init) ?? image
        return name.split(separator: "/").last.map(String.init) ?? name
    }
}
