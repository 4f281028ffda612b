/// Why files could not be handed over to a host, for the team.
package struct SecureCopyError: Error, Sendable, Hashable, CustomStringConvertible {
    package var target: String
    package var reason: String

    package init(target: String, reason: String) {
        self.target = target
        self.reason = reason
    }

    package var description: String { "\(target): \(reason)" }
}
