import Domain
import Foundation

extension ClusterState {
    /// POST: a new object. Throws 409 when it is there, 404 or 403 by its namespace, 422 when it is not valid.
    mutating func create(_ kind: ResourceKind, _ given: KubernetesObject, _ options: WriteOptions) throws
        -> KubernetesObject
    {
        var object = given
        if object.name.isEmpty, let prefix = object["metadata", "generateName"]?.stringValue, !prefix.isEmpty {
            object["metadata", "name"] = .string(prefix + nextSuffix())
        }
        guard self.object(kind, object.namespace, object.name) == nil else {
            throw KubernetesStatus.alreadyExists(kind, object.name)
        }
        guard object.resourceVersion.isEmpty else {
            throw KubernetesStatus.badRequest("resourceVersion should not be set on objects to be created")
        }
        object["metadata", "managedFields"] = nil
        let prepared = try prepareNew(kind, object, options)
        let booked = ServerSideApply(kind: kind, manager: manager(.update, options), now: options.now)
            .update(nil, to: owned(kind, object))
        var complete = prepared
        complete["metadata", "managedFields"] = booked["metadata", "managedFields"]
        return store(kind, complete, options)
    }

    /// PUT or a patch: the object becomes `new`. Throws 409 when the given version is not the stored one.
    mutating func replace(
        _ kind: ResourceKind, _ live: KubernetesObject, with new: KubernetesObject, _ options: WriteOptions
    ) throws -> KubernetesObject {
        try checkPreconditions(kind, live, new)
        let wanted = try prepareUpdate(kind, live, new, options)
        let booked = ServerSideApply(kind: kind, manager: manager(.update, options), now: options.now)
            .update(live, to: wanted)
        return storeIfChanged(kind, live, booked, options)
    }

    /// PATCH as `application/apply-patch+yaml`: makes the object or lays the configuration over it. True when it is new.
    mutating func apply(
        _ kind: ResourceKind, _ configuration: KubernetesObject, _ options: WriteOptions
    ) throws -> (object: KubernetesObject, isNew: Bool) {
        let name = configuration.name
        guard configuration["metadata", "managedFields"] == nil else {
            throw KubernetesStatus.badRequest("metadata.managedFields must be nil")
        }
        let apply = ServerSideApply(kind: kind, manager: manager(.apply, options), now: options.now)
        guard let live = object(kind, configuration.namespace, name) else {
            guard options.subresource.isEmpty else { throw KubernetesStatus.notFound(kind, name) }
            let base = KubernetesObject(["apiVersion": .string(kind.apiVersion), "kind": .string(kind.kind)])
            let merged = try apply.apply(configuration, to: base, isForced: options.isForced)
            let prepared = try prepareNew(kind, merged, options)
            return (store(kind, prepared, options), true)
        }
        try checkPreconditions(kind, live, configuration)
        var stripped = configuration
        stripped["metadata", "resourceVersion"] = nil
        stripped["metadata", "uid"] = nil
        if kind.hasStatus, options.subresource.isEmpty { stripped["status"] = nil }
        let merged = try apply.apply(stripped, to: live, isForced: options.isForced)
        let prepared = try prepareUpdate(kind, live, merged, options)
        return (storeIfChanged(kind, live, prepared, options), false)
    }

    private func checkPreconditions(_ kind: ResourceKind, _ live: KubernetesObject, _ new: KubernetesObject) throws {
        if !new.resourceVersion.isEmpty, new.resourceVersion != live.resourceVersion {
            throw KubernetesStatus.modified(kind, live.name)
        }
        if !new.uid.isEmpty, new.uid != live.uid {
            throw KubernetesStatus.conflict(
                kind, live.name,
                "Precondition failed: UID in precondition: \(new.uid), UID in object meta: \(live.uid)")
        }
    }

    private func manager(_ operation: ManagedFields.Operation, _ options: WriteOptions) -> ManagedFields.Manager {
        ManagedFields.Manager(name: options.manager, operation: operation, subresource: options.subresource)
    }

    /// What the client sent of a new object, which alone its manager owns: no defaults, no status.
    private func owned(_ kind: ResourceKind, _ given: KubernetesObject) -> KubernetesObject {
        var object = given
        if kind.hasStatus { object["status"] = nil }
        return object
    }

    private mutating func storeIfChanged(
        _ kind: ResourceKind, _ live: KubernetesObject, _ new: KubernetesObject, _ options: WriteOptions
    ) -> KubernetesObject {
        var new = new
        new["metadata", "resourceVersion"] = live["metadata", "resourceVersion"]
        if new == live { return live }
        // The last finalizer of an object that is being deleted went: it goes.
        if new.isDeleting, new.finalizers.isEmpty, live.isDeleting, !live.finalizers.isEmpty, isGoneAtOnce(kind) {
            remove(kind, live)
            return new
        }
        return store(kind, new, options)
    }

    private mutating func store(_ kind: ResourceKind, _ object: KubernetesObject, _ options: WriteOptions)
        -> KubernetesObject
    {
        let isNew = self.object(kind, object.namespace, object.name) == nil
        var stored = put(kind, object)
        // A dry run works on a copy of the state; its versions are nobody's.
        if options.isDryRun {
            stored["metadata", "resourceVersion"] = isNew ? nil : object["metadata", "resourceVersion"]
        }
        return stored
    }

    /// Pods and namespaces end in steps of their own.
    private func isGoneAtOnce(_ kind: ResourceKind) -> Bool { kind != .pod && kind != .namespace }
}
