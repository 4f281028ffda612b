import Crypto

/// Reads the members of a record's text that the proof needs, in their order and without parsing the rest:
/// `{"actor":"…","detail_hash":"…","kind":"…","seq":…`.
struct AuditRecordText {
    private let detailHash: Slice<UnsafeRawBufferPointer>
    /// As it is quoted, without its quotes.
    private let kind: Slice<UnsafeRawBufferPointer>
    let sequence: Int64

    /// Nil when the text is not of the form that the ledger writes. The bytes must outlive the value.
    init?(_ record: UnsafeRawBufferPointer) {
        var cursor = Cursor(bytes: record)
        guard cursor.skip(#"{"actor":""#), cursor.skipString() != nil, cursor.skip(#","detail_hash":""#),
            let hash = cursor.skipString(), hash.count == 64, cursor.skip(#","kind":""#),
            let kind = cursor.skipString(),
            cursor.skip(#","seq":"#), let sequence = cursor.number()
        else { return nil }
        detailHash = record[hash]
        self.kind = record[kind]
        self.sequence = sequence
    }

    /// What the audit says of itself: its kind begins with `audit.`.
    var isAboutAudit: Bool { kind.starts(with: "audit.".utf8) }

    func isKind(_ name: String) -> Bool { kind.elementsEqual(name.utf8) }

    /// Whether the record names the hash of this detail.
    func hasDetailHash(of detail: UnsafeRawBufferPointer) -> Bool {
        var hasher = SHA256()
        hasher.update(bufferPointer: detail)
        return hasher.finalize().withUnsafeBytes { digest in
            var position = detailHash.startIndex
            for byte in digest {
                guard detailHash[position] == Self.digit(byte >> 4), detailHash[position + 1] == Self.digit(byte & 15)
                else { return false }
                position += 2
            }
            return true
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
}

private struct Cursor {
    let bytes: UnsafeRawBufferPointer
    var position = 0

    mutating func skip(_ text: StaticString) -> Bool {
        let end = position + text.utf8CodeUnitCount
        guard end <= bytes.count else { return false }
        for offset in 0..<text.utf8CodeUnitCount where bytes[position + offset] != text.utf8Start[offset] {
            return false
        }
        position = end
        return true
    }

    /// To behind the closing quote of a string whose opening quote is passed. Returns where its contents are.
    mutating func skipString() -> Range<Int>? {
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\\"): position += 2
            case UInt8(ascii: "\""):
                position += 1
                return start..<position - 1
            default: position += 1
            }
        }
        return nil
    }

    mutating func number() -> Int64? {
        var value: Int64 = 0
        while position < bytes.count, bytes[position] >= 0x30, bytes[position] <= 0x39 {
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, isStillTooLarge) = product.addingReportingOverflow(Int64(bytes[position] - 0x30))
            guard !isTooLarge, !isStillTooLarge else { return nil }
            value = sum
            position += 1
        }
        return value
    }
}
