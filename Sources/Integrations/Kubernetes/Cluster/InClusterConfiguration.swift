import Domain

/// The service account that Kubernetes mounts into a pod
/// (kubernetes.io/docs/tasks/run-application/access-api-from-pod).
enum InClusterConfiguration {
    static let folder = "/var/run/secrets/kubernetes.io/serviceaccount"

    static func access(
        environment: [String: String], folder: String = folder
    ) throws(ClusterAccessError) -> ClusterAccess {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty
        else {
            throw ClusterAccessError(
                "in_cluster is set, but KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not",
                hint: "run the bot in a pod, or give kubeconfig or server")
        }
        _ = try ClusterFile.read("\(folder)/token")
        return try ClusterAccess(
            server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)",
            trustedCertificates: try ClusterFile.read("\(folder)/ca.crt"), credential: .tokenFile("\(folder)/token"))
    }
}
