import Domain
import Sandbox
import Testing

@Suite struct SlackBlockTests {
    static func letters(_ count: Int) -> JSONValue { .string(String(repeating: "x", count: count)) }
    static func plain(_ text: JSONValue) -> JSONValue { ["type": "plain_text", "text": text] }
    static func mrkdwn(_ text: JSONValue) -> JSONValue { ["type": "mrkdwn", "text": text] }
    static func section(_ text: JSONValue) -> JSONValue { ["type": "section", "text": mrkdwn(text)] }
    static func button(_ id: String, label: JSONValue = "Go", value: JSONValue = "v") -> JSONValue {
        ["type": "button", "action_id": .string(id), "text": plain(label), "value": value]
    }
    static func actions(_ elements: [JSONValue]) -> JSONValue { ["type": "actions", "elements": .array(elements)] }
    static func fields(_ count: Int, _ length: Int) -> JSONValue {
        ["type": "section", "fields": .array(Array(repeating: mrkdwn(letters(length)), count: count))]
    }

    @Test(
        arguments: [
            [section(letters(3000))],
            [["type": "header", "text": plain(letters(150))]],
            [fields(10, 1)], [fields(1, 2000)],
            [actions((0..<25).map { button("a\($0)") })],
            [actions([button("a", label: letters(75), value: letters(2000))])],
            Array(repeating: ["type": "divider"], count: 50),
            [actions([button("same")]), actions([button("same")])],
            [["type": "context", "elements": [mrkdwn("x")]]],
        ] as [[JSONValue]])
    func whatIsWithinTheLimitsIsTaken(blocks: [JSONValue]) async throws {
        #expect(try await post(blocks)["ok"] == true)
    }

    @Test(
        arguments: [
            ([section(letters(3001))], "/blocks/0/text/text"),
            ([section("")], "/blocks/0/text/text"),
            ([["type": "section"]], "/blocks/0"),
            ([["type": "header", "text": plain(letters(151))]], "/blocks/0/text/text"),
            ([["type": "header", "text": mrkdwn("x")]], "/blocks/0/text/type"),
            ([fields(11, 1)], "/blocks/0/fields"), ([fields(1, 2001)], "/blocks/0/fields/0/text"),
            ([actions((0..<26).map { button("a\($0)") })], "/blocks/0/elements"),
            ([actions([])], "/blocks/0/elements"),
            ([actions([button("a", label: letters(76))])], "/blocks/0/elements/0/text/text"),
            ([actions([button("a", value: letters(2001))])], "/blocks/0/elements/0/value"),
            ([actions([button("same"), button("same")])], "/blocks/0/elements/1/action_id"),
            (Array(repeating: ["type": "divider"], count: 51), "/blocks"),
            ([["type": "poem"]], "/blocks/0/type"), ([["text": "x"]], "/blocks/0"),
            (
                [["type": "divider", "block_id": "a"], ["type": "divider", "block_id": "a"]],
                "/blocks/1/block_id"
            ),
        ] as [([JSONValue], String)])
    func whatIsBeyondTheLimitsIsRefusedWithItsPlace(blocks: [JSONValue], pointer: String) async throws {
        let answer = try await post(blocks)
        #expect(answer["error"] == "invalid_blocks")
        let messages = answer.at(path: "response_metadata.messages")?.arrayValue ?? []
        #expect(messages.contains { $0.stringValue?.hasSuffix("[json-pointer:\(pointer)]") == true }, "\(messages)")
    }

    @Test func allBlocksTogetherHaveALimitToo() async throws {
        let blocks = Array(repeating: SlackBlockTests.section(SlackBlockTests.letters(2900)), count: 5)
        #expect(try await post(blocks)["error"] == "msg_blocks_too_long")
    }

    private func post(_ blocks: [JSONValue]) async throws -> JSONValue {
        let fixture = SlackFixture()
        return try await running([{ try await fixture.slack.run() }]) {
            try await fixture.call(
                "chat.postMessage", ["channel": "C0OPS", "text": "t", "blocks": .array(blocks)]
            ).json
        }
    }
}
