import Domain

/// One lock as a command's file writes it: its path alone, or a map with its mode.
struct LockFile: Sendable {
    var path: Located<String>?
    var mode: LockRequest.Mode

    /// Reads a path alone, which locks exclusively.
    init(_ value: LocatedValue) throws(Problem) {
        path = Located(value: try Convert.template("a lock")(value), location: value.location)
        mode = .exclusive
    }

    /// Reads the map form.
    init(_ reader: inout KeyReader) {
        path = reader.one(
            "path", .template, "What is locked; a lock covers all paths below it", isRequired: true,
            Convert.template("'path'"))
        let modes = ["exclusive", "shared"]
        let mode = reader.one(
            "mode", .choice(modes), "Whether others may hold it at the same time", default: "exclusive",
            Convert.choice("'mode'", of: modes))
        self.mode = mode.flatMap { LockRequest.Mode(rawValue: $0.value) } ?? .exclusive
    }
}
