import Domain
import Foundation

/// One column of a table.
struct TableColumn: Sendable {
    var name: String
    var type = "string"
    var format = ""
    /// 0 is always printed, 1 with `-o wide`.
    var priority = 0
    var cell: @Sendable (KubernetesObject, Date) -> JSONValue

    var definition: JSONValue {
        [
            "name": .string(name), "type": .string(type), "format": .string(format),
            "description": .string(name), "priority": .int(Int64(priority)),
        ]
    }

    static let name = TableColumn(name: "Name", format: "name") { object, _ in .string(object.name) }

    static let age = TableColumn(name: "Age") { object, now in
        .string(age(object["metadata", "creationTimestamp"], now))
    }

    /// Text at a path, `otherwise` when there is nothing.
    static func text(_ name: String, _ path: String..., otherwise: String = "<none>", priority: Int = 0) -> TableColumn
    {
        TableColumn(name: name, priority: priority) { object, _ in
            .string(object.at(path).map(\.plainText) ?? otherwise)
        }
    }

    /// A number at a path, 0 when there is none.
    static func number(_ name: String, _ path: String...) -> TableColumn {
        TableColumn(name: name, type: "integer") { object, _ in .int(Int64(object.at(path)?.intValue ?? 0)) }
    }

    static func computed(
        _ name: String, priority: Int = 0, _ cell: @escaping @Sendable (KubernetesObject) -> String
    ) -> TableColumn {
        TableColumn(name: name, priority: priority) { object, _ in .string(cell(object)) }
    }

    /// As kubectl words an age: `5s`, `3m20s`, `4h`, `2d`.
    static func age(_ time: JSONValue?, _ now: Date) -> String {
        // What is no time has no age.
        guard let text = time?.stringValue, let date = try? Date(text, strategy: .iso8601) else { return "<unknown>" }
        let seconds = max(0, Int(now.timeIntervalSince(date)))
        return switch seconds {
        case ..<120: "\(seconds)s"
        case ..<600: seconds % 60 == 0 ? "\(seconds / 60)m" : "\(seconds / 60)m\(seconds % 60)s"
        case ..<10_800: "\(seconds / 60)m"
        case ..<172_800: "\(seconds / 3600)h"
        default: "\(seconds / 86_400)d"
        }
    }
}
