package import Domain

/// The section `watch` of the settings: who watches the bot.
package struct WatchSettings: Sendable {
    /// Somebody who expects to hear from the bot.
    package struct Heartbeat: Sendable {
        package var url: TextOrSecret
        package var every: Duration
    }

    /// An alert that always fires, by which Alertmanager shows that its alerts arrive.
    package struct Watchdog: Sendable {
        /// Its `alertname`.
        package var alert: String
        /// The longest time between two arrivals.
        package var within: Duration

        package init(alert: String, within: Duration) {
            self.alert = alert
            self.within = within
        }
    }

    /// Shorter spans would load others for nothing.
    static let shortest = Duration.seconds(5)
    // Nil is never seen: the pattern is a constant that compiles, which a test shows.
    static let address = try? Pattern("https?://[^\\s#@]+")

    package var heartbeat: Heartbeat?
    package var watchdog: Watchdog?

    /// Reads the section; problems are in the reader.
    package init(_ input: inout InputReader) {
        heartbeat =
            input.section("heartbeat", "An address that is fetched while the bot is ready, so that silence is noticed")
        {
            input in
            let url = input.textOrSecret("url", "The address, or where it is to be found", isRequired: true)
            WatchSettings.check(url, &input)
            let every = input.duration("every", "How often", default: .seconds(60))
            WatchSettings.checkSpan(every, "every", &input)
            return url.map { Heartbeat(url: $0, every: every) }
        } ?? nil
        watchdog = input.section(
            "watchdog", "An alert that always fires and must keep coming from Alertmanager"
        ) { input in
            let alert = input.text("alert", "Its alertname", default: "Watchdog")
            let within = input.duration(
                "within", "The longest time between two arrivals; more than the route's repeat_interval",
                default: .seconds(600))
            WatchSettings.checkSpan(within, "within", &input)
            return Watchdog(alert: alert, within: within)
        }
    }

    private static func check(_ url: TextOrSecret?, _ input: inout InputReader) {
        guard case .text(let text)? = url, address?.matches(text) == false else { return }
        input.report(
            "'url' is no address", field: "url",
            fix: "write https://…, or {env: NAME}, {file: path} or {stored: name} where the address holds a token")
    }

    private static func checkSpan(_ span: Duration, _ field: String, _ input: inout InputReader) {
        guard span < shortest else { return }
        input.report("'\(field)' must be at least \(DurationText.canonical(shortest))", field: field)
    }

    /// The section as the settings' reader knows it.
    package static let section = SettingsSection(name: "watch", summary: "Who watches the bot") { input in
        _ = WatchSettings(&input)
    }
}
