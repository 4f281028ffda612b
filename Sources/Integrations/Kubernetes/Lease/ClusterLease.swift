import Domain

/// The Lease in its cluster.
struct ClusterLease: LeaseBoard {
    let clusters: ClusterDirectory
    let settings: LeaseSettings

    func read() async throws -> LeaseRecord? {
        try await told { client in
            try await client.find(.leases, namespace: settings.namespace, name: settings.name).map { LeaseRecord($0) }
        }
    }

    func write(_ new: LeaseRecord, over old: LeaseRecord?) async throws -> LeaseRecord {
        try await told { client in
            guard let old else {
                let object = ClusterObject([
                    "apiVersion": "coordination.k8s.io/v1", "kind": "Lease",
                    "metadata": ["name": .string(settings.name), "namespace": .string(settings.namespace)],
                    "spec": new.spec,
                ]).labelled()
                return LeaseRecord(try await client.create(.leases, namespace: settings.namespace, object.json))
            }
            // With its version in the change the server refuses it when anybody has written since.
            let change: JSONValue = ["metadata": ["resourceVersion": .string(old.version)], "spec": new.spec]
            do {
                return LeaseRecord(
                    try await client.patch(
                        .leases, namespace: settings.namespace, name: settings.name, .merge, change))
            } catch let error as KubernetesError where error.isNotFound {
                throw LeaseError.conflict  // it was deleted
            }
        }
    }

    private func told<Value: Sendable>(_ body: (KubernetesClient) async throws -> Value) async throws -> Value {
        do {
            return try await body(try clusters.client(settings.cluster))
        } catch let error as KubernetesError where error.status == 409 {
            throw LeaseError.conflict
        } catch let error as KubernetesError {
            // Certificates and tokens of a kubeconfig may have been replaced.
            _ = clusters.readAgain()
            throw LeaseError.failed(String(error.message.prefix(500)))
        } catch let error as ActionError {
            throw LeaseError.failed(error.message)
        }
    }
}
