import Domain
import Foundation

/// Server-side apply and the ownership of fields, after structured-merge-diff's `merge.Updater`.
struct ServerSideApply: Sendable {
    let kind: ResourceKind
    let manager: ManagedFields.Manager
    let now: Date

    private var schema: FieldSchema { FieldSchema.of(kind) }

    /// Lays a manager's configuration over the live object: fields that it applied before and no longer does are
    /// removed, unless somebody else owns them. Throws 409 with every conflict unless forced.
    func apply(_ configuration: KubernetesObject, to live: KubernetesObject, isForced: Bool) throws -> KubernetesObject
    {
        var managed = ManagedFields(live)
        let last = managed.fields(of: manager)
        let owned = owning(TypedValue.fields(configuration.json, schema).withoutServerFields())
        managed.set(owned, of: manager, apiVersion: kind.apiVersion, now: now)
        var merged = TypedValue.merge(live.json, configuration.json, schema)
        if let last, !last.isEmpty { merged = pruned(merged, managed, last) }

        let comparison = compare(live.json, merged)
        let changed = comparison.modified.union(comparison.added)
        if !isForced { try refuseConflicts(managed, changed) }
        managed.take(changed.union(comparison.removed), except: manager)
        var result = KubernetesObject(merged)
        result["metadata", "managedFields"] = managed.json
        return result
    }

    /// Books a change that was made without apply: the manager owns what it changed, nobody else does any more.
    func update(_ live: KubernetesObject?, to new: KubernetesObject) -> KubernetesObject {
        var managed = ManagedFields(live ?? KubernetesObject([:]))
        let comparison = compare(live?.json, new.json)
        let changed = comparison.modified.union(comparison.added)
        managed.take(changed.union(comparison.removed), except: manager)
        let own = (managed.fields(of: manager) ?? FieldSet()).subtracting(comparison.removed).union(changed)
        managed.set(own, of: manager, apiVersion: kind.apiVersion, now: now)
        var result = new
        result["metadata", "managedFields"] = managed.json
        return result
    }

    private func compare(_ old: JSONValue?, _ new: JSONValue) -> FieldComparison {
        var comparison = FieldComparison(old, new, schema)
        comparison.added = comparison.added.withoutServerFields()
        comparison.modified = comparison.modified.withoutServerFields()
        comparison.removed = comparison.removed.withoutServerFields()
        return comparison
    }

    /// A request to the object owns no status, one to its status nothing else.
    private func owning(_ fields: FieldSet) -> FieldSet {
        guard kind.hasStatus else { return fields }
        var fields = fields
        if manager.subresource.isEmpty {
            fields.children[.field("status")] = nil
        } else {
            fields.children = fields.children.filter { $0.key == .field(manager.subresource) }
        }
        return fields
    }

    private func pruned(_ merged: JSONValue, _ managed: ManagedFields, _ last: FieldSet) -> JSONValue {
        let all = TypedValue.fields(merged, schema).withNamedFields()
        func without(_ set: FieldSet) -> JSONValue { TypedValue.remove(set, from: merged, schema) ?? [:] }
        let lastNamed = last.withNamedFields()
        var kept = TypedValue.fields(without(lastNamed), schema).withNamedFields()
        // What anybody owns, this manager's new set included, comes back …
        for entry in managed.entries {
            kept = kept.union(entry.fields.withNamedFields().intersection(all))
        }
        let owned = without(all.subtracting(kept))
        // … and so does what was taken along but nobody ever applied.
        let ownedFields = TypedValue.fields(owned, schema).withNamedFields()
        return without(all.subtracting(ownedFields).intersection(lastNamed))
    }

    private func refuseConflicts(_ managed: ManagedFields, _ changed: FieldSet) throws {
        var conflicts: [(manager: String, path: String)] = []
        for entry in managed.entries where entry.manager != manager {
            for path in entry.fields.intersection(changed).paths {
                conflicts.append((entry.manager.text(entry.apiVersion), path))
            }
        }
        guard let first = conflicts.first else { return }
        conflicts.sort { ($0.manager, $0.path) < ($1.manager, $1.path) }
        var message = "Apply failed with 1 conflict: conflict with \(first.manager): \(first.path)"
        if conflicts.count > 1 {
            var lines: [String] = []
            var current = ""
            for conflict in conflicts {
                if conflict.manager != current { lines.append("conflicts with \(conflict.manager):") }
                current = conflict.manager
                lines.append("- \(conflict.path)")
            }
            message = "Apply failed with \(conflicts.count) conflicts: " + lines.joined(separator: "\n")
        }
        let causes = conflicts.map { conflict -> JSONValue in
            [
                "reason": "FieldManagerConflict", "message": .string("conflict with \(conflict.manager)"),
                "field": .string(conflict.path),
            ]
        }
        throw KubernetesStatus(
            code: 409, reason: "Conflict", message: message, details: ["causes": .array(causes)])
    }
}
