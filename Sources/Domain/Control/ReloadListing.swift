/// What a reload answers.
package struct ReloadListing: Sendable, Codable, Hashable {
    /// False when the old definitions stay in force.
    package var isLoaded: Bool
    /// `file:line:column: error: what; what would be right`.
    package var problems: [String]

    package init(_ problems: [Problem]) {
        isLoaded = problems.isEmpty
        self.problems = problems.map(\.description)
    }

    private enum CodingKeys: String, CodingKey {
        case problems
        case isLoaded = "is_loaded"
    }
}
