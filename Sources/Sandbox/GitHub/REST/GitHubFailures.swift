import Domain
import Synchronization

extension GitHubStandIn {
    /// GitHub's failures, for a number of requests or until switched off. Kinds that are on together are used in the
    /// order of `Kind`'s cases.
    package final class Failures: Sendable {
        package enum Kind: String, Sendable, Hashable, CaseIterable {
            /// The connection is cut before anything is done.
            case reset
            /// The request takes effect, then the connection is cut.
            case resetAfterwards
            /// 500.
            case internalError
            /// 502 with a page of HTML, as GitHub's front servers send it.
            case badGateway
            /// 401 `Bad credentials`.
            case unauthorized
            /// 404, also for what is there: GitHub says so when a token lost a repository.
            case notFound
            /// 403 with `X-RateLimit-Remaining: 0`.
            case primaryRateLimit
            /// 403 with `Retry-After` and GitHub's words about the secondary limit.
            case secondaryRateLimit
            /// 429 with `Retry-After`.
            case tooManyRequests
            /// Every list is empty. Other requests are answered as ever and not counted.
            case emptyList
        }

        private struct Failure {
            var left: Int?
            var concerns: @Sendable (_ method: String, _ path: String) -> Bool
        }

        private struct State {
            var failures: [Kind: Failure] = [:]
            var delay: Duration?
            var retryAfter = 60
            var received: [String] = []
        }

        /// Requests whose method and path are remembered.
        static let keptRequests = 10_000

        private let state = Mutex(State())

        /// The next `count` requests fail in that way; nil: all, until cleared. `concerns` names the method and the path
        /// of those that are meant.
        package func set(
            _ kind: Kind, _ count: Int? = nil,
            where concerns: @escaping @Sendable (_ method: String, _ path: String) -> Bool = { _, _ in true }
        ) {
            state.withLock { state in
                state.failures[kind] = count == 0 ? nil : Failure(left: count, concerns: concerns)
            }
        }

        /// Switches one kind off.
        package func clear(_ kind: Kind) { state.withLock { $0.failures[kind] = nil } }

        /// Switches everything off.
        package func clear() {
            state.withLock { state in
                state.failures = [:]
                state.delay = nil
            }
        }

        package func isOn(_ kind: Kind) -> Bool { state.withLock { $0.failures[kind] != nil } }

        /// Every answer comes that much later; nil: at once.
        package var delay: Duration? {
            get { state.withLock { $0.delay } }
            set { state.withLock { $0.delay = newValue } }
        }

        /// What the rate limits say: seconds until they are over.
        package var retryAfter: Int {
            get { state.withLock { $0.retryAfter } }
            set { state.withLock { $0.retryAfter = newValue } }
        }

        /// Requests so far: `GET /repos/acme/analytics-api/pulls?state=open`.
        package var received: [String] { state.withLock { $0.received } }

        func note(_ line: String) {
            state.withLock { state in
                state.received.append(line)
                if state.received.count > Failures.keptRequests { state.received.removeFirst() }
            }
        }

        /// Takes one request's failure, an empty list excepted.
        func take(_ method: String, _ path: String) -> Kind? {
            Kind.allCases.first { $0 != .emptyList && take($0, method, path) }
        }

        /// Whether this list is to be empty.
        func takesEmptyList(_ method: String, _ path: String) -> Bool { take(.emptyList, method, path) }

        private func take(_ kind: Kind, _ method: String, _ path: String) -> Bool {
            state.withLock { state in
                guard let failure = state.failures[kind], failure.concerns(method, path) else { return false }
                guard let left = failure.left else { return true }
                if left > 1 { state.failures[kind]?.left = left - 1 } else { state.failures[kind] = nil }
                return true
            }
        }
    }
}
