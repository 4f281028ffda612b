/// Why the audit cannot be sealed, for the person who starts the bot.
package struct AuditSealError: Error, Sendable, Hashable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}
