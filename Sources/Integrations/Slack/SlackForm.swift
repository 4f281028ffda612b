import Domain

/// A body of `application/x-www-form-urlencoded` (URL standard §5.1). Foundation's `URLComponents` would read it too,
/// but stops the program at bytes that may not stand in a query.
struct SlackForm: Sendable {
    /// Fields beyond these are not read: Slack sends about fifteen.
    private static let maxFields = 100
    private var fields: [String: String] = [:]

    init(_ body: [UInt8]) {
        for pair in body.split(separator: UInt8(ascii: "&"), maxSplits: SlackForm.maxFields).prefix(SlackForm.maxFields)
        {
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let name = SlackForm.decoded(pair[..<equals])
            // The first one counts, so that nobody can put a second one behind it.
            guard fields[name] == nil else { continue }
            fields[name] = SlackForm.decoded(pair[equals...].dropFirst())
        }
    }

    subscript(_ name: String) -> String? { fields[name] }

    private static func decoded(_ text: ArraySlice<UInt8>) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(0x20)
            case UInt8(ascii: "%"):
                if let value = Hex.decode(String(decoding: rest.prefix(2), as: UTF8.self)), let value = value.first {
                    bytes.append(value)
                    rest = rest.dropFirst(2)
                } else {
                    bytes.append(byte)
                }
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
