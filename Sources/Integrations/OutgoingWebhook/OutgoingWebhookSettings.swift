package import Domain

/// The section `outgoing_webhooks` of the settings: receivers of reports by name, each a place `webhook:<name>`.
package struct OutgoingWebhookSettings: Sendable {
    /// What a receiver understands.
    package enum Format: String, Sendable, Hashable, CaseIterable {
        /// The report as JSON, signed.
        case json
        /// PagerDuty's Events API v2.
        case pagerduty
    }

    /// One receiver.
    package struct Receiver: Sendable, Hashable {
        /// Where reports are sent to.
        package var url: String
        package var format: Format
        /// Signs what is sent; of `json` only.
        package var secret: SecretReference?
        /// PagerDuty's integration key; of `pagerduty` only.
        package var routingKey: SecretReference?
        /// What PagerDuty shows as the source of an alert, and what tells this bot's alerts from another bot's.
        package var source: String
        /// A file of certificates to trust, PEM; nil: the machine's.
        package var ca: String?
    }

    /// By name.
    package var receivers: [String: Receiver]

    package init(_ input: inout InputReader) {
        receivers = input.everyNamed("Each receiver by its name; reports go to webhook:<name>") { name, receiver in
            Receiver(name, &receiver)
        }
    }

    /// The section as the settings' reader knows it.
    package static let section = SettingsSection(
        name: "outgoing_webhooks", summary: "Receivers of reports by HTTP: programs of your own, PagerDuty"
    ) { input in
        _ = OutgoingWebhookSettings(&input)
    }

    // Nil is never seen: the patterns are constants that compile, which a test shows.
    static let address = try? Pattern("https?://[^\\s/?#@]+([/?][^\\s#]*)?")
    static let name = try? Pattern("[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
    static let sourceName = try? Pattern("[A-Za-z0-9][A-Za-z0-9._:/-]{0,62}")
}

extension OutgoingWebhookSettings.Receiver {
    fileprivate init(_ name: String, _ input: inout InputReader) {
        let url = input.optionalText(
            "url", "Where reports are sent to; PagerDuty's own address when left out with format pagerduty",
            pattern: OutgoingWebhookSettings.address)
        let format =
            input.choice(
                "format", "What the receiver understands", of: OutgoingWebhookSettings.Format.self, default: .json)
            ?? .json
        secret = input.secret(
            "secret", "Signs what is sent, so that the receiver knows it is from here; for format json",
            isRequired: false)
        routingKey = input.secret(
            "routing_key", "The integration key of PagerDuty's Events API v2; for format pagerduty", isRequired: false)
        source = input.text(
            "source", "What PagerDuty shows as the source; different for each bot that shares a PagerDuty service",
            pattern: OutgoingWebhookSettings.sourceName, default: "defimon")
        ca = input.optionalText("ca", "A file of certificates to trust for url, PEM")
        self.url = url ?? PagerDutyEvent.enqueueURL
        self.format = format
        if !name.isEmpty, OutgoingWebhookSettings.name?.matches(name) != true {
            input.report(
                "'\(name.prefix(80))' is not a name for an outgoing webhook", field: "",
                fix: "use letters, digits, '.', '_' and '-', at most 63, so that webhook:<name> can name it")
        }
        checkCompleteness(&input, hasURL: url != nil)
    }

    private func checkCompleteness(_ input: inout InputReader, hasURL: Bool) {
        switch format {
        case .json:
            if !hasURL { input.report("there is no url to send to", field: "url", fix: "give the receiver's url") }
            if secret == nil {
                input.report(
                    "without a secret the receiver cannot tell our reports from forged ones", field: "secret",
                    fix: "give one that only the receiver knows, such as secret: {env: WEBHOOK_SECRET}")
            }
            if routingKey != nil {
                input.report(
                    "'routing_key' is for format pagerduty only", field: "routing_key",
                    fix: "say format: pagerduty, or leave it out")
            }
        case .pagerduty:
            if routingKey == nil {
                input.report(
                    "PagerDuty needs a routing_key", field: "routing_key",
                    fix: "give the integration key of an 'Events API v2' integration, such as {env: PAGERDUTY_KEY}")
            }
            if secret != nil {
                input.report(
                    "'secret' is for format json only", field: "secret",
                    fix: "PagerDuty knows us by routing_key; leave it out")
            }
        }
    }
}
