/// What a cancel answers.
package struct MessageListing: Sendable, Codable, Hashable {
    package var message: String
    package init(message: String) { self.message = message }
}
