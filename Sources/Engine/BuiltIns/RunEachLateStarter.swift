package import Domain
import Synchronization

/// Stands in for the engine where actions are made, which is before the engine is.
package final class RunEachLateStarter: JobStarter {
    private let starter = Mutex<(any JobStarter)?>(nil)

    package init() {}

    /// Tells who really starts jobs. Called once, before any job runs.
    package func bind(to starter: any JobStarter) { self.starter.withLock { $0 = starter } }

    package func commandLine(of start: JobStart, for jobID: JobID) async throws(ActionError) -> String {
        try await bound.commandLine(of: start, for: jobID)
    }

    package func start(_ start: JobStart, for jobID: JobID, key: String) async throws(ActionError) -> JobID {
        try await bound.start(start, for: jobID, key: key)
    }

    private var bound: any JobStarter {
        get throws(ActionError) {
            guard let starter = starter.withLock({ $0 }) else { throw ActionError("the bot has not started yet") }
            return starter
        }
    }
}
