package import Domain
import Synchronization

/// The definitions in force. A reload replaces them as a whole.
package final class CurrentDefinitions: Sendable {
    private let current: Mutex<DefinitionSet>

    package init(_ set: DefinitionSet) { current = Mutex(set) }

    package var value: DefinitionSet { current.withLock { $0 } }

    package func replace(with new: DefinitionSet) { current.withLock { $0 = new } }
}
