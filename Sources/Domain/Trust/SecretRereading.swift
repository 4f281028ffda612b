/// What became of the secrets when they were read again. Names only, never a value nor a hash of one.
package struct SecretRereading: Sendable, Hashable {
    /// A secret that keeps its old value, because the new one could not be had.
    package struct Failure: Sendable, Hashable {
        /// `file:slack.secret`.
        package var name: String
        package var reason: String

        package init(name: String, reason: String) {
            self.name = name
            self.reason = reason
        }
    }

    /// Names of those that have another value now: `env:SLACK_SIGNING_SECRET`, `cluster:infrastructure`.
    package var rotated: [String] = []
    package var failures: [Failure] = []

    package init() {}

    /// Adds what another source of secrets found.
    package mutating func merge(_ other: SecretRereading) {
        rotated += other.rotated
        failures += other.failures
    }
}
