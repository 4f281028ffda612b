import Outbound
import Testing

@Suite struct MailAddressTests {
    @Test(arguments: [
        "ops@example.com", "a@b", "first.last+tag@sub.example.com", "o'neil_{x}@example.co.uk", "-x@example.com",
        "root@localhost", "a@1.example.com",
    ])
    func whatIsAnAddress(text: String) {
        #expect(MailAddress(text)?.text == text)
    }

    @Test(arguments: [
        "", "@", "ops", "@example.com", "ops@", "a b@example.com", "a@b c", "a@@b", "a@b@c", ".a@b", "a.@b", "a..b@c",
        "a@.b", "a@b.", "a@b..c", "a@-b.c", "a@b-.c", "\"a b\"@example.com", "a@[127.0.0.1]", "größe@example.com",
        "a@größe.de", "<a@b>", "a@b>", "a@b\r\nRCPT TO:<x@y>", "a\r\n@b", "a@b\0", "a@b,c@d", "a@b;c", "a(b)@c",
        "a@b_c",
        "e\u{301}@b",
    ])
    func whatIsNone(text: String) {
        #expect(MailAddress(text) == nil)
    }

    @Test func lengthsAreBounded() {
        let local = String(repeating: "a", count: 64)
        let label = String(repeating: "b", count: 63)
        #expect(MailAddress(local + "@example.com") != nil)
        #expect(MailAddress("a" + local + "@example.com") == nil)
        #expect(MailAddress("a@" + label + ".com") != nil)
        #expect(MailAddress("a@b" + label + ".com") == nil)
        let whole = "\(local)@\(label).\(label)." + String(repeating: "c", count: 61)
        #expect(whole.utf8.count == MailAddress.longest)
        #expect(MailAddress(whole) != nil)
        #expect(MailAddress(whole + "c") == nil)
    }

    @Test func theDomainIsBehindTheAt() {
        #expect(MailAddress("ops@example.com")?.domain == "example.com")
    }
}
