/// What came of making one thing what it is wanted to be.
package struct EnsuredThing: Sendable {
    /// As the provider shows it.
    package var resource: JSONValue
    /// What was changed, for people; empty: nothing.
    package var changes: [String] = []
    package var isCreated = false
    package var isOurs = true
    package var warnings: [String] = []

    package init(resource: JSONValue, isOurs: Bool = true) {
        self.resource = resource
        self.isOurs = isOurs
    }

    /// What every ensure action puts out, beside its own outputs.
    package func outputs(_ own: [String: JSONValue], title: String) -> [String: JSONValue] {
        var outputs = own
        outputs["changed"] = .bool(!changes.isEmpty)
        let done = changes.isEmpty ? "is as wanted" : changes.joined(separator: ", ")
        outputs["summary"] = .string(isOurs ? "\(title) \(done)" : EnsureRefusal.onlyRead(title))
        if !warnings.isEmpty { outputs["details"] = .string(warnings.joined(separator: "\n")) }
        return outputs
    }
}
