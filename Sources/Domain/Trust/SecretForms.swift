/// All texts by which secrets could be told, and where they are in a text. One pass over the bytes, whatever their
/// number: the redactor is on the way of every delivery.
struct SecretForms: Sendable {
    /// How many bytes decide whether a form may begin at a place. None is shorter.
    private static let beginning = 4

    /// Longest first, so that a form which holds another one goes as a whole.
    private var forms: [[UInt8]] = []
    /// One bit per hash of the first bytes of a form.
    private var beginnings = [UInt64](repeating: 0, count: 1024)

    /// Adds forms of at least four bytes; shorter ones are left out.
    mutating func add(_ new: Set<String>) {
        let known = Set(forms)
        for form in new.map({ Array($0.utf8) }) where form.count >= SecretForms.beginning && !known.contains(form) {
            forms.append(form)
            let hash = form.withUnsafeBytes { SecretForms.hash($0, at: 0) }
            beginnings[hash >> 6] |= 1 << UInt64(hash & 63)
        }
        forms.sort { $0.count > $1.count }
    }

    /// The text with the mark in place of each form. A form counts wherever its bytes stand, also before a combining
    /// character.
    func redact(_ text: String, mark: String) -> String {
        guard !forms.isEmpty else { return text }
        var text = text
        return text.withUTF8 { utf8 -> String? in
            let bytes = UnsafeRawBufferPointer(utf8)
            var result: [UInt8] = []
            var copied = 0
            var position = 0
            while position + SecretForms.beginning <= bytes.count {
                guard let length = length(of: bytes, at: position) else {
                    position += 1
                    continue
                }
                result += bytes[copied..<position]
                result += mark.utf8
                position += length
                copied = position
            }
            guard copied > 0 else { return nil }
            result += bytes[copied...]
            return String(decoding: result, as: UTF8.self)
        } ?? text
    }

    /// The length of the form that begins there.
    private func length(of bytes: UnsafeRawBufferPointer, at position: Int) -> Int? {
        let hash = SecretForms.hash(bytes, at: position)
        guard beginnings[hash >> 6] & 1 << UInt64(hash & 63) != 0 else { return nil }
        return forms.first { bytes[position...].starts(with: $0) }?.count
    }

    private static func hash(_ bytes: UnsafeRawBufferPointer, at position: Int) -> Int {
        let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)
        return Int((word &* 2_654_435_769) >> 16)
    }
}
