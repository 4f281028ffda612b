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
}
