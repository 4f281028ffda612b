import Domain
import Testing

@testable import GitHub

@Suite struct GitHubMarkdownTests {
    private let markdown = GitHubMarkdown(webHost: "github.com")
    private static let gap = "\u{200B}"

    private func text(_ text: String, limit: Int = 10_000) -> String { markdown.text(text, limit: limit) }

    @Test(arguments: [
        ("@ann look", "@\(gap)ann look"), ("@acme/team", "@\(gap)acme/team"), ("a@b.c", "a@\(gap)b.c"),
        ("see #123", "see \\#\(gap)123"), ("acme/api#7", "acme/api\\#\(gap)7"),
        ("GH-12 gh-3", "GH-\(gap)12 gh-\(gap)3"),
        ("# heading", "\\# heading"), ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"), ("a & b", "a &amp; b"),
        ("&#64;ann", "&amp;\\#\(gap)64;ann"), ("<!-- defimon:x -->", "&lt;\\!-- defimon:x --&gt;"),
        ("[text](https://evil.example)", "\\[text\\](<https://evil.example>)"),
        ("![p](x)", "\\!\\[p\\](x)"), ("**b** _i_ ~~s~~", "\\*\\*b\\*\\* \\_i\\_ \\~\\~s\\~\\~"),
        ("`code`", "\\`code\\`"), ("$x$", "\\$x\\$"), ("a | b", "a \\| b"), ("back\\slash", "back\\\\slash"),
        ("- item", "\\- item"), ("+ item", "\\+ item"), ("=====", "\\====="), ("1. one", "1\\. one"),
        ("12) x", "12\\) x"),
        ("1.5 GiB", "1\\.5 GiB"), ("    code", "code"), ("> quote", "&gt; quote"),
        ("www.example.com", "www\(gap).example.com"),
        ("[ref]: https://x.example", "\\[ref\\]: <https://x.example>"), ("ftp://x", "ftp:\(gap)//x"),
        ("https://user:pw@host.example/", "https:\(gap)//user:pw@\(gap)host.example/"),
        ("javascript://x", "javascript:\(gap)//x"), ("a\u{202E}b\u{0}", "ab"), ("a-b c", "a-b c"),
    ])
    func whatATextCouldDoIsTakenOut(from: String, to: String) {
        #expect(text(from) == to)
    }

    @Test(arguments: [
        ("https://example.com/a_b*c?x=1&y=2#f", "<https://example.com/a_b*c?x=1&amp;y=2#f>"),
        ("(see https://example.com/a).", "(see <https://example.com/a>)."),
        ("https://en.example.org/wiki/A_(b)", "<https://en.example.org/wiki/A_(b)>"),
        ("HTTP://EXAMPLE.com", "<HTTP://EXAMPLE.com>"), ("http://[::1]:8080/x", "<http://[::1]:8080/x>"),
        ("https://m.example/@ann", "<https://m.example/@ann>"),
        ("xhttps://example.com", "xhttps:\(gap)//example.com"), ("https://", "https:\(gap)//"),
        ("https://ex\u{0430}mple.com", "<https://ex>\u{0430}mple.com"),
        ("https://github.com/acme/api/actions/runs/1", "<https://github.com/acme/api/actions/runs/1>"),
        // A link to an issue would show up in that issue.
        ("https://github.com/acme/api/issues/1", "`https://github.com/acme/api/issues/1`"),
        ("https://www.github.com/acme/api/pull/1/files", "`https://www.github.com/acme/api/pull/1/files`"),
        ("HTTPS://GitHub.com/acme/api/discussions/1", "`HTTPS://GitHub.com/acme/api/discussions/1`"),
        ("https://example.com/acme/api/issues/1", "<https://example.com/acme/api/issues/1>"),
    ])
    func addressesStayClickable(from: String, to: String) {
        #expect(text(from) == to)
    }

    @Test func linesStayLines() {
        #expect(text("a\r\n\n\n\nb  \n") == "a\n\nb")
    }

    @Test(arguments: [
        ("x", "```text\nx\n```"), ("a\n```\n@ann", "````text\na\n```\n@ann\n````"), ("", ""), ("\n \n", ""),
        ("``````", "```````text\n``````\n```````"),
    ])
    func aCodeBlockCannotBeEnded(inside: String, block: String) {
        #expect(GitHubMarkdown.code(inside, limit: 1000) == block)
    }

    @Test(arguments: [("x", "`x`"), ("a`b", "``a`b``"), ("`a", "`` `a ``"), ("a``b`", "``` a``b` ```")])
    func inlineCodeCannotBeEnded(inside: String, code: String) {
        #expect(GitHubMarkdown.inlineCode(inside) == code)
    }

    @Test(arguments: [0, 6, 7, 8, 20, 99, 100, 101])
    func aTextKeepsItsLimitAndIsNotCutWithinAnEscape(limit: Int) {
        let long = text(String(repeating: "<", count: 25), limit: limit)
        #expect(long.utf16.count <= limit)
        if limit >= 100 { #expect(long == String(repeating: "&lt;", count: 25)) }
        let body = long.hasSuffix("(cut)") ? String(long.dropLast(7)) : long
        #expect(body.replacing("&lt;", with: "").isEmpty)
        let block = GitHubMarkdown.code(String(repeating: "x", count: 200), limit: limit)
        #expect(block.utf16.count <= limit)
        #expect(block.isEmpty || block.hasSuffix("\n```"))
    }

    // MARK: Messages

    private func message(_ report: Report, room: Int = 65_000) -> String {
        GitHubMessage(report, markdown, room: room).text
    }

    @Test func aReportIsShownInItsParts() {
        let report = Report(
            mood: .success, title: "preview of @ann's #42",
            blocks: [
                .text("It is there: https://pr-42.example.com"),
                .fields([.init("branch", "feature_*x*"), .init("by", "@ann")]),
                .steps([
                    .init(state: .succeeded, name: "Apply", note: "12 s"),
                    .init(state: .failed, name: "Wait", note: ""),
                ]),
                .code("log ``` line"), .offers([.init(label: "Remove it", commandLine: "preview-remove 42")]),
            ])
        #expect(
            message(report) == """
                ### ✅ preview of @\(Self.gap)ann's \\#\(Self.gap)42

                It is there: <https://pr-42.example.com>

                - **branch:** feature\\_\\*x\\*
                - **by:** @\(Self.gap)ann

                - ✓ Apply · 12 s
                - ✗ Wait

                ````text
                log ``` line
                ````

                - Remove it: `/defimon preview-remove 42`
                """)
    }

    @Test(arguments: [100, 1000, 65_536])
    func aReportKeepsItsRoom(room: Int) {
        let long = String(repeating: "<@x> ", count: 20_000)
        let report = Report(
            mood: .failure, title: long,
            blocks: [
                .fields((0..<300).map { .init("field \($0)", long) }), .text(long), .code(long),
                .steps((0..<500).map { .init(state: .pending, name: "step \($0)", note: long) }),
            ])
        #expect(message(report, room: room).utf16.count <= room)
        for block in report.blocks {
            let text = message(Report(mood: .info, title: "t", blocks: [block, .text("end")]), room: room)
            #expect(text.utf16.count <= room)
            #expect(text.contains("(cut)"))
        }
    }

    @Test(arguments: [
        ("job/42", "<!-- defimon:message/job/42 -->"),
        ("preview/acme/api/42", "<!-- defimon:message/preview/acme/api/42 -->"),
    ])
    func aMarkerIsMadeOfTheSubject(subject: String, text: String) {
        #expect(CommentMarker(subject: subject).text == text)
    }

    @Test(arguments: ["a--b", "a --> <b>", String(repeating: "a", count: 200), "ä"])
    func aSubjectCannotEndItsMarker(subject: String) {
        let marker = CommentMarker(subject: subject)
        #expect(marker.text.dropFirst(4).dropLast(3).contains("--") == false)
        #expect(marker.text.count == "<!-- defimon: -->".count + 64)
        #expect(marker.marks(marker.body("x")))
        #expect(!marker.marks("x\n" + marker.text))
    }
}
