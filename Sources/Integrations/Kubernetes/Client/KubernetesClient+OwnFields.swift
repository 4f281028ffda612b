import Domain

extension KubernetesClient {
    /// How often an apply that is bound to one version of an object is tried: its status may move meanwhile.
    static let pinnedTries = 5

    /// Server-side apply that may take fields of an object's `spec` over from the bot itself. Replicas that
    /// `kubernetes.scale` has set belong to the manager `defimon` with the operation Update; setting them by apply, which
    /// is another manager to the server, would be a conflict of the bot with itself. Fields of others are conflicts as
    /// ever: force is used only where all conflicts are with the bot, and only on the very version that was found so.
    func applyOverOwn(
        _ type: ResourceType, namespace: String? = nil, name: String, _ object: JSONValue, force: Bool = false,
        isDryRun: Bool = false
    ) async throws -> ClusterObject {
        do {
            return try await apply(
                type, namespace: namespace, name: name, object, force: force, isDryRun: isDryRun)
        } catch let error as KubernetesError where error.isOwnConflict {
            var last = error
            for _ in 0..<KubernetesClient.pinnedTries {
                let version = try await get(type, namespace: namespace, name: name).resourceVersion
                do {
                    return try await applyPinned(
                        type, namespace, name, object.pinned(to: version), isDryRun: isDryRun)
                } catch let error as KubernetesError where error.isModified {
                    last = error
                }
            }
            throw last
        }
    }

    /// What conflicts is asked again after the version was read: at an older one others may have owned less.
    private func applyPinned(
        _ type: ResourceType, _ namespace: String?, _ name: String, _ pinned: JSONValue, isDryRun: Bool
    ) async throws -> ClusterObject {
        do {
            return try await apply(type, namespace: namespace, name: name, pinned, isDryRun: isDryRun)
        } catch let error as KubernetesError where error.isOwnConflict {
            return try await apply(
                type, namespace: namespace, name: name, pinned, force: true, isDryRun: isDryRun)
        }
    }
}

extension KubernetesError {
    /// All fields in conflict are of an object's `spec` and belong to the bot. Others of its own are not taken over: a
    /// Secret that was generated once must not get the value of a manifest.
    var isOwnConflict: Bool {
        isApplyConflict
            && causes.allSatisfy {
                $0.reason == "FieldManagerConflict" && $0.manager == KubernetesClient.fieldManager
                    && $0.field.hasPrefix(".spec.")
            }
    }

    /// The object is not at the version that was asked for any more.
    fileprivate var isModified: Bool { status == 409 && reason == "Conflict" && !isApplyConflict }
}

extension JSONValue {
    /// The object with the version that it must still have; the server answers 409 when it has another one
    /// (kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions).
    fileprivate func pinned(to version: String?) -> JSONValue {
        guard let version, case .object(var members) = self else { return self }
        var metadata = members["metadata"]?.objectValue ?? [:]
        metadata["resourceVersion"] = .string(version)
        members["metadata"] = .object(metadata)
        return .object(members)
    }
}
