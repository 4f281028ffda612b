/// What proves that a job had its effect.
package struct VerifyDefinition: Sendable, Hashable, Codable {
    /// The alert must be resolved within that long after the last step, in milliseconds.
    package var alertResolvedWithinMilliseconds: Int64

    package init(alertResolvedWithinMilliseconds: Int64) {
        self.alertResolvedWithinMilliseconds = alertResolvedWithinMilliseconds
    }
}
