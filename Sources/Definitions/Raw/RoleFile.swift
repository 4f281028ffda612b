import Domain

/// A role as the settings write it.
struct RoleFile: Sendable {
    var name: Located<String>
    var summary: String?
    /// Nil when the role has no limits.
    var may: [PermissionFile]?

    /// Reads the map under a role's name.
    init(_ reader: inout KeyReader, name: Located<String>) {
        self.name = name
        summary = reader.one("summary", .text(nil), "One line for people", Convert.text(nil, "'summary'"))?.value
        may = reader.textsOrSections(
            "may", .text(.commandPattern), "permission",
            "What its people may run of the commands that name it, each a command, 'preview *' for all whose names begin so, '*', or a map; all of them when it is left out",
            PermissionFile.init(text:), PermissionFile.init)
    }
}

/// One permission of a role.
struct PermissionFile: Sendable {
    var command: Located<String>?
    var pools: [Located<String>]?
    var arguments: [(name: Located<String>, values: [LocatedValue])]

    /// A command without limits.
    init(text value: LocatedValue) throws(Problem) {
        command = Located(
            value: try Convert.text(.commandPattern, "what a role may run")(value), location: value.location)
        arguments = []
    }

    /// Reads the map.
    init(_ reader: inout KeyReader) {
        command = reader.one(
            "command", .text(.commandPattern), "The command, 'preview *' for all whose names begin so, or '*'",
            isRequired: true, Convert.text(.commandPattern, "'command'"))
        pools = reader.many(
            "pools", .text(.argument),
            "The pools that the job may be about: the argument 'pool' and the pools in its locks; it must be about one",
            Convert.text(.argument, "a pool"))
        if let pools, pools.isEmpty, let place = reader.value["pools"]?.location {
            reader.report("without a pool the entry gives nothing", at: place, fix: "name pools, or remove 'pools'")
        }
        arguments = reader.map(
            "arguments", .list(.anything), "By an argument's name, the values that it may have"
        ) { value throws(Problem) in
            guard let items = value.items, !items.isEmpty, items.count <= 100 else {
                throw Problem(
                    "an argument's values must be a list of 1 to 100, and it is \(value.kindName)",
                    at: value.location, fix: "write [ ] around them")
            }
            return items
        }.map { (name: $0.name, values: $0.value.value) }
    }
}
