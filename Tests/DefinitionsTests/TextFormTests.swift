import Domain
import Testing

@testable import Definitions

@Suite struct TextFormTests {
    @Test("every form of a name compiles", arguments: TextForm.all)
    func compiles(_ form: TextForm) throws {
        _ = try Pattern(form.text)
        #expect(form.matches("name"))
        #expect(!form.matches("") && !form.matches("a b"))
    }

    @Test(
        "forms of what is no name",
        arguments: [
            (TextForm.commandPattern, ["*", "deploy", "preview *", "a b c *"], ["", "a * b", "Deploy", "a b c d"]),
            (.slackID, ["C0123456789", "GAB"], ["", "C1", "c0123", "U0123", "#ops"]),
            (.slackName, ["#ops", "#команда-1"], ["", "#", "ops", "#Ops", "#a b", "##a"]),
            (.repository, ["acme/api.js"], ["", "acme", "acme/api#4", "acme/api/x"]),
        ])
    func otherForms(_ form: TextForm, _ good: [String], _ bad: [String]) {
        for text in good { #expect(form.matches(text), "\(text)") }
        for text in bad { #expect(!form.matches(text), "\(text)") }
    }

    @Test(
        "slugs of names",
        arguments: [
            ("The other node must be in sync", "the-other-node-must-be-in-sync"),
            ("PostgreSQL's secret", "postgresql-s-secret"),
            ("  --a__b!! ", "a-b"), ("äöü", ""),
            (String(repeating: "ab ", count: 30), "ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-a"),
        ])
    func slug(_ text: String, _ wanted: String) { #expect(StepChecker.slug(text) == wanted) }
}
