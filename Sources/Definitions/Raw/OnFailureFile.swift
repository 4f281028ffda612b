import Domain

/// What a command's file says under `on_failure`.
struct OnFailureFile: Sendable {
    var says: Located<String>?
    var hint: Located<String>?
    var steps: [StepFile]

    /// Reads the map.
    init(_ reader: inout KeyReader) {
        says = reader.one("says", .template, "The state in which things are left", Convert.template("'says'"))
        hint = reader.one("hint", .template, "What people could try", Convert.template("'hint'"))
        steps =
            reader.sections("steps", "step", "Steps that bring things into a known state", StepFile.init) ?? []
    }
}
