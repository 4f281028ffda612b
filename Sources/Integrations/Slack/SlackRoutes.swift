package import Domain
import Foundation

/// Where Slack's requests come in.
package enum SlackRoutes {
    /// The name of the route for slash commands.
    static let commands = "commands"
    /// The name of the route for buttons and other interactions.
    static let interactions = "interactions"
    /// The largest body, in bytes.
    static let maxBody = 1024 * 1024

    /// `POST /chat/slack/commands` and `POST /chat/slack/interactions`. `forms` looks at what is filled into modals.
    package static func routes(
        _ settings: SlackSettings, verifier: SlackVerifier, forms: any FormCheck
    ) -> [WebhookRoute] {
        let team = settings.teamID
        var interaction = route(interactions, verifier) { delivery throws(Refusal) in
            try inspectInteraction(delivery, team: team)
        }
        interaction.reply = { problems(in: $0, forms) }
        return [
            route(commands, verifier) { delivery throws(Refusal) in try inspectCommand(delivery, team: team) },
            interaction,
        ]
    }

    /// What is wrong in a modal that its person has just sent, as Slack shows it there; nil for all else.
    private static func problems(in delivery: Delivery, _ forms: any FormCheck) -> JSONValue? {
        guard let text = SlackForm(delivery.body)["payload"], text.contains(SlackSubmission.type),
            let payload = try? JSONValue(parsing: Array(text.utf8)),  // else it is refused when it is taken in
            let submission = SlackSubmission(payload)
        else { return nil }
        return submission.answer(to: forms.problems(in: submission.form))
    }

    private static func route(
        _ name: String, _ verifier: SlackVerifier, inspect: @escaping @Sendable (Delivery) throws(Refusal) -> Void
    ) -> WebhookRoute {
        WebhookRoute(
            path: "/chat/slack/\(name)", source: SlackEventDecoder.source, name: name, maxBody: maxBody,
            mediaTypes: ["application/x-www-form-urlencoded"], verifier: verifier, inspect: inspect, isProbe: isProbe)
    }

    /// Slack looks at times whether the certificate is good, with `ssl_check=1` and without a signature.
    @Sendable private static func isProbe(_ delivery: Delivery) -> Bool {
        // Real requests are longer, and an unproven body is not worth reading.
        delivery.body.count <= 1024 && SlackForm(delivery.body)["ssl_check"] == "1"
    }

    @Sendable private static func inspectCommand(_ delivery: Delivery, team: String?) throws(Refusal) {
        let form = SlackForm(delivery.body)
        for name in ["command", "user_id"] where form[name]?.isEmpty ?? true {
            throw Refusal(.badRequest, "the form is no slash command: it has no \(name)")
        }
        try check(form["team_id"], is: team)
    }

    @Sendable private static func inspectInteraction(_ delivery: Delivery, team: String?) throws(Refusal) {
        let prefix = Array("payload=".utf8)
        guard delivery.body.starts(with: prefix), delivery.body.count > prefix.count else {
            throw Refusal(.badRequest, "the form is no interaction: it does not begin with payload=")
        }
        // The payload is parsed only where the workspace is to be compared.
        guard team != nil else { return }
        struct Payload: Decodable {
            struct Team: Decodable { var id: String? }
            struct User: Decodable {
                var teamID: String?
                private enum CodingKeys: String, CodingKey { case teamID = "team_id" }
            }
            var team: Team?
            var user: User?
        }
        let payload: Payload
        do {
            payload = try JSONDecoder().decode(
                Payload.self, from: Data((SlackForm(delivery.body)["payload"] ?? "").utf8))
        } catch {
            throw Refusal(.badRequest, "the payload is not the JSON of an interaction")
        }
        try check(payload.team?.id ?? payload.user?.teamID, is: team)
    }

    private static func check(_ given: String?, is wanted: String?) throws(Refusal) {
        guard let wanted, given != wanted else { return }
        throw Refusal(.badCredentials, "the request is of another Slack workspace than slack.teamID")
    }
}
