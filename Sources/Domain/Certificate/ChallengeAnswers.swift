import Synchronization

/// What the bot answers to `GET /.well-known/acme-challenge/{token}` (RFC 8555 §8.3). Renewals put answers in, the
/// ingress gives them out. After a restart it is empty: the step that goes on puts its own in again.
package final class ChallengeAnswers: Sendable {
    /// Answers at a time.
    package static let most = 1000

    private let answers = Mutex<[String: String]>([:])

    package init() {}

    /// Answers a token with its key authorization from now on; false when there are `most` others.
    package func put(_ keyAuthorization: String, for token: String) -> Bool {
        answers.withLock { answers in
            guard answers[token] != nil || answers.count < ChallengeAnswers.most else { return false }
            answers[token] = keyAuthorization
            return true
        }
    }

    package func remove(_ token: String) {
        answers.withLock { _ = $0.removeValue(forKey: token) }
    }

    /// Nil for a token that nobody has put in.
    package func answer(to token: String) -> String? { answers.withLock { $0[token] } }
}
