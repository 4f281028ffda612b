import Domain

/// What a rule's file says under `guards`.
struct GuardsFile: Sendable {
    var guards = Guards()
    var per: Located<String>?

    /// Reads the map.
    init(_ reader: inout KeyReader) {
        guards.firingForMilliseconds =
            reader.one(
                "firing_for", .duration, "How long the alert must have fired", Convert.duration("'firing_for'"))?
            .value.milliseconds
        guards.cooldownMilliseconds =
            reader.one(
                "cooldown", .duration, "How long after a job's end no second one starts for the same key",
                Convert.duration("'cooldown'"))?.value.milliseconds
        per = reader.one(
            "per", .template, "The key that 'cooldown' counts by", default: "the command line",
            Convert.template("'per'"))
        guards.per = per?.value
        guards.cancelOnResolve =
            reader.one(
                "cancel_on_resolve", .flag, "Whether a resolve cancels the job before its first change",
                default: "false", Convert.flag("'cancel_on_resolve'"))?.value ?? false
        guards.startWithinMilliseconds =
            reader.one(
                "start_within", .duration, "How long the job may wait before it starts",
                Convert.duration("'start_within'"))?.value.milliseconds
        guards.ifUnknown = reader.one(
            "if_unknown", .choice(IfUnknown.allCases.map(\.rawValue)),
            "What to do when Alertmanager cannot say whether the alert still fires", default: "ask",
            Convert.choice("'if_unknown'", of: IfUnknown.allCases.map(\.rawValue))
        ).flatMap { IfUnknown(rawValue: $0.value) }
        if let per, guards.cooldownMilliseconds == nil, reader.value["cooldown"] == nil {
            reader.report("'per' has no effect without 'cooldown'", at: per.location, fix: "add cooldown, or remove it")
        }
    }
}
