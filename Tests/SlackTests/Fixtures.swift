import Domain
import Foundation
import Slack

/// Secrets by the name of their environment variable.
struct FixedSecrets: SecretSource {
    var values: [String: String]

    func secret(_ reference: SecretReference) throws(MissingSecret) -> Secret {
        guard case .environment(let name) = reference, let value = values[name] else {
            throw MissingSecret("there is no such secret")
        }
        return Secret(value)
    }
}

enum Fixture {
    static let signingSecret = "8f742231b10e8888abcd99yyyzzz85a5"
    static let token = "xoxb-test-0123456789"
    static let secrets = FixedSecrets(values: [
        "SIGNING": signingSecret, "SIGNING_NEW": "a-newer-signing-secret", "TOKEN": token, "EMPTY": "",
    ])

    static func settings(_ more: [String: JSONValue] = [:]) throws -> SlackSettings {
        let base: [String: JSONValue] = [
            "signing_secrets": [["env": "SIGNING"], ["env": "SIGNING_NEW"]], "bot_token": ["env": "TOKEN"],
        ]
        var reader = InputReader.reading(LocatedValue(.object(base.merging(more) { $1 })))
        let settings = SlackSettings(&reader)
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        return settings
    }

    static let command =
        "token=t&team_id=T1&channel_id=C1&channel_name=ops&user_id=U1&user_name=ann&command=%2Fdefimon"
        + "&text=deploy+analytics&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1%2F1%2Fabc&trigger_id=1.2.x"

    /// A delivery as the ingress makes it, signed now unless told otherwise.
    static func delivery(
        _ body: String, route: String = "commands", secret: String = signingSecret, timestamp: Int64 = 1_790_000_000,
        receivedAt: Date = Date(timeIntervalSince1970: 1_790_000_000)
    ) -> Delivery {
        let code = HMACSHA256.code(for: [Array("v0:\(timestamp):\(body)".utf8)], key: Secret(secret))
        return Delivery(
            source: Source("slack"), route: route,
            headers: [
                "x-slack-request-timestamp": String(timestamp), "x-slack-signature": "v0=" + Hex.encode(code),
                "content-type": "application/x-www-form-urlencoded",
            ],
            body: Array(body.utf8), receivedAt: receivedAt, remoteAddress: "127.0.0.1")
    }

    /// An interaction's form around a payload.
    static func form(_ payload: JSONValue) -> String {
        "payload=" + (payload.canonicalText.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")
    }

    static func press(action: String, value: String, user: String = "U1", team: String = "T1") -> JSONValue {
        [
            "type": "block_actions", "team": ["id": .string(team)], "user": ["id": .string(user), "name": "ann"],
            "channel": ["id": "C1"], "token": "legacy-token", "trigger_id": "1.2.trigger",
            "response_url": "https://hooks.slack.com/actions/T1/1/xyz",
            "actions": [["type": "button", "action_id": .string(action), "value": .string(value)]],
        ]
    }

    /// The form of a command as the engine makes it.
    static func modal(_ fields: [CommandForm.Field], command: String = "scale up") -> CommandForm {
        let definition = CommandDefinition(
            name: command, summary: "Scales a pool", arguments: [], roles: [], locks: [], timeout: .seconds(60),
            startWithin: nil, steps: [], onFailure: OnFailure(), offers: [], onSuccess: nil, examples: [], report: [],
            location: .none)
        var form = CommandForm(
            of: definition, people: [], isPlanOnly: false,
            answerTo: Place(
                channel: "slack", address: "https://hooks.slack.com/commands/T1/1/abc", isPrivate: true,
                usableUntil: Date(timeIntervalSince1970: 1_790_001_800)),
            reportTo: Place(channel: "slack", address: "C1"), placeName: "ops")
        form.fields = fields
        return form
    }

    static func field(
        _ name: String, _ kind: CommandForm.Kind = .text, isRequired: Bool = true, initial: String? = nil
    ) -> CommandForm.Field {
        .init(
            name: name, help: "Which \(name)", requirement: "text", kind: kind, isRequired: isRequired, initial: initial
        )
    }

    static func choice(_ values: [String]) -> CommandForm.Kind { .choice(values.map { .init(value: $0, label: $0) }) }

    /// A modal as Slack sends it back.
    static func submission(
        _ command: String = "scale up", count: String?, user: String = "U1", metadata: String? = nil,
        isPlanOnly: Bool = false
    ) -> JSONValue {
        let ticked: JSONValue = isPlanOnly ? [["value": "true"]] : []
        let origin: JSONValue = [
            "command": .string(command), "channel": "C1", "name": "ops", "until": 1_790_001_800_000_000,
            "url": "https://hooks.slack.com/commands/T1/1/abc",
        ]
        return [
            "type": "view_submission", "team": ["id": "T1"], "user": ["id": .string(user)], "trigger_id": "1.2.late",
            "view": [
                "callback_id": "defimon:form", "private_metadata": .string(metadata ?? origin.canonicalText),
                "blocks": [
                    ["type": "section"], ["type": "input", "block_id": "pool"], ["type": "input", "block_id": "count"],
                ],
                "state": [
                    "values": [
                        "pool": [
                            "value": ["type": "static_select", "selected_option": ["value": "analytics"]]
                        ],
                        "count": [
                            "value": ["type": "plain_text_input", "value": count.map(JSONValue.string) ?? .null]
                        ],
                        "force": ["value": ["type": "checkboxes", "selected_options": []]],
                        "--plan": ["value": ["type": "checkboxes", "selected_options": ticked]],
                    ]
                ],
            ],
        ]
    }
}
