/// What `POST /api/v1/run` takes.
package struct RunRequest: Sendable, Codable, Hashable {
    /// The words after `/defimon`.
    package var text: String
    /// The same key gives the same job again.
    package var idempotencyKey: String?

    package init(text: String, idempotencyKey: String?) {
        self.text = text
        self.idempotencyKey = idempotencyKey
    }

    private enum CodingKeys: String, CodingKey {
        case text
        case idempotencyKey = "idempotency_key"
    }
}

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

/// What a cancel answers.
package struct MessageListing: Sendable, Codable, Hashable {
    package var message: String
    package init(message: String) { self.message = message }
}

/// What a reload answers.
package struct ReloadListing: Sendable, Codable, Hashable {
    /// False when the old definitions stay in force.
    package var isLoaded: Bool
    /// `file:line:column: error: what; what would be right`.
    package var problems: [String]

    package init(_ problems: [Problem]) {
        isLoaded = problems.isEmpty
        self.problems = problems.map(\.description)
    }

    private enum CodingKeys: String, CodingKey {
        case problems
        case isLoaded = "is_loaded"
    }
}

/// Whether the bot is ready, and why not.
package struct ReadyListing: Sendable, Codable, Hashable {
    package var isReady: Bool
    package var reasons: [String]

    package init(reasons: [String]) {
        isReady = reasons.isEmpty
        self.reasons = reasons
    }

    private enum CodingKeys: String, CodingKey {
        case reasons
        case isReady = "is_ready"
    }
}

/// What every refusal and error of the HTTP interface answers: one line of JSON.
package struct ErrorListing: Sendable, Codable, Hashable {
    package var error: String
    package init(error: String) { self.error = error }
}
