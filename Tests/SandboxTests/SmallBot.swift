import Domain
import Foundation
import Outbound
import Sandbox
import Synchronization

/// A bot just large enough to show the page: it answers commands and alerts with messages and jobs that go through
/// their steps, by Slack's Web API over HTTP.
final class SmallBot: Sendable {
    private let jobs = Mutex<[JSONValue]>([])
    private let pause: Duration
    let fake = FakeBot()

    init(pause: Duration) { self.pause = pause }

    var json: JSONValue { .array(jobs.withLock { $0 }.reversed()) }

    /// Takes commands and alerts until the task is cancelled.
    func run(_ fixture: SlackFixture, _ ethereum: EthereumStandIn) async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: FakeBot.Received.self)
        fake.answers { request in
            continuation.yield(request)
            guard request.path == "/chat/slack/commands" else { return (200, "") }
            if request.text.contains("U0UMA") {
                return (200, "You are not known here: ask <@U0OLIVIA> to add `slack:U0UMA` to `people`.")
            }
            return (200, #"{"response_type":"ephemeral","text":":eyes: Got it, see the channel."}"#)
        }
        for await request in stream {
            if request.text.contains("U0UMA") || request.path.contains("interactions") { continue }
            if request.path.contains("github") { continue }
            let isAlert = request.path.contains("alertmanager")
            if isAlert, request.text.contains(#""status":"resolved""#) { continue }
            if isAlert { ethereum.restarted("geth-0") }
            try await work(fixture, isAlert ? "restart-geth geth-0" : "deploy analytics", isAlert: isAlert)
        }
    }

    private func work(_ fixture: SlackFixture, _ line: String, isAlert: Bool) async throws {
        let names =
            isAlert
            ? ["The other node must be in sync", "Restart", "Wait until it is in sync"]
            : ["Secrets", "Databases", "Analytics API", "Monitoring", "Check https://analytics.example.com/docs"]
        let id = jobs.withLock { $0.count } + 41
        let begin = Date()
        var ts: JSONValue?
        for done in 0...names.count {
            let isOver = done == names.count
            let blocks = blocks(id, line, names, done, isAlert)
            jobs.withLock { jobs in
                jobs.removeAll { $0["id"] == .int(Int64(id)) }
                jobs.append([
                    "id": .int(Int64(id)), "commandLine": .string(line), "state": isOver ? "succeeded" : "running",
                    "words": isOver ? "succeeded" : "running",
                    "requester": isAlert ? "rule geth-down" : "olivia", "createdAt": .string(begin.ISO8601Format()),
                    "startedAt": .string(begin.ISO8601Format()),
                    "endedAt": isOver ? .string(Date().ISO8601Format()) : .null,
                    "steps": .array(
                        names.enumerated().map { index, name in
                            [
                                "name": .string(name),
                                "state": index < done ? "succeeded" : index == done ? "running" : "pending",
                                "progress": index < done ? "4 s" : index == done ? "2/3 ready" : "",
                            ]
                        }),
                ])
            }
            let text = JSONValue.string(isOver ? "\(line) succeeded" : "\(line) running")
            if let ts {
                _ = try await fixture.call(
                    "chat.update", ["channel": "C0OPS", "ts": ts, "text": text, "blocks": blocks])
            } else {
                let posted = try await fixture.call(
                    "chat.postMessage", ["channel": "C0OPS", "text": text, "blocks": blocks])
                ts = try posted.json["ts"]
            }
            try await Task.sleep(for: pause)
        }
        let detail =
            "Applied 14 objects:\n```\nstatefulset/postgresql   created\nstatefulset/clickhouse   created\n"
            + "deployment/analytics-api  3/3 ready\n```\n&gt; quoted, with `a &lt;b&gt; &amp; c` and *bold* _words_"
        _ = try await fixture.call(
            "chat.postMessage", ["channel": "C0OPS", "thread_ts": ts ?? "", "text": .string(detail)])
        _ = try await fixture.call(
            "chat.postMessage", ["channel": "C0ONCALL", "text": .string("<!here> job #\(id) is over")])
    }

    private func blocks(_ id: Int, _ line: String, _ names: [String], _ done: Int, _ isAlert: Bool) -> JSONValue {
        let isOver = done == names.count
        let steps = names.enumerated().map { index, name in
            "\(index < done ? "✓" : index == done ? "◐" : "○") \(name)" + (index < done ? " · 4 s" : "")
        }
        var blocks: [JSONValue] = [
            [
                "type": "header",
                "text": ["type": "plain_text", "text": .string("\(line): \(isOver ? "succeeded" : "running")")],
            ],
            [
                "type": "section",
                "fields": [
                    ["type": "mrkdwn", "text": .string("*Job*\n#\(id)")],
                    ["type": "mrkdwn", "text": .string("*Asked by*\n\(isAlert ? "rule geth-down" : "<@U0OLIVIA>")")],
                ],
            ],
            ["type": "section", "text": ["type": "mrkdwn", "text": .string(steps.joined(separator: "\n"))]],
            [
                "type": "context",
                "elements": [
                    [
                        "type": "mrkdwn",
                        "text": "branch `feat/&lt;x&gt;` · <https://example.com/a?b=1&amp;c=2|dashboard>",
                    ]
                ],
            ],
        ]
        if !isOver {
            blocks.append([
                "type": "actions",
                "elements": [
                    [
                        "type": "button", "action_id": "cancel", "style": "danger", "value": .string("cancel \(id)"),
                        "text": ["type": "plain_text", "text": "Cancel"],
                    ],
                    [
                        "type": "button", "action_id": "status", "value": "status analytics",
                        "text": ["type": "plain_text", "text": "Status"],
                    ],
                ],
            ])
        }
        return .array(blocks)
    }
}
