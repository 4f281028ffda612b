/// Why the ingress did not start; for the person who starts the bot.
package struct IngressError: Error, Sendable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}
