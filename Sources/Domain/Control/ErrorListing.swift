/// What every refusal and error of the HTTP interface answers: one line of JSON.
package struct ErrorListing: Sendable, Codable, Hashable {
    package var error: String
    package init(error: String) { self.error = error }
}
