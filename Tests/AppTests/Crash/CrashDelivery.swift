import Domain
import Foundation

@testable import App

/// What one sender sends, with the same bytes until it is acknowledged, and what must come of it.
struct CrashDelivery: Sendable {
    /// A thing that must happen once.
    struct Effect: Sendable, Hashable {
        /// Its own word: `d17`.
        var id: String
        /// The workload that is restarted.
        var workload: String
        /// True when a comment and a deployment belong to it too.
        var isWide: Bool
    }

    var path: String
    var headers: [(String, String)]
    var body: [UInt8]
    var effects: [Effect]
    /// How long the sender waits before it sends again, milliseconds.
    var pause = 80
    /// It is sent once more after it was acknowledged, as by a sender whom the answer did not reach.
    var comesAgain = false

    /// A slash command of the operator.
    static func slack(_ effect: Effect, channel: String, _ secrets: SandboxSettings.Secrets) -> CrashDelivery {
        let command = effect.isWide ? "crash-wide" : "crash-one"
        let body = Array(
            ("command=%2Fdefimon&text=\(command)+\(effect.id)+\(effect.workload)&user_id=\(SandboxPeople.operatorID)"
                + "&team_id=T0TEAM&channel_id=\(channel)&trigger_id=\(effect.id)").utf8)
        let timestamp = String(Int(Date().timeIntervalSince1970))
        let code = HMACSHA256.code(for: [Array("v0:\(timestamp):".utf8), body], key: secrets.signing)
        return CrashDelivery(
            path: "/chat/slack/commands",
            headers: [
                ("Content-Type", "application/x-www-form-urlencoded"), ("X-Slack-Request-Timestamp", timestamp),
                ("X-Slack-Signature", "v0=" + Hex.encode(code)),
            ], body: body, effects: [effect])
    }

    /// Alertmanager's notification of a group.
    static func alerts(_ effects: [Effect], _ secrets: SandboxSettings.Secrets) -> CrashDelivery {
        let started = JSONValue.string(Date().addingTimeInterval(-600).rfc3339)
        let alerts = effects.map { effect -> JSONValue in
            [
                "status": "firing", "startsAt": started, "endsAt": "0001-01-01T00:00:00Z", "annotations": [:],
                "labels": [
                    "alertname": "Crash", "id": .string(effect.id), "workload": .string(effect.workload),
                    "wide": effect.isWide ? "yes" : "no",
                ],
            ]
        }
        let body: JSONValue = [
            "version": "4", "receiver": "defimon", "status": "firing", "alerts": .array(alerts),
            "groupLabels": ["alertname": "Crash"], "commonLabels": ["alertname": "Crash"], "commonAnnotations": [:],
            "externalURL": "http://alertmanager.example:9093", "groupKey": .string("{}:{\(effects[0].id)}"),
            "truncatedAlerts": 0,
        ]
        return CrashDelivery(
            path: "/webhooks/alertmanager",
            headers: [
                ("Content-Type", "application/json"), ("Authorization", "Bearer \(secrets.alertmanager.reveal())"),
            ], body: body.canonicalBytes, effects: effects)
    }

    /// A push to a branch of its own. The same event may come under another delivery id.
    static func push(_ effect: Effect, deliveryID: UUID, _ secrets: SandboxSettings.Secrets) -> CrashDelivery {
        let number = effect.id.dropFirst()
        let commit = String(repeating: "0", count: 40 - number.count) + number
        let owner: JSONValue = ["login": "acme", "id": 500, "type": "Organization"]
        let body: JSONValue = [
            "ref": .string("refs/heads/crash-\(effect.id)-\(effect.workload)-\(effect.isWide ? "wide" : "one")"),
            "before": "ffffffffffffffffffffffffffffffffffffffff", "after": .string(commit), "created": false,
            "deleted": false, "forced": false, "commits": [], "pusher": ["name": "olivia"],
            "head_commit": ["id": .string(commit), "message": "x", "timestamp": "2026-11-20T10:00:00Z"],
            "repository": [
                "id": 1001, "name": "analytics-api", "full_name": .string(SandboxPullRequests.repository),
                "private": true, "fork": false, "default_branch": "main",
                "html_url": "https://github.com/acme/analytics-api", "owner": owner,
            ], "sender": ["login": "olivia", "id": 1001, "type": "User"],
        ]
        let bytes = body.canonicalBytes
        let code = HMACSHA256.code(for: [bytes], key: secrets.githubWebhook)
        return CrashDelivery(
            path: "/webhooks/github",
            headers: [
                ("Content-Type", "application/json"), ("X-GitHub-Event", "push"),
                ("X-GitHub-Delivery", deliveryID.uuidString.lowercased()), ("X-GitHub-Hook-ID", "1"),
                ("X-Hub-Signature-256", "sha256=" + Hex.encode(code)),
            ], body: bytes, effects: [effect])
    }
}
