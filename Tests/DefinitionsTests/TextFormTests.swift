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
        "slugs of names",
        arguments: [
            ("The other node must be in sync", "the-other-node-must-be-in-sync"),
            ("PostgreSQL's secret", "postgresql-s-secret"),
            ("  --a__b!! ", "a-b"), ("äöü", ""),
            (String(repeating: "ab ", count: 30), "ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-ab-a"),
        ])
    func slug(_ text: String, _ wanted: String) { #expect(StepChecker.slug(text) == wanted) }
}
