/// Where a rule's job stands among the rule's remedies.
package struct JobLadder: Sendable, Codable, Hashable {
    /// A remedy as it was filled in when the event came.
    package struct Remedy: Sendable, Codable, Hashable {
        package var command: String
        package var arguments: [String: JSONValue]
        package var verify: VerifyDefinition?

        package init(command: String, arguments: [String: JSONValue], verify: VerifyDefinition?) {
            self.command = command
            self.arguments = arguments
            self.verify = verify
        }
    }

    /// From 1.
    package var rung: Int
    package var count: Int
    /// The job of the remedy before, which did not help.
    package var before: JobID?
    /// The job of the remedy after, once this one has not helped either.
    package var next: JobID?
    /// The remedies after this one.
    package var rest: [Remedy]

    package init(rung: Int, count: Int, before: JobID? = nil, rest: [Remedy]) {
        self.rung = rung
        self.count = count
        self.before = before
        self.rest = rest
    }

    /// `remedy 2 of 3`.
    package var words: String { "remedy \(rung) of \(count)" }
}
