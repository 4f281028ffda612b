import Domain
import Foundation

/// What the cluster noted about an object, or about all in a namespace.
struct EventsAction: RepeatableAction {
    private let target: ClusterTarget
    private let namespace: String
    private let kind: String?
    private let name: String?
    private let limit: Int

    static func type(_ clusters: ClusterDirectory) -> ActionType {
        ActionType(
            "kubernetes.events", "Shows what the cluster noted about an object, or about all in a namespace",
            effect: .reads,
            outputs: [
                .init("count", .integer(nil), "How many there are"),
                .init("warnings", .integer(nil), "How many of them are warnings"),
            ]
        ) { EventsAction(&$0, clusters) }
    }

    init(_ input: inout InputReader, _ clusters: ClusterDirectory) {
        target = ClusterTarget(&input, clusters)
        namespace = input.text("namespace", "Namespace of the events", pattern: NamePattern.label)
        kind = input.optionalText("kind", "Only about objects of this kind, such as Pod")
        name = input.optionalText("name", "Only about the object of this name", pattern: NamePattern.subdomain)
        limit = input.integer("limit", "How many are shown: warnings first, the newest", in: 1...200, default: 30)
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        try await target.attempt("the events of \(title) cannot be read") { client in
            var fields: [String] = []
            if let kind { fields.append("involvedObject.kind=\(kind)") }
            if let name { fields.append("involvedObject.name=\(name)") }
            let all = try await client.list(
                .events, namespace: namespace, fields: fields.isEmpty ? nil : fields.joined(separator: ",")
            ).objects
            let warnings = all.filter(\.isWarning).count
            let shown = EventsAction.chosen(all, limit)
            var table = TextTable(["LAST SEEN", "TYPE", "COUNT", "OBJECT", "REASON", "MESSAGE"])
            for event in shown { table.add(EventsAction.row(event, now: context.time.now)) }
            let more = all.count > shown.count ? "\nand \(all.count - shown.count) more" : ""
            return [
                "count": .int(Int64(all.count)), "warnings": .int(Int64(warnings)),
                "table": .string(shown.isEmpty ? "there are none" : table.text + more),
                "summary": .string(
                    (all.count == 1 ? "1 event" : "\(all.count) events") + " of \(title), \(warnings) of them "
                        + (warnings == 1 ? "a warning" : "warnings")),
            ]
        }
    }

    /// The newest, warnings before others: they are shown first, and others only where there is room; the newest last.
    static func chosen(_ events: [ClusterObject], _ limit: Int) -> [ClusterObject] {
        func sorted(_ events: [ClusterObject]) -> [ClusterObject] {
            events.sorted {
                ($0.lastSeen ?? .distantPast, $0.name) < ($1.lastSeen ?? .distantPast, $1.name)
            }
        }
        let warnings = sorted(events.filter(\.isWarning)).suffix(limit)
        return warnings + sorted(events.filter { !$0.isWarning }).suffix(limit - warnings.count)
    }

    private static func row(_ event: ClusterObject, now: Date) -> [String] {
        let count = event.number("series", "count") ?? event.number("count") ?? 1
        let age = event.lastSeen.map { DurationText.human(.seconds(max(0, now.timeIntervalSince($0).rounded()))) }
        return [
            age.map { "\($0) ago" } ?? "?", event.text("type") ?? "", String(count),
            "\(event.text("involvedObject", "kind") ?? "?")/\(event.text("involvedObject", "name") ?? "?")",
            event.text("reason") ?? "", event.text("message") ?? "",
        ]
    }

    private var title: String {
        switch (kind, name) {
        case (let kind?, let name?): "\(kind) \(namespace)/\(name)"
        case (let kind?, nil): "every \(kind) in namespace \(namespace)"
        case (nil, let name?): "\(namespace)/\(name)"
        case (nil, nil): "namespace \(namespace)"
        }
    }
}

extension ClusterObject {
    /// Whether an event tells of trouble.
    fileprivate var isWarning: Bool { text("type") == "Warning" }
}
