import Domain
import Foundation
import Testing

@testable import Slack

@Suite struct SlackMessageTests {
    /// What outside text tries.
    static let nasty = [
        "<!channel> <!here> <!everyone> <!subteam^S1>", "<@U1> <@W1|ann>", "<#C1|ops>", "<https://evil.example|login>",
        "&lt;!channel&gt;", "<\u{0338}!channel>", "a & b < c > d", "``` end of code ```", "`````", "x*y*_z_~q~",
        "\u{202E}gnp.exe\u{0000}\u{0007}", "one\r\ntwo\rthree\u{2028}four",
    ]

    /// A report with this text in every place.
    private func report(_ text: String) -> Report {
        Report(
            mood: .failure, title: text,
            blocks: [
                .text(text), .fields([Report.Field(text, text)]),
                .steps([Report.StepLine(state: .failed, name: text, note: text)]), .code(text),
                .offers([Report.Offer(label: text, commandLine: "deploy analytics")]),
            ])
    }

    /// All texts that Slack shows, with the kind of each.
    private func texts(_ value: JSONValue) -> [(type: String, text: String)] {
        switch value {
        case .array(let items): items.flatMap(texts)
        case .object(let members):
            if let text = members["text"]?.stringValue, let type = members["type"]?.stringValue {
                [(type, text)]
            } else {
                members.values.flatMap(texts)
            }
        default: []
        }
    }

    /// Whether every `<` and `>` is escaped, and `&` stands in escapes only.
    private func isEscaped(_ text: String) -> Bool {
        guard !text.unicodeScalars.contains("<"), !text.unicodeScalars.contains(">") else { return false }
        var plain = text
        for escape in ["&amp;", "&lt;", "&gt;"] {
            plain = plain.replacingOccurrences(of: escape, with: "", options: .literal)
        }
        return !plain.unicodeScalars.contains("&")
    }

    @Test(arguments: nasty)
    func outsideTextIsEscapedEverywhere(text: String) {
        let message = SlackMessage(report(text))
        #expect(isEscaped(message.text))
        let shown = texts(.array(message.blocks))
        #expect(shown.count >= 6)
        for (type, text) in shown {
            #expect(isEscaped(text), "\(type): \(text)")
            #expect(!text.isEmpty)
            #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" && $0 != "\t" })
            #expect(!text.unicodeScalars.contains("\u{202E}"))
        }
    }

    @Test func markupIsNeverParsedForLinks() {
        let text = SlackMessage(report("see https://example.org and #ops")).blocks.map(\.canonicalText).joined()
        let count = text.components(separatedBy: "\"type\":\"mrkdwn\"").count
        #expect(count > 3)
        #expect(text.components(separatedBy: "\"verbatim\":true").count == count)
    }

    @Test(arguments: ["```", "``````", "a```b````c", "`", "```\n```\n", "``\u{200D}`"])
    func backticksDoNotEndACodeBlock(text: String) throws {
        let message = SlackMessage(Report(mood: .info, title: "t", blocks: [.code(text)]))
        let code = try #require(message.blocks.last?["text"]?["text"]?.stringValue)
        #expect(code.hasPrefix("```\n"))
        #expect(code.hasSuffix("\n```"))
        #expect(!code.dropFirst(3).dropLast(3).contains("```"))
    }

    @Test func aNewlineFloodIsCalmed() throws {
        let flood = "start" + String(repeating: "\n \n", count: 50_000) + "end"
        let message = SlackMessage(report(flood))
        for (_, text) in texts(.array(message.blocks)) { #expect(text.filter(\.isNewline).count < 10) }
        #expect(message.text.filter(\.isNewline).count < 40)
    }

    @Test(arguments: ["x", "<", "&", "`", "\n", "é", "👩‍👩‍👧‍👦", "ab\n", "word "])
    func aHundredKilobytesKeepAllLimits(unit: String) throws {
        let big = String(repeating: unit, count: 100_000 / unit.utf8.count)
        checkLimits(SlackMessage(report(big)))
    }

    @Test func manyBlocksKeepAllLimits() throws {
        var blocks: [Report.Block] = (0..<100).map { .text("paragraph \($0)") }
        checkLimits(SlackMessage(Report(mood: .info, title: "t", blocks: blocks)))
        blocks = [
            .fields((0..<60).map { Report.Field("n\($0)", String(repeating: "v", count: 3000)) }),
            .steps((0..<500).map { Report.StepLine(state: .running, name: "step \($0)", note: "1/2") }),
            .offers(
                (0..<60).map { Report.Offer(label: String(repeating: "l<", count: 100), commandLine: "run \($0)") }),
        ]
        let message = SlackMessage(Report(mood: .info, title: "t", blocks: blocks))
        checkLimits(message)
        #expect(message.blocks.last?.canonicalText.contains("(cut)") == true)
    }

    private func checkLimits(_ message: SlackMessage) {
        #expect(message.blocks.count <= 50)
        #expect(!message.blocks.isEmpty)
        #expect(message.text.utf16.count <= 3000)
        var ids: [String] = []
        for block in message.blocks {
            if let text = block["text"]?["text"]?.stringValue { #expect((1...3000).contains(text.utf16.count)) }
            if let fields = block["fields"]?.arrayValue {
                #expect((1...10).contains(fields.count))
                for field in fields { #expect((1...2000).contains(field["text"]?.stringValue?.utf16.count ?? 0)) }
            }
            if let elements = block["elements"]?.arrayValue {
                #expect((1...25).contains(elements.count))
                for element in elements {
                    ids.append(element["action_id"]?.stringValue ?? "")
                    #expect((1...75).contains(element["text"]?["text"]?.stringValue?.utf16.count ?? 0))
                    #expect((1...2000).contains(element["value"]?.stringValue?.utf16.count ?? 0))
                }
            }
        }
        #expect(Set(ids).count == ids.count)
        let total = message.blocks.reduce(0) { $0 + texts($1).reduce(0) { $0 + $1.text.utf16.count } }
        #expect(total <= 9100)
    }

    @Test func longTextSaysThatItIsCut() throws {
        let text = String(repeating: "&", count: 5000)
        let section = try #require(
            SlackMessage(Report(mood: .info, title: "t", blocks: [.text(text)])).blocks.last?["text"]?["text"]?
                .stringValue)
        #expect(section.hasSuffix("… (cut)"))
        #expect(isEscaped(section))
    }

    @Test func aLongFieldHasTheWholeWidthAndShortOnesStandInColumns() throws {
        let edge = String(repeating: "e", count: SlackMessage.columnField)
        let message = SlackMessage(
            Report(
                mood: .failure, title: "t",
                blocks: [
                    .fields([
                        Report.Field("Step", "Apply"), Report.Field("Edge", edge), Report.Field("Why", edge + "e"),
                        Report.Field("Hint", "ask"),
                    ])
                ]))
        func markup(_ text: String) -> JSONValue { ["type": "mrkdwn", "verbatim": true, "text": .string(text)] }
        let expected: [JSONValue] = [
            ["type": "section", "fields": [markup("*Step*\nApply"), markup("*Edge*\n\(edge)")]],
            ["type": "section", "text": markup("*Why*\n\(edge)e")],
            ["type": "section", "fields": [markup("*Hint*\nask")]],
        ]
        #expect(Array(message.blocks.dropFirst()) == expected)
    }

    @Test func aReportLooksAsPeopleExpect() throws {
        let message = SlackMessage(
            Report(
                mood: .success, title: "#42 deploy analytics succeeded",
                blocks: [
                    .fields([Report.Field("Asked by", "Ann")]),
                    .steps([
                        Report.StepLine(state: .succeeded, name: "Apply", note: "12 s"),
                        Report.StepLine(state: .pending, name: "Wait", note: ""),
                    ]),
                    .code("pod/api 1/1"),
                    .offers([Report.Offer(label: "Again", commandLine: "deploy analytics")]),
                ]))
        let expected: [JSONValue] = [
            [
                "type": "section",
                "text": ["type": "mrkdwn", "verbatim": true, "text": "✅ *#42 deploy analytics succeeded*"],
            ],
            ["type": "section", "fields": [["type": "mrkdwn", "verbatim": true, "text": "*Asked by*\nAnn"]]],
            ["type": "section", "text": ["type": "mrkdwn", "verbatim": true, "text": "✓ Apply · 12 s\n○ Wait"]],
            ["type": "section", "text": ["type": "mrkdwn", "verbatim": true, "text": "```\npod/api 1/1\n```"]],
            [
                "type": "actions",
                "elements": [
                    [
                        "type": "button", "action_id": "defimon:run:0", "value": "deploy analytics",
                        "text": ["type": "plain_text", "text": "Again", "emoji": false],
                    ]
                ],
            ],
        ]
        #expect(message.blocks == expected)
        #expect(message.text.hasPrefix("✅ #42 deploy analytics succeeded\nAsked by: Ann"))
    }

    @Test func aButtonHasTheStyleOfItsOffer() {
        let message = SlackMessage(
            Report(
                mood: .waiting, title: "t",
                blocks: [
                    .offers([
                        .init(label: "Approve", commandLine: "approve 42 7f3a12bc", style: .primary),
                        .init(label: "Deny", commandLine: "deny 42 7f3a12bc", style: .danger),
                        .init(label: "Look", commandLine: "job 42"),
                    ])
                ]))
        let buttons = message.blocks.last?["elements"]?.arrayValue ?? []
        #expect(buttons.map { $0["style"] } == ["primary", "danger", nil])
    }

    @Test func aCommandThatIsTooLongForAButtonIsShownNotCut() {
        let line = "note " + String(repeating: "a", count: 2500)
        let message = SlackMessage(
            Report(mood: .info, title: "t", blocks: [.offers([Report.Offer(label: "Note", commandLine: line)])]))
        #expect(!message.blocks.contains { $0["type"] == "actions" })
        #expect(message.blocks.last?.canonicalText.contains(line) == true)
    }

    @Test func emptyPartsAreLeftOut() {
        let message = SlackMessage(
            Report(
                mood: .info, title: "",
                blocks: [.text(""), .text(" \n "), .code(""), .fields([]), .steps([]), .offers([])]))
        #expect(message.blocks.count == 1)
    }
}
