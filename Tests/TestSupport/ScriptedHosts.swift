package import Domain
import Synchronization

/// Hosts that answer to commands as a test says, and remember what they were asked.
package final class ScriptedHosts: HostAccess {
    /// One command that was run.
    package struct Call: Sendable, Hashable {
        package var host: String
        package var command: HostCommand
    }

    package typealias Answer = @Sendable (Call) throws(HostError) -> HostCommandResult

    package let names: [String]
    private let answer: Answer
    private let asked = Mutex<[Call]>([])

    package init(_ names: [String], answer: @escaping Answer) {
        self.names = names.sorted()
        self.answer = answer
    }

    /// All so far, in their order.
    package var calls: [Call] { asked.withLock { $0 } }

    package func run(_ command: HostCommand, on host: String, for job: JobID) async throws(HostError)
        -> HostCommandResult
    {
        guard names.contains(host) else { throw .unknown(host, among: names) }
        let call = Call(host: host, command: command)
        asked.withLock { $0.append(call) }
        return try answer(call)
    }
}
