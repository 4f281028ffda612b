package import Domain
import Foundation
import Synchronization

/// Kept values in memory, for tests of actions: set by olivia with job 42 on the first day of the tests' time.
package final class MemoryKeptValues: KeptValues {
    private let values: Mutex<[String: KeptValue]>

    package init() { values = Mutex([:]) }

    /// All keys, sorted.
    package var keys: [String] { values.withLock { $0.keys.sorted() } }

    package func value(_ key: String) async throws(ActionError) -> KeptValue? { values.withLock { $0[key] } }

    package func values(under beginning: String) async throws(ActionError) -> [KeptValue] {
        values.withLock { $0.values.filter { $0.key.hasPrefix(beginning) }.sorted { $0.key < $1.key } }
    }

    package func set(_ key: String, _ value: JSONValue) async throws(ActionError) {
        if let problem = KeptValue.problem(ofKey: key) { throw ActionError(problem) }
        values.withLock {
            $0[key] = KeptValue(
                key: key, value: value, size: value.canonicalBytes.count, jobID: 42, requester: "olivia",
                setAt: Date(timeIntervalSince1970: 1_790_000_000))
        }
    }

    package func remove(_ key: String) async throws(ActionError) { values.withLock { _ = $0.removeValue(forKey: key) } }
}
