package import Domain

/// What the loader found. With any problem there is nothing to run: a reload keeps what was running.
package struct LoadedDefinitions: Sendable {
    /// Nil when there are problems.
    package var settings: Settings?
    /// Nil when there are problems.
    package var definitions: DefinitionSet?
    /// All problems of all files, sorted by their places.
    package var problems: [Problem]
    /// What keeps nothing from running, and is said by `defimon check`, sorted by places.
    package var warnings: [Problem] = []
    /// What could be read, with problems or without, for `DefinitionsLoader.checkExamples`.
    var candidate: DefinitionSet
    /// The examples of the rules that have no problem themselves.
    var examples: [RuleExamples] = []
}

/// The examples of one rule.
struct RuleExamples: Sendable {
    /// The rule's file, relative to the root.
    var file: String
    var rule: RuleDefinition
    var examples: [RuleExample]
}
