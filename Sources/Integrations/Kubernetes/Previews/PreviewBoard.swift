import Domain
import Foundation

/// The list of previews as people read it.
struct PreviewBoard {
    struct Row: Sendable {
        var preview: Preview
        /// Nil where nobody looked.
        var requests: ResourceRequests?
    }

    var rows: [Row]
    var prices: ClusterPrices?
    var now: Date

    /// `3 previews, 1 expired; they ask for 1.5 CPU, 4.5 GiB memory, 90 GiB disk, EUR 20.15 a month`.
    var summary: String {
        guard !rows.isEmpty else { return "no previews" }
        var parts = [rows.count == 1 ? "1 preview" : "\(rows.count) previews"]
        let expired = rows.count { $0.preview.isExpired(at: now) }
        if expired > 0 { parts.append("\(expired) expired") }
        let ending = rows.count { $0.preview.isBeingDeleted }
        if ending > 0 { parts.append("\(ending) being deleted") }
        let texts = total.texts
        let cost = prices.map { ", \($0.month(total)) a month" } ?? ""
        return parts.joined(separator: ", ")
            + "; requested: \(texts.cpu) CPU, \(texts.memory) memory, \(texts.storage) disk\(cost)"
    }

    /// A table; empty when there is none.
    var details: String {
        guard !rows.isEmpty else { return "" }
        var table = TextTable(
            ["NAMESPACE", "PULL REQUEST", "COMMIT", "OWNER", "AGE", "EXPIRES IN", "CPU", "MEMORY", "DISK"]
                + (prices == nil ? [] : ["A MONTH"]) + ["URL"])
        let shown = rows.prefix(PreviewListAction.mostRows)
        for row in shown { table.add(cells(row)) }
        if shown.count > 1 {
            table.add(["total", "", "", "", "", ""] + amounts(total) + [""])
        }
        let more = rows.count - shown.count
        return table.text + (more > 0 ? "\nand \(more) more, which are not in the total" : "")
    }

    private var total: ResourceRequests { rows.compactMap(\.requests).reduce(ResourceRequests(), +) }

    private func cells(_ row: Row) -> [String] {
        let preview = row.preview
        let age = preview.created.map { DurationText.human(now.since($0)) }
        return [
            preview.namespace, preview.title, PreviewBoard.orDash(String(preview.commit.prefix(7))),
            PreviewBoard.orDash(preview.owner), age ?? "unknown", expiry(preview),
        ] + (row.requests.map(amounts) ?? ["-", "-", "-"] + (prices == nil ? [] : ["-"]))
            + [PreviewBoard.orDash(preview.url)]
    }

    private func amounts(_ requests: ResourceRequests) -> [String] {
        let texts = requests.texts
        return [texts.cpu, texts.memory, texts.storage] + (prices.map { [$0.month(requests)] } ?? [])
    }

    private func expiry(_ preview: Preview) -> String {
        if preview.isBeingDeleted { return "being deleted" }
        guard let expires = preview.expires else { return "nobody knows" }
        let rest = expires.since(now)
        return rest > .zero ? DurationText.human(rest) : "expired \(DurationText.human(.zero - rest)) ago"
    }

    private static func orDash(_ text: String) -> String { text.isEmpty ? "-" : text }
}
