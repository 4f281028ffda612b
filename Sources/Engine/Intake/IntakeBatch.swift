import Domain
import Foundation

/// What one batch of the intake makes of its deliveries, committed at once.
struct IntakeBatch {
    var change = LedgerChange()
    var made: [JobFactory.Made] = []
    var resolved: [String] = []
    var work: [RequestDesk.Work] = []
    /// Of events that are stored, or will be by this batch.
    var keys: Set<String>
    var topics: Set<String> = []
    /// The last match of each rule, by the name of its note.
    var marks: [String: RuleMark] = [:]
    /// When the alert that must keep coming came.
    var watchdogSeen: Date?
    /// What the delivery that is taken just now brings.
    var delivery = OneDelivery()

    init(keys: Set<String>) { self.keys = keys }

    /// Those of the present delivery with them.
    var allMade: [JobFactory.Made] { delivery.made.isEmpty ? made : made + delivery.made }

    /// What one delivery has brought so far.
    struct OneDelivery {
        /// Alerts that fire, and those of them that are too late.
        var firing = 0
        var late = 0
        /// Jobs that rules make of it, not in the batch's change yet.
        var made: [JobFactory.Made] = []
        var groupKey = ""
        /// The names of the alerts that led to jobs.
        var names: [String] = []

        /// Whether none of its alerts is news, since all of them are over.
        var isLate: Bool { firing > 0 && late == firing }

        mutating func take(_ made: [JobFactory.Made], of event: Event) {
            guard !made.isEmpty else { return }
            self.made += made
            guard case .alert(let alert) = event.origin else { return }
            groupKey = alert.groupKey
            let name = event.attributes["labels"]?["alertname"]?.stringValue ?? event.subject
            if !names.contains(name) { names.append(name) }
        }
    }

    /// Takes the jobs of a whole delivery: those of one group of alerts share a message, which is known only now.
    mutating func takeJobs(_ board: JobBoard) {
        let definitions = board.definitions.value
        var alerting = delivery.made.filter {
            $0.job.alertFingerprint != nil && definitions.commands[$0.job.command]?.isQuiet != true
        }
        let about =
            delivery.names.prefix(3).joined(separator: ", ")
            + (delivery.names.count > 3 ? " and \(delivery.names.count - 3) more" : "")
        board.heads.gather(&alerting, groupKey: delivery.groupKey, about: about)
        let gathered = Dictionary(alerting.map { ($0.job.id, $0) }, uniquingKeysWith: { first, _ in first })
        for job in delivery.made {
            let job = gathered[job.job.id] ?? job
            change.merge(board.change(making: job, definitions))
            made.append(job)
        }
        delivery.made = []
    }
}
