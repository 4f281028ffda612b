import Domain
import Foundation

/// Who owns which fields of an object (`metadata.managedFields`).
struct ManagedFields: Sendable, Hashable {
    enum Operation: String, Sendable { case apply = "Apply", update = "Update" }

    /// Who owns: a manager applying and the same one updating are two.
    struct Manager: Sendable, Hashable {
        var name: String
        var operation: Operation
        var subresource = ""

        /// As conflicts name it.
        func text(_ apiVersion: String) -> String {
            var text = JSONValue.string(name).canonicalText
            if !subresource.isEmpty { text += " with subresource \"\(subresource)\"" }
            return operation == .update ? "\(text) using \(apiVersion)" : text
        }
    }

    struct Entry: Sendable, Hashable {
        var manager: Manager
        var apiVersion: String
        var time: JSONValue
        var fields: FieldSet
    }

    var entries: [Entry] = []

    init(_ object: KubernetesObject) {
        for json in object["metadata", "managedFields"]?.arrayValue ?? [] {
            guard let name = json["manager"]?.stringValue,
                let operation = json["operation"]?.stringValue.flatMap(Operation.init(rawValue:))
            else { continue }
            entries.append(
                Entry(
                    manager: Manager(
                        name: name, operation: operation, subresource: json["subresource"]?.stringValue ?? ""),
                    apiVersion: json["apiVersion"]?.stringValue ?? "", time: json["time"] ?? .null,
                    fields: FieldSet(json: json["fieldsV1"] ?? [:]).withoutServerFields()))
        }
    }

    func fields(of manager: Manager) -> FieldSet? { entries.first { $0.manager == manager }?.fields }

    /// Sets what a manager owns; the time moves only when that changes.
    mutating func set(_ fields: FieldSet, of manager: Manager, apiVersion: String, now: Date) {
        if let index = entries.firstIndex(where: { $0.manager == manager }) {
            guard entries[index].fields != fields else { return }
            entries[index].fields = fields
            entries[index].time = KubernetesTime.text(now)
        } else if !fields.isEmpty {
            entries.append(
                Entry(manager: manager, apiVersion: apiVersion, time: KubernetesTime.text(now), fields: fields))
        }
        entries.removeAll { $0.fields.isEmpty }
    }

    /// Takes paths from everyone but one manager.
    mutating func take(_ fields: FieldSet, except manager: Manager) {
        for index in entries.indices where entries[index].manager != manager {
            entries[index].fields = entries[index].fields.subtracting(fields)
        }
        entries.removeAll { $0.fields.isEmpty }
    }

    var json: JSONValue? {
        guard !entries.isEmpty else { return nil }
        let sorted = entries.sorted {
            ($0.manager.operation.rawValue, $0.time.plainText, $0.manager.name, $0.manager.subresource)
                < ($1.manager.operation.rawValue, $1.time.plainText, $1.manager.name, $1.manager.subresource)
        }
        return .array(
            sorted.map { entry in
                var members: [String: JSONValue] = [
                    "manager": .string(entry.manager.name), "operation": .string(entry.manager.operation.rawValue),
                    "apiVersion": .string(entry.apiVersion), "time": entry.time, "fieldsType": "FieldsV1",
                    "fieldsV1": entry.fields.json,
                ]
                if !entry.manager.subresource.isEmpty { members["subresource"] = .string(entry.manager.subresource) }
                return .object(members)
            })
    }
}
