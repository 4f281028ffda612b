/// A value that must not leave: it prints as `<secret>`. `reveal()` is called where it is used, never to store it: a
/// secret of the settings may have another value the next time.
package struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private enum Storage: Sendable {
        case fixed(String)
        case current(CurrentSecret)
    }

    private let storage: Storage

    package init(_ value: String) { storage = .fixed(value) }

    /// A secret that always has the newest value.
    init(_ current: CurrentSecret) { storage = .current(current) }

    /// The value itself, for the one call that needs it.
    package func reveal() -> String {
        switch storage {
        case .fixed(let value): value
        case .current(let current): current.value
        }
    }

    package var isEmpty: Bool { reveal().isEmpty }
    package var description: String { "<secret>" }
    package var debugDescription: String { "<secret>" }
    package var customMirror: Mirror { Mirror(self, children: []) }

    package static func == (left: Secret, right: Secret) -> Bool {
        ConstantTime.equals(Array(left.reveal().utf8), Array(right.reveal().utf8))
    }

    /// The same for all: a value that may change must not decide where it is found.
    package func hash(into hasher: inout Hasher) {}
}
