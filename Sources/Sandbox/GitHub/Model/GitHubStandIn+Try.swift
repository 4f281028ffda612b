extension GitHubStandIn {
    /// One try to deliver, as GitHub's list of deliveries tells it.
    package struct Try: Sendable {
        package enum Outcome: Sendable, Hashable {
            case answered(Int)
            case notConnected, timedOut

            /// What `answers` of a delivery says: 0 when there was no answer.
            var answer: Int { if case .answered(let status) = self { status } else { 0 } }

            /// GitHub has codes of its own where there was no answer.
            var statusCode: Int {
                switch self {
                case .answered(let status): status
                case .notConnected: 502
                case .timedOut: 504
                }
            }

            var words: String {
                switch self {
                case .answered(200...299): "OK"
                case .answered(let status): "Invalid HTTP Response: \(status)"
                case .notConnected: "failed to connect to host"
                case .timedOut: "timed out"
                }
            }
        }

        package var id: Int
        /// `X-GitHub-Delivery`.
        package var guid: String
        package var hookID: Int
        /// Microseconds since 1970.
        package var at: Int64
        package var isRedelivery: Bool
        package var outcome: Outcome
    }
}
