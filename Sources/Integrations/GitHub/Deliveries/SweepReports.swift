import Domain
import Foundation

/// What the team is told about deliveries that did not arrive.
enum SweepReports {
    /// Deliveries that a report names one by one.
    private static let mostNamed = 10

    static func givenUp(_ items: [(open: SweepState.Open, reason: String)], _ hook: DeliveryHook) -> Report {
        let count = items.count == 1 ? "A delivery" : "\(items.count) deliveries"
        var lines = items.prefix(mostNamed).map { item in
            "\(Date(microseconds: item.open.at).rfc3339) \(item.open.what), \(item.open.guid): \(item.reason)"
        }
        if items.count > mostNamed { lines.append("and \(items.count - mostNamed) more; the audit names them all") }
        return Report(
            mood: .warning, title: "\(count) of GitHub did not arrive and cannot be had (\(hook))",
            blocks: [.text(lines.joined(separator: "\n")), .text("What they told of, the bot has not heard.")])
    }

    static func lost(from: Int64, until: Int64, _ hook: DeliveryHook, isCut: Bool) -> Report {
        let reason =
            isCut
            ? "GitHub lists more of them than are looked at."
            : "GitHub keeps deliveries for 3 days, and the bot did not look for longer than that."
        return Report(
            mood: .failure, title: "Deliveries of GitHub may be lost (\(hook))",
            blocks: [
                .fields([
                    .init("from", Date(microseconds: from).rfc3339), .init("until", Date(microseconds: until).rfc3339),
                ]),
                .text("\(reason) What did not arrive in that time the bot will not hear of."),
            ])
    }

    static func refused(_ reason: String, _ hook: DeliveryHook) -> Report {
        Report(
            mood: .warning, title: "Missed deliveries of GitHub cannot be looked for (\(hook))",
            blocks: [.text(reason), .text("Until this is mended, a delivery that does not arrive stays unnoticed.")])
    }
}
