/// A failure that a person can switch on and off on the sandbox's page.
package struct SandboxFailureSwitch: Sendable {
    /// Unique on the page: `slack.429`.
    package var id: String
    /// The heading under which it stands: `Slack`.
    package var system: String
    /// A few words: `Answers 429`.
    package var label: String
    /// One sentence: what the bot will meet.
    package var help: String
    package var isOn: @Sendable () async -> Bool
    package var set: @Sendable (Bool) async -> Void

    package init(
        id: String, system: String, label: String, help: String, isOn: @escaping @Sendable () async -> Bool,
        set: @escaping @Sendable (Bool) async -> Void
    ) {
        self.id = id
        self.system = system
        self.label = label
        self.help = help
        self.isOn = isOn
        self.set = set
    }
}
