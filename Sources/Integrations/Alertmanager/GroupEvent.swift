import Domain
import Foundation

/// A whole group as one event, for rules with `for_each: group`: it fires while any alert of it does.
struct GroupEvent {
    /// Alerts in each of the two lists.
    static let mostAlerts = 50
    /// Bytes of both lists together.
    static let mostBytes = 16 * 1024
    /// Characters of the texts that name alerts.
    static let longestText = 500

    static let fields = [
        EventField("names", "The different alertnames of its alerts, with commas between them", kinds: kinds),
        EventField(
            "subjects", "What its alerts are about (GethDown geth-0:8545, …): those that fire, else all", kinds: kinds),
        EventField("count", "How many alerts of it were sent, firing or resolved", kinds: kinds),
        EventField("firingCount", "How many of them fire", kinds: kinds),
        EventField("resolvedCount", "How many of them have resolved", kinds: kinds),
        EventField(
            "firing", isOpen: true,
            "List of those that fire (firing.0.labels.instance): labels, annotations, startsAt, subject, fingerprint",
            kinds: kinds),
        EventField("resolved", isOpen: true, "List of those that have resolved", kinds: kinds),
        EventField(
            "omitted", "How many are in neither list: each has at most \(mostAlerts), both \(mostBytes / 1024) KiB",
            kinds: kinds),
    ]
    private static let kinds = [RuleDefinition.ForEach.group.rawValue]

    private let group: AlertGroup
    private let firing: [ReadAlert]
    private let resolved: [ReadAlert]
    /// Alerts that are not known, and may fire.
    private let mayFire: Int

    /// Nil for a body that names no group, or holds no alert.
    init?(_ group: AlertGroup, _ alerts: [ReadAlert], mayFire: Int) {
        guard !group.key.isEmpty, !alerts.isEmpty else { return nil }
        self.group = group
        firing = alerts.filter(\.isFiring)
        resolved = alerts.filter { !$0.isFiring }
        self.mayFire = mayFire
    }

    /// Where alerts are missing of which nobody can say, the group has not ended.
    private var isFiring: Bool { !firing.isEmpty || mayFire > 0 }

    func event(receivedAt: Date) -> Event {
        let told = firing.isEmpty ? resolved : firing
        let start = told.compactMap(\.startsAt).min() ?? receivedAt
        let end = isFiring ? nil : resolved.compactMap(\.endsAt).max() ?? receivedAt
        let subjects = told.map(\.subject).joined(separator: ", ")
        var attributes = group.attributes
        attributes["groupStatus"] = isFiring ? "firing" : "resolved"
        attributes["status"] = attributes["groupStatus"]
        attributes["startsAt"] = .string(start.formatted(.iso8601))
        attributes["endsAt"] = .string(end?.formatted(.iso8601) ?? "")
        let names = Set((firing + resolved).compactMap { $0.labels["alertname"] }).sorted().joined(separator: ", ")
        attributes["names"] = .string(GroupEvent.cut(names))
        attributes["subjects"] = .string(GroupEvent.cut(subjects))
        attributes["count"] = .int(Int64(firing.count + resolved.count))
        attributes["firingCount"] = .int(Int64(firing.count))
        attributes["resolvedCount"] = .int(Int64(resolved.count))
        var room = GroupEvent.mostBytes
        let shown = (GroupEvent.list(firing, &room), GroupEvent.list(resolved, &room))
        attributes["firing"] = .array(shown.0)
        attributes["resolved"] = .array(shown.1)
        attributes["omitted"] = .int(Int64(firing.count + resolved.count - shown.0.count - shown.1.count))
        let name = "group-" + Hex.encode(SHA256Digest.of(Array(group.key.utf8)))
        let subject = told.count == 1 ? subjects : "\(told.count) alerts: \(subjects)"
        return Event(
            source: AlertmanagerEventDecoder.source, kind: GroupEvent.kinds[0],
            contentKey: "group/\(name)/\(isFiring ? "firing" : "resolved")",
            subject: AlertText.line(subject, atMost: ReadAlert.longestSubject), occurredAt: end ?? start,
            attributes: .object(attributes),
            origin: .alert(
                AlertState(
                    fingerprint: name, isFiring: isFiring, startsAt: start, endsAt: end, groupKey: group.key,
                    group: AlertGroupReference(receiver: group.receiver, labels: group.labels))))
    }

    /// As many of them as there is room for, in the order in which they were sent.
    private static func list(_ alerts: [ReadAlert], _ room: inout Int) -> [JSONValue] {
        var list: [JSONValue] = []
        for alert in alerts.prefix(mostAlerts) {
            let item: JSONValue = [
                "subject": .string(alert.subject), "fingerprint": .string(alert.fingerprint),
                "labels": AlertGroup.object(alert.labels), "annotations": AlertGroup.object(alert.annotations),
                "startsAt": .string(alert.startsAt?.formatted(.iso8601) ?? ""),
            ]
            let size = item.canonicalText.utf8.count
            guard size <= room else { break }
            room -= size
            list.append(item)
        }
        return list
    }

    private static func cut(_ text: String) -> String {
        let line = AlertText.line(text, atMost: longestText + 1)
        return line.count > longestText ? line.prefix(longestText - 1) + "…" : line
    }
}
