import Domain

/// A command offered as a button, as a command's file writes it.
struct OfferFile: Sendable {
    var label: Located<String>?
    var run: Located<String>?

    /// Reads one offer.
    init(_ reader: inout KeyReader) {
        label = reader.one(
            "label", .template, "What the button says", isRequired: true, Convert.template("'label'"))
        run = reader.one(
            "run", .template, "The command line it runs", isRequired: true, Convert.template("'run'"))
    }
}
