import Domain

/// One of a rule's remedies under `otherwise`.
struct RemedyFile: Sendable {
    var run: Located<String>?
    var with: [LocatedValue.Member]
    var verify: VerifyFile?

    /// Reads the map.
    init(_ reader: inout KeyReader) {
        run = reader.one("run", .text(nil), "The command it runs", isRequired: true, Convert.text(nil, "'run'"))
        with =
            reader.map("with", .anything, "The command's arguments") { value throws(Problem) in value }
            .map { LocatedValue.Member(name: $0.name.value, location: $0.name.location, value: $0.value.value) }
        verify = reader.section(
            "verify", "verify", "What proves that it had its effect; what proves it for the rule when left out",
            VerifyFile.init)
    }
}
