/// What `POST /api/v1/run` and a retry answer.
package struct RunListing: Sendable, Codable, Hashable {
    /// False for a refusal, an unknown command or a bad value.
    package var isAccepted: Bool
    package var jobID: JobID?
    package var mood: Report.Mood
    /// What the person reads at once, as plain text.
    package var text: String

    package init(_ answer: RunAnswer) {
        isAccepted = answer.isAccepted
        jobID = answer.jobID
        mood = answer.report.mood
        text = answer.report.plainText
    }

    private enum CodingKeys: String, CodingKey {
        case mood, text
        case isAccepted = "is_accepted"
        case jobID = "job_id"
    }
}
