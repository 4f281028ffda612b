import Domain
import Synchronization

/// The stand-in's state behind a lock, with a count of its changes.
final class GitHubWorld: Sendable {
    private let state: Mutex<GitHubState>
    let time: any TimeSource
    let changes = ChangeCounter()

    init(_ state: GitHubState, time: any TimeSource) {
        self.state = Mutex(state)
        self.time = time
    }

    /// The time, in microseconds since 1970.
    var now: Int64 { time.now.microseconds }

    /// A copy of the state.
    var snapshot: GitHubState { state.withLock { $0 } }

    /// Changes the state and tells those who wait for news.
    func change<Value: Sendable>(_ body: (inout GitHubState) throws -> Value) throws -> Value {
        let result = state.withLock { state in Result { try body(&state) } }
        changes.bump()
        return try result.get()
    }

    /// Changes one repository. Throws GitHub's 404 when there is none.
    func change<Value: Sendable>(
        _ name: String, _ body: (inout GitHubRepository, inout GitHubState) throws -> Value
    ) throws -> Value {
        try change { state in
            guard var repository = state.repository(name) else { throw GitHubError.notFound }
            let value = try body(&repository, &state)
            state.put(repository)
            return value
        }
    }

    /// One repository. Throws GitHub's 404 when there is none.
    func repository(_ name: String) throws -> GitHubRepository {
        guard let repository = snapshot.repository(name) else { throw GitHubError.notFound }
        return repository
    }
}
