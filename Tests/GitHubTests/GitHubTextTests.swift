import Testing

@testable import GitHub

struct GitHubTextTests {
    @Test(arguments: [
        ("push acme/api main", "push acme/api main"), ("", ""), ("a", "a"),
        ("0123456789 0123456789", "0123456789 0123456789"),
        ("0123456789 01234567890", "0123456789 012… (cut)"),
        (" a", "a"), ("a ", "a"), ("a  b", "a b"), ("a\tb", "a\tb"), ("a\nb\r\nc", "a b c"),
        ("a\u{202e}b\u{0}c", "a b c"),
        ("Zähler", "Zähler"), ("äääääääääääääääääääää", "äääääääääääääääääääää"),
        ("ääääääääääääääääääääää", "ääääääääääääää… (cut)"),
    ])
    func `a line has no control character, no blank too many, and a bound`(text: String, line: String) {
        #expect(GitHubText.line(text, atMost: 21) == line)
    }
}
