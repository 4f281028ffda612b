import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@testable import Email

/// Messages as Python's own reader sees them.
@Suite(.enabled(if: MailServerProcess.isThere)) struct MailMessageTests {
    /// What Python makes of a message. Every message must be without defects, 7-bit and in short lines.
    private func parsed(_ message: MailMessage, longestLine: Int = 78) async throws -> JSONValue {
        let folder = try TemporaryFolder()
        let bytes = try message.encoded()
        let file = try folder.write(String(decoding: bytes, as: UTF8.self), to: "message.eml")
        let program = try await RunningProgram(
            try #require(MailServerProcess.python), [MailServerProcess.script("mail_server.py"), "parse", file],
            in: folder)
        #expect(await program.ended() == 0, "\(program.text)")
        let parsed = try JSONValue(parsing: program.text)
        #expect(parsed["defects"] == [])
        #expect(parsed["is_ascii"] == true)
        #expect((parsed["longest_line"]?.intValue ?? .max) <= longestLine)
        // A transport takes it.
        let address = try #require(MailAddress("a@example.com"))
        _ = try OutgoingMail(sender: address, recipients: [address], message: bytes)
        return parsed
    }

    private func message(
        _ headers: [MailHeader], text: String = "plain\n", html: String = "<p>html</p>\n"
    ) -> MailMessage { MailMessage(headers: headers, text: text, html: html) }

    // MARK: Messages of others

    /// How the headers of the wire data are built; names only for people are texts.
    private func header(_ name: String, _ value: String) throws -> MailHeader {
        switch name {
        case "Date":
            let formatter = DateFormatter()
            formatter.locale = Locale(identifier: "en_US_POSIX")
            formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss Z"
            return MailHeader(name, .date(try #require(formatter.date(from: value))))
        case "From", "To", "Cc", "Reply-To":
            // No name of the data holds "> " or an address before its comma.
            let texts = value.replacing(">, ", with: ">|").replacing("com, ", with: "com|").split(separator: "|")
            return MailHeader(name, .mailboxes(try texts.map { try #require(Mailbox(String($0))) }))
        case "Message-ID", "In-Reply-To", "References":
            return MailHeader(name, .ids(value.split(separator: " ").map(String.init)))
        case "Subject": return MailHeader(name, .text(value))
        default: return MailHeader(name, .verbatim(value))
        }
    }

    @Test(.enabled(if: WireData.isThere), arguments: ["ascii", "utf8_base64", "utf8_quoted_printable"])
    func messagesOfOthersCanBeBuilt(name: String) async throws {
        let wanted = try JSONValue(parsing: WireData.bytes("email/alternative.\(name).parsed.json"))
        let fields = try #require(wanted["headers"]?.objectValue)
        let own: Set = ["MIME-Version", "Content-Type"]
        let parts = try #require(wanted["parts"]?.arrayValue).compactMap { $0["decoded"]?.stringValue }
        let built = try await parsed(
            message(
                try fields.filter { !own.contains($0.key) }.map { try header($0.key, $0.value.stringValue ?? "") },
                text: parts[0], html: parts[1]))
        #expect(built["content_type"] == "multipart/alternative")
        for (name, value) in fields where name != "Content-Type" {
            #expect(built["headers"]?[name] == value, "\(name)")
        }
        #expect(built["headers"]?.objectValue?.count == fields.count)
        for (index, part) in try #require(wanted["parts"]?.arrayValue).enumerated() {
            let other = built["parts"]?.arrayValue?[index]
            for member in ["content_type", "charset", "decoded"] { #expect(other?[member] == part[member]) }
        }
    }

    // MARK: Headers

    @Test(arguments: [
        "plain", "Größe überschritten – Festplatte voll ✓", "証明書の期限が近づいています", "=?utf-8?q?not_decoded?=",
        "a =?x", "two  blanks", "tab\tin it", "👩‍👩‍👧‍👦 family 🏳️‍🌈", "Zalgo " + "x" + String(repeating: "\u{301}", count: 80),
        String(repeating: "long words of a very long subject ", count: 8), String(repeating: "x", count: 300),
        String(repeating: "ß", count: 200), "?=", "ends with \\", "\"quoted\"", "ü", "a\u{0}b",
    ])
    func anySubjectArrives(text: String) async throws {
        let built = try await parsed(message([MailHeader("Subject", .text(text))]))
        // Python shows a control character in a subject as what it is, and drops blanks at the end.
        let wanted = EncodedWord.isNeeded(for: text) ? text : text.split(separator: " ").joined(separator: " ")
        #expect(built["headers"]?["Subject"]?.stringValue == wanted)
        #expect(built["header_count"] == 3)
    }

    @Test(arguments: [
        "Defimon", "Bereitschaft, Größe", "Doe, Jane", "O'Neil (ops)", "quote \" and \\ slash", "a@b", "x <y@z> w",
        "Jürgen Müller", String(repeating: "sehr lange Größe ", count: 5) + "x", "=?utf-8?q?x?=", "Name: value",
    ])
    func anyNameArrives(name: String) async throws {
        let address = try #require(MailAddress("juergen@example.com"))
        let other = Mailbox(address: try #require(MailAddress("ops@example.com")))
        let built = try await parsed(
            message([MailHeader("To", .mailboxes([Mailbox(name: name, address: address), other]))]))
        let shown = try #require(built["headers"]?["To"]?.stringValue)
        #expect(shown.hasSuffix("<juergen@example.com>, ops@example.com"), "\(shown)")
        let bare = shown.dropLast(" <juergen@example.com>, ops@example.com".count)
        let unquoted =
            bare.hasPrefix("\"") && bare.hasSuffix("\"") && bare.count > 1
            ? String(bare.dropFirst().dropLast()).replacing("\\\"", with: "\"").replacing("\\\\", with: "\\")
            : String(bare)
        // Python keeps the blanks between two encoded words of a name, which the standard drops (RFC 2047 §6.2).
        #expect(unquoted.replacing(" ", with: "") == name.replacing(" ", with: ""))
    }

    @Test(arguments: ["\r\nBcc: x@example.com", "a\nBcc: x", "a\rBcc: x", "a\u{2028}Bcc: x", "\u{85}Bcc: x"])
    func noTextMakesAnotherHeader(text: String) async throws {
        let address = try #require(MailAddress("juergen@example.com"))
        let built = try await parsed(
            message([
                MailHeader("Subject", .text(text)),
                MailHeader("To", .mailboxes([Mailbox(name: text, address: address)])),
            ]))
        #expect(built["header_count"] == 4)
        #expect(built["headers"]?["Bcc"] == nil)
    }

    @Test(arguments: [
        MailHeader("Message-ID", .ids(["<a@b>\r\nBcc: x"])), MailHeader("X", .verbatim("a\nb")),
        MailHeader("X", .verbatim("größe")), MailHeader("X\r\nY", .text("a")), MailHeader("X:", .text("a")),
        MailHeader("", .text("a")),
    ])
    func whatHasAGrammarMayNotHoldLineEnds(header: MailHeader) {
        #expect(throws: MailError.self) { try message([header]).encoded() }
    }

    // MARK: Bodies

    private static let texts: [(String, TransferEncoding)] = [
        ("plain\n", .sevenBit), (".\n..\n.x\n", .sevenBit), ("\n", .sevenBit), ("a\n\n\nb\n", .sevenBit),
        (long("x", 76), .sevenBit), (long("x", 77), .quotedPrintable), (long("x", 5000), .quotedPrintable),
        (long("=", 100), .quotedPrintable), (long(" ", 200), .quotedPrintable), (long("🚨", 1000), .base64),
        ("From here\n", .quotedPrintable), ("trailing blank \nand tab\t\n", .quotedPrintable),
        ("=_boundary\n", .quotedPrintable), ("tab\there\n", .quotedPrintable),
        ("Die Größe der Festplatte auf db-1 – 93 % voll 🚨\n", .quotedPrintable), ("証明書 は 5 日後に失効します。\n", .base64),
    ]

    private static func long(_ piece: String, _ count: Int) -> String { String(repeating: piece, count: count) + "\n" }

    @Test(arguments: texts)
    func anyTextArrives(text: String, encoding: TransferEncoding) async throws {
        let built = try await parsed(message([], text: text, html: text))
        for part in try #require(built["parts"]?.arrayValue) {
            #expect(part["decoded"]?.stringValue == text.replacing("\n", with: "\r\n"))
            #expect(part["transfer_encoding"]?.stringValue == encoding.rawValue)
        }
    }

    @Test func theSameContentGivesTheSameBytes() throws {
        let one = message([MailHeader("Subject", .text("a"))])
        #expect(try one.encoded() == one.encoded())
        #expect(try one.encoded() != message([MailHeader("Subject", .text("b"))]).encoded())
    }
}
