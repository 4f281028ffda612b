/// Something wrong in a definition or an input: where, what, and what would be right.
package struct Problem: Sendable, Hashable, Error, CustomStringConvertible {
    package var location: SourceLocation
    /// What is wrong, one sentence without a full stop.
    package var message: String
    /// What would be right, if that can be told.
    package var fix: String?
    /// True for what may run as it is, and will probably not do what is meant.
    package var isWarning = false

    package init(_ message: String, at location: SourceLocation, fix: String? = nil) {
        self.location = location
        self.message = message
        self.fix = fix
    }

    /// `file:line:column: error: what; what would be right`, or `warning:`.
    package var description: String {
        let place = location == .none ? "" : "\(location): "
        return "\(place)\(isWarning ? "warning" : "error"): \(message)" + (fix.map { "; \($0)" } ?? "")
    }
}
