import Domain

extension String {
    /// The text as a TEXT column takes it: SQLite's text ends at a NUL, so one that came from outside is replaced, and
    /// two texts that differ behind it stay different.
    var column: String { utf8.contains(0) ? replacing("\0", with: "\u{fffd}") : self }
}

extension Place {
    /// The place as a column holds it. A private one is marked: its address is a capability, and is not to be listed.
    var column: String { ((isPrivate ? "!" : "") + channel + ":" + address).column }
}
