import Domain

extension VerifyDefinition {
    /// Reads the map under `verify`.
    static func read(_ reader: inout KeyReader) -> VerifyDefinition {
        let within = reader.one(
            "alert_resolved_within", .duration, "How long after the last step the alert must be resolved",
            isRequired: true, Convert.duration("'alert_resolved_within'"))
        return VerifyDefinition(alertResolvedWithinMilliseconds: within?.value.milliseconds ?? 0)
    }
}
