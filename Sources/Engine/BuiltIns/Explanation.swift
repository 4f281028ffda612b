package import Domain
package import Foundation

/// All that the ledger knows about a delivery, an event or a job, as `explain --json` shows it.
package struct Explanation: Sendable, Codable, Hashable {
    /// A delivery without its body.
    package struct DeliveryPart: Sendable, Codable, Hashable {
        package var rowID: Int64
        package var deliveryID: String?
        package var source: String
        package var route: String
        package var receivedAt: Date
        package var remoteAddress: String
        /// What the verifier proved about the sender; nil when the audit has no such record.
        package var verifiedSender: String?
        package var state: DeliveryState
        /// How often it came again.
        package var repeats: Int64
        package var note: String?

        private enum CodingKeys: String, CodingKey {
            case source, route, state, repeats, note
            case rowID = "row_id"
            case deliveryID = "delivery_id"
            case receivedAt = "received_at"
            case remoteAddress = "remote_address"
            case verifiedSender = "verified_sender"
        }
    }

    /// `job/42`, `event/7`, `delivery/17`.
    package var id: String
    /// Why it did, or did not, run.
    package var answer: String
    package var delivery: DeliveryPart?
    package var events: [EventListing] = []
    package var jobs: [JobListing] = []
    package var steps: [StepListing] = []
    package var guards: Guards?
    /// What the job's guards said when they were looked at last.
    package var verdicts: [GuardVerdict]?
    package var reports: [ReportListing] = []
    /// Oldest first.
    package var history: [AuditListing] = []

    package init(id: String, answer: String) {
        self.id = id
        self.answer = answer
    }
}
