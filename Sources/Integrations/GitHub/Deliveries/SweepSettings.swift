import Domain

/// The section `github.missed_deliveries`: whose deliveries are looked at, and how often.
package struct SweepSettings: Sendable, Hashable {
    static let shortest = Duration.seconds(30)

    package var every: Duration
    package var hooks: [DeliveryHook]

    init(_ input: inout InputReader) {
        every = input.duration(
            "every", "How often GitHub's deliveries are looked at, at least 30s", default: .seconds(300))
        let texts = input.texts(
            "hooks",
            "Whose: owner/repository/hook id, organisation/hook id, or app for the app's own. The token or app needs the "
                + "permission to read and write webhooks there", isRequired: true)
        hooks = texts.compactMap(DeliveryHook.init)
        if every < SweepSettings.shortest {
            input.report("every is shorter than 30s", field: "every", fix: "write every: 5m")
        }
        for text in texts where DeliveryHook(text) == nil {
            input.report(
                "\(text) names no hook", field: "hooks",
                fix: "write acme/api/292430182 for a repository's hook, acme/17 for an organisation's, or app")
        }
        if Set(hooks).count < hooks.count {
            input.report("a hook is named twice", field: "hooks", fix: "name each once")
        }
    }
}
