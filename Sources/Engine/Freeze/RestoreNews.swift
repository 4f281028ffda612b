import Domain
import Foundation

/// The first start after a restore tells the team what it means.
struct RestoreNews: Sendable {
    /// Jobs that are named one by one.
    private static let shown = 20

    var board: JobBoard
    var announcer: any TeamAnnouncer

    /// Once per restore.
    func tell() async throws(LedgerError) {
        guard var point = await board.restorePoint, !point.isSettled else { return }
        let lost = await board.lostByRestore
        point.isSettled = true
        try await announcer.announce(
            report(point, lost), subject: "restore/\(point.at.microseconds)",
            with: LedgerChange([.saveNote(RestorePoint.note, point.json)]))
    }

    private func report(_ point: RestorePoint, _ lost: [Job]) -> Report {
        var blocks: [Report.Block] = [
            .fields([
                .init("Backup", point.from), .init("Holds what happened until", PersonTime.text(point.madeAt)),
                .init("Restored", PersonTime.text(point.at)),
            ]),
            .text(
                "What happened after the backup was made the bot does not know, and does nothing of it again. It is frozen: look around, then /defimon thaw."
            ),
        ]
        if point.droppedReports > 0 {
            let many = point.droppedReports != 1
            blocks.append(
                .text(
                    "\(point.droppedReports) report\(many ? "s" : "") that waited to be delivered when the backup was made "
                        + "\(many ? "are" : "is") not delivered again. `defimon audit list --kind report.dropped` names "
                        + "\(many ? "them" : "it")."))
        }
        if !lost.isEmpty {
            blocks.append(.text("These were under way then, and nobody can tell what became of them:"))
            var lines = lost.prefix(RestoreNews.shown).map { "\($0.id)  \($0.commandLine)" }
            if lost.count > RestoreNews.shown { lines.append("and \(lost.count - RestoreNews.shown) more") }
            blocks.append(.code(lines.joined(separator: "\n")))
        }
        return Report(mood: .warning, title: "The ledger was restored from a backup", blocks: blocks)
    }
}
