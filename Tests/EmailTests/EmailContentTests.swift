import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@testable import Email

@Suite struct EmailContentTests {
    private func content(_ title: String, _ blocks: [Report.Block] = [], slot: OutboxMessage.Slot = .main)
        -> EmailContent
    {
        EmailContent(Report(mood: .failure, title: title, blocks: blocks), slot: slot)
    }

    private func html(_ title: String, _ blocks: [Report.Block] = []) throws -> String {
        try EmailPage().html(of: content(title, blocks), mood: .failure)
    }

    // MARK: Headlines

    @Test(arguments: [
        ("deploy analytics · job 42 · timed out", "Timed out: deploy analytics · job 42"),
        ("deploy analytics · job 42 · succeeded", "Succeeded: deploy analytics · job 42"),
        ("no state at its end", "no state at its end"), ("", "(no title)"), (" \r\n ", "(no title)"),
        ("a\r\nBcc: x@example.com", "a Bcc: x@example.com"),
    ])
    func theOutcomeStandsFirst(title: String, headline: String) {
        #expect(content(title).headline == headline)
    }

    @Test func anEscalationSaysFirstThatAPersonIsNeeded() {
        let title = "Needs a person: deploy analytics · job 42 · failed"
        #expect(content(title, slot: .single).headline == title)
    }

    @Test func aLongTitleIsCut() {
        #expect(content(String(repeating: "ä", count: 1000)).headline.count == EmailContent.maxName)
    }

    // MARK: The plain part

    @Test func thePlainPartReadsByItself() {
        let text = EmailPlainText.text(of: EmailContent(Fixture.failed, slot: .main))
        #expect(text.hasPrefix("❌ Timed out: restart-geth geth-0 · job 42\n\nAsked by: rule geth-down\nBecause of: "))
        #expect(text.contains("\n✗ Wait until geth-0 is in sync again · 30 min · 212,004 blocks behind\n"))
        #expect(
            text.contains("What to try: look at its peers: kubectl -n ethereum logs geth-0 | tail\n  then ask again\n"))
        #expect(text.contains("\n  Try again: /defimon retry 42\n"))
        #expect(text.hasSuffix("\n\n-- \n\(EmailPlainText.footer)\n"))
    }

    // MARK: The HTML part

    // A letter before or behind `<` can make one character of both, which an escaper of characters does not see.
    @Test(arguments: [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "a & b &lt; c", "\"quoted\" 'single'",
        "\u{600}<script>alert(1)</script>", "\u{110BD}<b>", "<\u{301}b>", "\u{6DD}\"\u{6DD}'", "\u{600}&amp;",
        "{{title}}", "{{{footer}}}",
    ])
    func textStaysText(text: String) throws {
        let all: [Report.Block] = [
            .text(text), .code(text), .fields([.init(text, text)]),
            .steps([.init(state: .failed, name: text, note: text)]), .offers([.init(label: text, commandLine: text)]),
        ]
        let page = try html(text, all)
        let plain = try html(
            "x",
            [
                .text("x"), .code("x"), .fields([.init("x", "x")]),
                .steps([.init(state: .failed, name: "x", note: "x")]),
                .offers([.init(label: "x", commandLine: "x")]),
            ])
        func count(_ scalar: Unicode.Scalar, _ text: String) -> Int { text.unicodeScalars.count { $0 == scalar } }
        #expect(count("<", page) == count("<", plain))
        #expect(count(">", page) == count(">", plain))
        #expect(!page.unicodeScalars.map(String.init).joined().contains("<script"))
    }

    @Test func nothingIsLoadedFromAnywhere() throws {
        let page = try EmailPage().html(of: EmailContent(Fixture.failed, slot: .main), mood: .failure)
        for word in ["http:", "https:", "src=", "href=", "url(", "@import", "<script", "<link", "<form"] {
            #expect(!page.contains(word), "\(word)")
        }
    }

    @Test func linesOfATextAreLines() throws {
        #expect(try html("t", [.text("a\nb\n\nc")]).contains("a<br>b<br><br>c</p>"))
        #expect(try html("t", [.fields([.init("n", "a\nb")])]).contains("a<br>b</td>"))
        #expect(try html("t", [.code("a\n  b")]).contains(">a\n  b</pre>"))
    }

    @Test func aNoteThatIsNotThereLeavesNoDot() throws {
        #expect(!(try html("t", [.steps([.init(state: .failed, name: "n", note: "")])]).contains(" · ")))
    }

    // MARK: Bounds

    @Test(arguments: ["x", "\"", "🚨", "\n", "x\n", "\u{600}<", "e\u{301}\u{301}"])
    func theLongestReportFitsIntoAMail(piece: String) throws {
        let long = String(repeating: piece, count: 30_000)
        let report = Report(
            mood: .failure, title: long,
            blocks: [
                .fields([.init(long, long)]), .text(long), .code(long),
                .steps([.init(state: .failed, name: long, note: long)]),
                .offers([.init(label: long, commandLine: long)]), .text(long), .text(long), .text(long),
            ])
        let content = EmailContent(report, slot: .main)
        let bytes = try MailMessage(
            headers: [MailHeader("Subject", .text(content.headline))], text: EmailPlainText.text(of: content),
            html: EmailPage().html(of: content, mood: .failure)
        ).encoded()
        #expect(bytes.count < OutgoingMail.maxSize)
        let address = try #require(MailAddress("a@example.com"))
        _ = try OutgoingMail(sender: address, recipients: [address], message: bytes)
    }

    @Test func whatIsCutIsSaid() {
        let cut = content("t", [.text(String(repeating: "x", count: EmailContent.maxBlock + 1)), .text("after")])
        #expect(EmailPlainText.text(of: cut).contains("x\n… (cut)\n\nafter"))
        let full = String(repeating: "x", count: EmailContent.maxBlock)
        #expect(!content("t", [.text(full)]).isCut)
        #expect(!EmailPlainText.text(of: content("t", [.text(full)])).contains("(cut)"))
        let tooMuch = content("t", [.text(full), .text(full), .text("after")])
        #expect(tooMuch.isCut)
        #expect(EmailPlainText.text(of: tooMuch).contains("… (cut)\n\n-- \n"))
    }

    @Test func manyLinesAreCut() {
        let steps = (0..<5000).map { Report.StepLine(state: .pending, name: "step \($0)", note: "") }
        let text = EmailPlainText.text(of: content("t", [.steps(steps)]))
        #expect(text.contains("step \(EmailContent.maxLines - 1)\n"))
        #expect(!text.contains("step \(EmailContent.maxLines)\n"))
        #expect(text.contains("… (cut)"))
    }

    @Test(arguments: ["", "retry\n42", "retry 42\u{202E}", String(repeating: "x", count: CommandLine.longest + 1)])
    func aCommandThatWouldHaveToBeChangedIsNotOffered(line: String) {
        #expect(
            !EmailPlainText.text(of: content("t", [.offers([.init(label: "Go", commandLine: line)])])).contains("Go"))
    }

    @Test(arguments: [
        ("a\r\nb", "a\nb"), ("a\rb", "a\nb"), ("a\n\n\n\nb", "a\n\nb"), ("\n\na \t\n\n", "a"), ("a\u{1B}[31m", "a[31m"),
        ("a\u{202E}b\u{2066}", "ab"), ("a\u{2028}b", "a\nb"), ("a\tb", "a\tb"),
    ])
    func textIsCalmed(text: String, calm: String) {
        #expect(EmailText.calmed(text, atMost: 1000) == calm)
    }

    /// With `DEFIMON_MAIL_PAGES` naming a folder, pages to look at are written there.
    @Test(.enabled(if: ProcessInfo.processInfo.environment["DEFIMON_MAIL_PAGES"] != nil))
    func pagesToLookAt() throws {
        let folder = URL(filePath: try #require(ProcessInfo.processInfo.environment["DEFIMON_MAIL_PAGES"]))
        let done = Report(
            mood: .success, title: "deploy analytics · job 43 · succeeded",
            blocks: [
                .fields([
                    .init("Asked by", "Ada Lovelace"), .init("Started", "2026-11-22 19:30:05 UTC"),
                    .init("Took", "48 s"),
                ]),
                .steps([.init(state: .succeeded, name: "Apply the manifests", note: "12 s · 14 objects")]),
                .text("The API answers at https://analytics.example.com/docs"),
            ])
        for (name, report) in [("failed", Fixture.failed), ("done", done)] {
            let content = EmailContent(report, slot: .main)
            try Data(try EmailPage().html(of: content, mood: report.mood).utf8).write(
                to: folder.appending(path: "\(name).html"))
            try Data(EmailPlainText.text(of: content).utf8).write(to: folder.appending(path: "\(name).txt"))
        }
    }
}
