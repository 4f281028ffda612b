import Domain

/// One path of one host in an Ingress, and the Service behind it.
struct IngressRule: Sendable {
    let namespace: String
    let host: String
    let path: String
    let isExact: Bool
    let service: String
    /// A number, or the name of one of the Service's ports.
    let port: JSONValue

    static func all(in kubernetes: KubernetesStandIn) -> [IngressRule] {
        kubernetes.objects(apiVersion: "networking.k8s.io/v1", kind: "Ingress").flatMap { ingress in
            (ingress.at(path: "spec.rules")?.arrayValue ?? []).flatMap { rule in
                (rule.at(path: "http.paths")?.arrayValue ?? []).compactMap { path in
                    path.at(path: "backend.service.name")?.stringValue.map { service in
                        let port = path.at(path: "backend.service.port")
                        return IngressRule(
                            namespace: ingress.at(path: "metadata.namespace")?.stringValue ?? "",
                            host: rule["host"]?.stringValue ?? "", path: path["path"]?.stringValue ?? "/",
                            isExact: path["pathType"] == "Exact", service: service,
                            port: port?["number"] ?? port?["name"] ?? .null)
                    }
                }
            }
        }
    }

    /// The one that a request is led by: an exact path before a beginning, the longer beginning before the shorter.
    static func first(for host: String, _ path: String, in kubernetes: KubernetesStandIn) -> IngressRule? {
        all(in: kubernetes).filter { ($0.host.isEmpty || matches(host, $0.host)) && $0.leads(path) }
            .max { ($0.isExact ? 1 : 0, $0.path.utf8.count) < ($1.isExact ? 1 : 0, $1.path.utf8.count) }
    }

    /// Whether a host is meant, which may be written with a star for its first label.
    static func matches(_ host: String, _ written: String) -> Bool {
        guard written.hasPrefix("*."), let dot = host.firstIndex(of: ".") else { return host == written }
        return host[dot...] == written.dropFirst(1)
    }

    /// A beginning counts by whole parts: `/a` leads `/a/b`, and not `/ab`.
    private func leads(_ wanted: String) -> Bool {
        if isExact { return wanted == path }
        let parts = path.split(separator: "/")
        return wanted.split(separator: "/").starts(with: parts)
    }

    /// Where the Service leads; nil when it leads nowhere. A Service of the type ExternalName leads to its name, others to
    /// the first address of their Endpoints.
    func backend(in kubernetes: KubernetesStandIn) -> ListenAddress? {
        guard
            let object = kubernetes.object(apiVersion: "v1", kind: "Service", namespace: namespace, name: service)
        else { return nil }
        let ports = object.at(path: "spec.ports")?.arrayValue ?? []
        let known = ports.first { $0["port"] == port || $0["name"] == port }
        if object.at(path: "spec.type") == "ExternalName" {
            guard let name = object.at(path: "spec.externalName")?.stringValue,
                let number = port.intValue ?? known?["port"]?.intValue
            else { return nil }
            return ListenAddress(host: name, port: number)
        }
        let endpoints = kubernetes.object(apiVersion: "v1", kind: "Endpoints", namespace: namespace, name: service)
        for subset in endpoints?["subsets"]?.arrayValue ?? [] {
            let open = subset["ports"]?.arrayValue ?? []
            let one = open.count == 1 ? open.first : open.first { $0["name"] == known?["name"] }
            if known != nil, let host = subset.at(path: "addresses.0.ip")?.stringValue,
                let number = one?["port"]?.intValue
            {
                return ListenAddress(host: host, port: number)
            }
        }
        return nil
    }
}
