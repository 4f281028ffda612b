import Domain

/// One set of approvals as a command's file writes it.
struct ApprovalFile: Sendable {
    var when: [Located<Matcher>]
    var need: Located<Int>?
    var from: [Located<String>]
    var within: Located<Duration>?
    var deny: Located<Int>?
    var own: Located<String>?
    var location: SourceLocation

    /// Reads one set.
    init(_ reader: inout KeyReader) {
        when =
            reader.many(
                "when", .matcher,
                "It applies when all of these hold on arguments, pool, plan.changes, plan.deletions and steps.<id>.changes; always when it is empty",
                Convert.matcher) ?? []
        let numbers = 1...ApprovalDefinition.mostNeeded
        need = reader.one(
            "need", .integer(numbers), "How many people must approve", default: "1",
            Convert.integer("'need'", in: numbers))
        from =
            reader.many(
                "from", .text(.name), "Who may: people with any one of these roles", isRequired: true,
                Convert.text(.name, "a role")) ?? []
        within = reader.one(
            "within", .duration, "How long people have, 1m to 7d",
            default: DurationText.canonical(ApprovalDefinition.usualWithin),
            Convert.duration("'within'", in: ApprovalDefinition.withinBounds))
        deny = reader.one(
            "deny", .integer(numbers), "So many denials end it", default: "1",
            Convert.integer("'deny'", in: numbers))
        let choices = ["never", "emergency"]
        own = reader.one(
            "own", .choice(choices),
            "Whether who asked may approve it too: in an emergency, with a reason, and everybody is told",
            default: "never", Convert.choice("'own'", of: choices))
        location = reader.value.location
        if reader.value["from"]?.items?.isEmpty == true {
            reader.report("'from' names no role", at: location, fix: "write from: [lead]")
        }
    }

    var definition: ApprovalDefinition {
        ApprovalDefinition(
            when: when.map(\.value), need: need?.value ?? 1, from: from.map(\.value),
            within: within?.value ?? ApprovalDefinition.usualWithin, deny: deny?.value ?? 1,
            allowsOwn: own?.value == "emergency", location: location)
    }
}
