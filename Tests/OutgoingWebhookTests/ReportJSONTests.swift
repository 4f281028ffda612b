import Domain
import Foundation
import Testing

@testable import OutgoingWebhook

@Suite struct ReportJSONTests {
    @Test func aReportHasItsDocumentedShape() throws {
        let blocks: [Report.Block] = [
            .text("It works."), .fields([.init("Asked by", "Ann")]),
            .steps([.init(state: .succeeded, name: "Apply", note: "12 s")]), .code("a | b"),
            .offers([.init(label: "Try again", commandLine: "retry 42")]),
        ]
        let body = ReportJSON.body(of: Fixture.message(.success, blocks: blocks))
        let expected: JSONValue = [
            "version": 1, "delivery": "7", "time": "2026-09-21T14:13:20.000000Z", "subject": "job/42", "job": 42,
            "slot": "main", "mood": "success", "title": "deploy analytics", "truncated": false,
            "text":
                "deploy analytics\nIt works.\nAsked by: Ann\n✓ Apply · 12 s\na | b\nTry again: /defimon retry 42",
            "blocks": [
                ["type": "text", "text": "It works."],
                ["type": "fields", "fields": [["name": "Asked by", "value": "Ann"]]],
                ["type": "steps", "steps": [["state": "succeeded", "name": "Apply", "note": "12 s"]]],
                ["type": "code", "text": "a | b"],
                ["type": "offers", "offers": [["label": "Try again", "command": "retry 42"]]],
            ],
        ]
        #expect(try JSONValue(parsing: body) == expected)
    }

    @Test(
        arguments: [
            ("job/42", 42), ("job/42/escalation", 42), ("preview/acme/api/42", nil), ("job", nil), ("job/x", nil),
            ("", nil),
        ] as [(String, Int64?)])
    func theJobsNumberIsThereWhenThereIsOne(subject: String, job: Int64?) throws {
        let body = try JSONValue(parsing: ReportJSON.body(of: Fixture.message(subject: subject)))
        #expect(body["job"] == job.map(JSONValue.int))
        #expect(body["subject"] == .string(subject))
    }

    @Test func onlyAReportPastTheBoundIsCut() throws {
        func body(_ count: Int) -> [UInt8] {
            ReportJSON.body(of: Fixture.message(title: String(repeating: "x", count: count)))
        }
        // The title stands in the text too, so a letter more is two bytes more.
        let empty = body(0).count
        let most = (ReportJSON.largest - empty) / 2
        let whole = body(most)
        #expect(whole.count <= ReportJSON.largest && whole.count > ReportJSON.largest - 2)
        #expect(try JSONValue(parsing: whole)["truncated"] == false)
        let cut = body(most + 1)
        #expect(try JSONValue(parsing: cut)["truncated"] == true)
        #expect(cut.count < ReportJSON.largest / 2)
    }

    @Test func aHugeReportOfControlCharactersStaysBelowTheBound() throws {
        let nasty = String(repeating: "\u{1}", count: 400_000)
        let message = Fixture.message(subject: nasty, title: nasty, blocks: [.code(nasty), .text(nasty)])
        let body = ReportJSON.body(of: message)
        #expect(body.count <= ReportJSON.largest)
        #expect(try JSONValue(parsing: body)["text"]?.stringValue?.hasSuffix("… (cut)") == true)
    }

    @Test func aTextIsNeverCutWithinACharacter() {
        let text = String(repeating: "👩‍🚒", count: 10)
        for bytes in 11...60 {
            let cut = BoundedText.cut(text, toBytes: bytes)
            #expect(cut.utf8.count <= bytes)
            #expect(cut.hasSuffix("… (cut)"))
            #expect(cut.dropLast(7).allSatisfy { $0 == "👩‍🚒" })
        }
        #expect(BoundedText.cut(text, toBytes: text.utf8.count) == text)
    }
}
