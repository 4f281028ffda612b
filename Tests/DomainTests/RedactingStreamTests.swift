import Domain
import Foundation
import Testing

/// A secret that is split over pieces of output does not leave.
@Suite struct RedactingStreamTests {
    static let secret = "Tr0ub4dor&3/\"x\" ü"
    private let redactor = Redactor()

    init() {
        redactor.add(Secret(Self.secret))
        redactor.add(Secret("Tr0ub4dor"))
    }

    /// Everything by which the secret could be told.
    static let forms: [String] = {
        let bytes = Array(secret.utf8)
        return [
            secret, Hex.encode(bytes), Hex.encode(bytes).uppercased(), JSONValue.string(secret).canonicalText,
            Data(bytes).base64EncodedString(), Data([7] + bytes).base64EncodedString(),
            Data([7, 8] + bytes).base64EncodedString(),
            Data(bytes).base64EncodedString().replacing("/", with: "_").replacing("+", with: "-"),
            secret.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "",
        ]
    }()

    private func streamed(_ pieces: [some Sequence<UInt8>]) -> String {
        var stream = RedactingStream(redactor)
        var out: [UInt8] = []
        for piece in pieces { out += stream.append(piece) }
        return String(decoding: out + stream.finish(), as: UTF8.self)
    }

    @Test(arguments: forms)
    func `Split at any place, it is found as in one piece`(form: String) {
        let text = "before \(form) after, and \(form)"
        let bytes = Array(text.utf8)
        let whole = redactor.redact(text)
        #expect(whole.contains("<secret>"))
        for place in 0...bytes.count {
            #expect(streamed([bytes[..<place], bytes[place...]]) == whole, "split at \(place)")
        }
        #expect(streamed(bytes.map { [$0] }) == whole)
    }

    @Test func `What can be the beginning of no secret leaves at once`() {
        var stream = RedactingStream(redactor)
        #expect(stream.append("line one\n".utf8) == Array("line one\n".utf8))
        #expect(stream.append("say Tr".utf8) == Array("say ".utf8))
        #expect(stream.heldCount == 2)
        #expect(stream.append("ick".utf8) == Array("Trick".utf8))
        #expect(stream.heldCount == 0)
    }

    @Test func `Never more is held back than a secret is long`() {
        var stream = RedactingStream(redactor)
        let longest = Self.forms.map(\.utf8.count).max() ?? 0
        for byte in Array(Self.forms.joined().utf8) + Array(Self.secret.utf8.dropLast()) {
            _ = stream.append([byte])
            #expect(stream.heldCount < longest * 2)
        }
        #expect(String(decoding: stream.finish(), as: UTF8.self) == "<secret>")
    }

    @Test func `Without any secret all leaves as it comes`() {
        var stream = RedactingStream(Redactor())
        #expect(stream.append([0xc3]) == [0xc3])
        #expect(stream.append([0xbc]) == [0xbc])
        #expect(stream.finish().isEmpty)
    }
}
