import Domain
import Foundation

extension KubernetesAPI {
    func create(_ request: KubernetesRequest, _ path: ResourcePath) throws -> KubernetesAnswer {
        guard !path.kind.isNamespaced || !path.namespace.isEmpty else { throw KubernetesStatus.methodNotAllowed }
        let object = try placed(try PatchReader.object(request), path)
        let options = options(request, path)
        let created = try change(isDryRun: request.isDryRun) { try $0.create(path.kind, object, options) }
        return present(created, path, request, code: 201)
    }

    func replace(_ request: KubernetesRequest, _ path: ResourcePath) throws -> KubernetesObject {
        let object = try placed(try PatchReader.object(request), path)
        let options = options(request, path)
        return try change(isDryRun: request.isDryRun) { state in
            guard let live = state.object(path.kind, path.namespace, path.name ?? "") else {
                throw KubernetesStatus.notFound(path.kind, path.name ?? "")
            }
            return try state.replace(path.kind, live, with: object, options)
        }
    }

    func patch(_ request: KubernetesRequest, _ path: ResourcePath) throws -> KubernetesAnswer {
        // A custom kind has no schema by which lists could merge.
        let accepted = PatchReader.accepted.filter { !path.kind.isCustom || $0 != PatchReader.strategic }
        guard accepted.contains(request.contentType) else { throw KubernetesStatus.unsupportedMediaType(accepted) }
        if request.contentType == PatchReader.apply { return try apply(request, path) }
        if request.isTrue("force") {
            throw KubernetesStatus.invalid(
                "PatchOptions", group: "meta.k8s.io", "",
                [.forbidden("force", "may not be specified for non-apply patch")])
        }
        let patch = try PatchReader.readJSON(request.body)
        let options = options(request, path)
        let changed = try change(isDryRun: request.isDryRun) { state in
            guard let live = state.object(path.kind, path.namespace, path.name ?? "") else {
                throw KubernetesStatus.notFound(path.kind, path.name ?? "")
            }
            let new = try patched(live, patch, request.contentType, path.kind)
            return try state.replace(path.kind, live, with: new, options)
        }
        return present(changed, path, request)
    }

    func patched(_ live: KubernetesObject, _ patch: JSONValue, _ type: String, _ kind: ResourceKind) throws
        -> KubernetesObject
    {
        switch type {
        case PatchReader.merge: KubernetesObject(PatchReader.merged(live.json, patch))
        case PatchReader.strategic:
            KubernetesObject(PatchReader.strategicallyMerged(live.json, patch, FieldSchema.of(kind)) ?? [:])
        default: KubernetesObject(try JSONPatch.applied(patch, to: live.json))
        }
    }

    private func apply(_ request: KubernetesRequest, _ path: ResourcePath) throws -> KubernetesAnswer {
        guard !(request.query["fieldManager"] ?? "").isEmpty else {
            throw KubernetesStatus.invalid(
                "PatchOptions", group: "meta.k8s.io", "",
                [.required("fieldManager", "is required for apply patch")])
        }
        let configuration = try placed(try PatchReader.object(request), path)
        let options = options(request, path)
        let applied = try change(isDryRun: request.isDryRun) { state in
            try state.apply(path.kind, configuration, options)
        }
        return present(applied.object, path, request, code: applied.isNew ? 201 : 200)
    }

    /// The object with the namespace of its path. Throws 400 when body and path disagree.
    private func placed(_ object: KubernetesObject, _ path: ResourcePath) throws -> KubernetesObject {
        var object = object
        let kind = object["kind"]?.stringValue ?? ""
        let version = object["apiVersion"]?.stringValue ?? ""
        guard !kind.isEmpty else { throw KubernetesStatus.badRequest("Object 'Kind' is missing in the body") }
        guard !version.isEmpty else { throw KubernetesStatus.badRequest("Object 'apiVersion' is missing in the body") }
        guard kind == path.kind.kind, version == path.kind.apiVersion else {
            throw KubernetesStatus.badRequest(
                "the object provided (\(version), Kind=\(kind)) does not match the requested resource "
                    + "(\(path.kind.apiVersion), Kind=\(path.kind.kind))")
        }
        if path.kind.isNamespaced {
            guard object.namespace.isEmpty || object.namespace == path.namespace else {
                throw KubernetesStatus.badRequest(
                    "the namespace of the provided object does not match the namespace sent on the request")
            }
            object["metadata", "namespace"] = .string(path.namespace)
        }
        if let name = path.name {
            guard object.name.isEmpty || object.name == name else {
                throw KubernetesStatus.badRequest(
                    "the name of the object (\(object.name)) does not match the name on the URL (\(name))")
            }
            object["metadata", "name"] = .string(name)
        }
        return object
    }
}
