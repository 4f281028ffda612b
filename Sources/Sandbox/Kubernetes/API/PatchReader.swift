import Domain
import YAML

/// Patches other than apply, and bodies in JSON or YAML.
enum PatchReader {
    static let apply = "application/apply-patch+yaml"
    static let merge = "application/merge-patch+json"
    static let strategic = "application/strategic-merge-patch+json"
    static let json = "application/json-patch+json"
    static let accepted = [json, merge, strategic, apply]

    /// An object out of a body in JSON, or in YAML where the type says so. Throws 400 or 415.
    static func object(_ request: KubernetesRequest) throws -> KubernetesObject {
        let value: JSONValue
        switch request.contentType {
        case "", "application/json": value = try readJSON(request.body)
        case "application/yaml", apply: value = try readYAML(request.body)
        default: throw KubernetesStatus.unsupportedMediaType(["application/json", "application/yaml"])
        }
        guard value.objectValue != nil else { throw KubernetesStatus.badRequest("the body is not an object") }
        return KubernetesObject(value.withoutNulls)
    }

    static func readJSON(_ body: [UInt8]) throws -> JSONValue {
        do { return try JSONValue(parsing: body) } catch {
            throw KubernetesStatus.badRequest("the object provided is unrecognized (must be of type JSON)")
        }
    }

    private static func readYAML(_ body: [UInt8]) throws -> JSONValue {
        // JSON is YAML, and kubectl sends it; its own reader is quicker. What it refuses may still be YAML.
        if body.first == UInt8(ascii: "{"), let value = try? JSONValue(parsing: body) { return value }
        do { return try KubernetesYAML.value(String(decoding: body, as: UTF8.self), file: "body") } catch {
            throw KubernetesStatus.badRequest("error decoding YAML: \(error)")
        }
    }

    /// RFC 7386: null removes, maps merge, everything else replaces.
    static func merged(_ target: JSONValue, _ patch: JSONValue) -> JSONValue {
        guard case .object(let changes) = patch else { return patch }
        var members = target.objectValue ?? [:]
        for (name, value) in changes {
            members[name] = value == .null ? nil : merged(members[name] ?? .null, value)
        }
        return .object(members)
    }

    /// Kubernetes' strategic merge: as above, and lists with keys merge item by item; `$patch: delete` and `replace`,
    /// `$deleteFromPrimitiveList`, `$setElementOrder` (which is ignored) and `$retainKeys` (likewise).
    static func strategicallyMerged(_ target: JSONValue?, _ patch: JSONValue, _ schema: FieldSchema) -> JSONValue? {
        switch patch {
        case .object(let changes):
            if changes["$patch"] == "delete" { return nil }
            let isReplacing = changes["$patch"] == "replace"
            var members = isReplacing ? [:] : target?.objectValue ?? [:]
            for (name, value) in changes where !name.hasPrefix("$") {
                let old = isReplacing ? nil : members[name]
                members[name] = value == .null ? nil : strategicallyMerged(old, value, schema.child(name))
            }
            for (name, value) in changes where name.hasPrefix("$deleteFromPrimitiveList/") {
                let list = String(name.dropFirst("$deleteFromPrimitiveList/".count))
                let gone = Set(value.arrayValue ?? [])
                members[list] = members[list]?.arrayValue.map { .array($0.filter { !gone.contains($0) }) }
            }
            return .object(members)
        case .array(let items): return mergedList(target?.arrayValue ?? [], items, schema)
        default: return patch
        }
    }

    private static func mergedList(_ old: [JSONValue], _ patch: [JSONValue], _ schema: FieldSchema) -> JSONValue {
        if patch.contains(["$patch": "replace"]) { return .array(patch.filter { $0["$patch"] == nil }) }
        // Strategic merge knows ports by `containerPort` alone, and the others by the first key.
        guard case .items(let keys) = schema.rule, let key = keys.first else {
            return .array(schema.rule == .set ? old + patch.filter { !old.contains($0) } : patch)
        }
        var merged = old
        for item in patch {
            let place = merged.firstIndex { $0[key] == item[key] }
            let value = strategicallyMerged(place.map { merged[$0] }, item, schema.itemSchema)
            switch (place, value) {
            case (let place?, let value?): merged[place] = value
            case (let place?, nil): merged.remove(at: place)
            case (nil, let value?): merged.append(value)
            case (nil, nil): break
            }
        }
        return .array(merged)
    }
}
