import Domain

/// The body of a delivery. A webhook sends JSON as it is, or as the field `payload` of a form, whichever its content
/// type says.
enum DeliveryBody {
    private static let field = Array("payload=".utf8)

    static func isForm(_ body: [UInt8]) -> Bool { body.starts(with: field) }

    /// The JSON text; nil when a form is broken (URL standard §5.1).
    static func json(_ body: [UInt8]) -> [UInt8]? {
        guard isForm(body) else { return body }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(body.count)
        var index = field.count
        while index < body.count {
            switch body[index] {
            // There is one field only.
            case UInt8(ascii: "&"): return nil
            case UInt8(ascii: "+"): bytes.append(0x20)
            case UInt8(ascii: "%"):
                guard index + 2 < body.count, let high = digit(body[index + 1]), let low = digit(body[index + 2]) else {
                    return nil
                }
                bytes.append(high << 4 | low)
                index += 2
            default: bytes.append(body[index])
            }
            index += 1
        }
        return bytes
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x61...0x66: byte - 0x61 + 10
        case 0x41...0x46: byte - 0x41 + 10
        default: nil
        }
    }

    /// Whether the text begins and ends as a JSON object does. Nothing is parsed before the acknowledgement.
    static func looksLikeObject(_ body: [UInt8]) -> Bool {
        guard let first = body.first(where: { !isSpace($0) }), first == UInt8(ascii: "{"),
            let last = body.last(where: { !isSpace($0) }), last == UInt8(ascii: "}")
        else { return false }
        return true
    }

    /// White space of RFC 8259 §2.
    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 }
}
