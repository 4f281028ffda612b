import Domain

/// One key of a definition file.
struct Key: Sendable, Hashable {
    var name: String
    var kind: KeyKind
    var isRequired: Bool
    var defaultText: String?
    /// One sentence without a full stop.
    var help: String
}

/// The keys of one kind of map.
struct Shape: Sendable, Hashable {
    var name: String
    var keys: [Key]
    /// What every other key is, for a map whose further keys are names of the writer's own.
    var others: Key?
}
