import Foundation

/// All texts by which secrets could be told, and where they are in a text. One pass over the bytes, whatever their
/// number: the redactor is on the way of every delivery.
struct SecretForms: Sendable {
    /// How many bytes decide whether a form may begin at a place. None is shorter.
    private static let beginning = 4
    /// The fewest bytes of a form that are taken out where a text was cut within it.
    static let shortestCut = 12
    /// What stands where a text was cut: a mark, or the quote behind a value that was shortened.
    private static let cutMarks = ["…", "...", "\n…", "'", "\""].map { Array($0.utf8) }

    /// In the order of their bytes, none twice.
    private var forms: [[UInt8]] = []
    /// For each form the longest other one with which it begins.
    private var shorter: [Int?] = []
    /// Forms that were added and have not found their place yet.
    private var unsorted: [[UInt8]] = []
    /// One bit per hash of the first bytes of a form, at least 64 bits for each form.
    private var beginnings: [UInt64] = []
    private var shift: UInt32 = 32

    var isEmpty: Bool { forms.isEmpty && unsorted.isEmpty }

    /// Adds forms of at least four bytes; shorter ones are left out. `sort()` puts them in force.
    mutating func add(_ new: Set<String>) {
        unsorted += new.lazy.map { Array($0.utf8) }.filter { $0.count >= SecretForms.beginning }
    }

    /// Puts what was added in force.
    mutating func sort() {
        guard !unsorted.isEmpty else { return }
        forms = (forms + unsorted).sorted { left, right in
            left.withUnsafeBytes { left in right.withUnsafeBytes { SecretForms.isBefore(left, $0) } }
        }
        forms = forms.indices.filter { $0 == 0 || forms[$0] != forms[$0 - 1] }.map { forms[$0] }
        unsorted = []
        findShorter()
        fillBeginnings()
    }

    /// In sorted order a form stands somewhere behind those with which it begins, and all between begin so too.
    private mutating func findShorter() {
        shorter = []
        shorter.reserveCapacity(forms.count)
        for index in forms.indices {
            var candidate: Int? = index > 0 ? index - 1 : nil
            while let other = candidate, !forms[index].starts(with: forms[other]) { candidate = shorter[other] }
            shorter.append(candidate)
        }
    }

    private mutating func fillBeginnings() {
        var bits = 16
        while bits < 23, 1 << bits < forms.count * 64 { bits += 1 }
        shift = UInt32(32 - bits)
        beginnings = [UInt64](repeating: 0, count: 1 << (bits - 6))
        for form in forms {
            let hash = form.withUnsafeBytes { self.hash($0, at: 0) }
            beginnings[hash >> 6] |= 1 << UInt64(hash & 63)
        }
    }

    /// The text with the mark in place of each form. A form counts wherever its bytes stand, also before a combining
    /// character; the beginning of one counts where the text was cut behind it.
    func redact(_ text: String, mark: String) -> String {
        guard !forms.isEmpty else { return text }
        var text = text
        return text.withUTF8 { redacted(UnsafeRawBufferPointer($0), mark: mark) } ?? text
    }

    /// Nil when there is no form in the bytes.
    private func redacted(_ bytes: UnsafeRawBufferPointer, mark: String) -> String? {
        var result: [UInt8] = []
        var copied = 0
        var position = 0
        while position + SecretForms.beginning <= bytes.count {
            guard mayBegin(bytes, at: position) else {
                position += 1
                continue
            }
            let rest = bytes[position...]
            // A form that is whole may be the beginning of a longer one within which the text was cut.
            let length = max(length(of: rest), cutLength(of: rest))
            guard length > 0 else {
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
    }

    // MARK: Looking

    private func mayBegin(_ bytes: UnsafeRawBufferPointer, at position: Int) -> Bool {
        let hash = hash(bytes, at: position)
        return beginnings[hash >> 6] & 1 << UInt64(hash & 63) != 0
    }

    /// The length of the longest form with which the bytes begin, 0 when none does. Every such form is the last one that does not come
    /// after the bytes, or one with which that begins.
    private func length(of bytes: Slice<UnsafeRawBufferPointer>) -> Int {
        var candidate: Int? = upperBound(bytes) - 1
        while let index = candidate, index >= 0 {
            if bytes.starts(with: forms[index]) { return forms[index].count }
            candidate = shorter[index]
        }
        return 0
    }

    /// The number of bytes up to where the text was cut within a form, 0 when it was not.
    private func cutLength(of bytes: Slice<UnsafeRawBufferPointer>) -> Int {
        // The nearest form in the order has the longest beginning in common with the bytes.
        let next = upperBound(bytes)
        let common = max(
            next < forms.count ? SecretForms.common(forms[next], bytes) : 0,
            next > 0 ? SecretForms.common(forms[next - 1], bytes) : 0)
        guard common >= SecretForms.shortestCut else { return 0 }
        let behind = bytes.dropFirst(common)
        return behind.isEmpty || SecretForms.cutMarks.contains { behind.starts(with: $0) } ? common : 0
    }

    /// The index of the first form that comes after the bytes.
    private func upperBound(_ bytes: Slice<UnsafeRawBufferPointer>) -> Int {
        var low = 0
        var high = forms.count
        while low < high {
            let middle = (low + high) / 2
            let isBefore = forms[middle].withUnsafeBytes {
                SecretForms.isBefore(UnsafeRawBufferPointer(rebasing: bytes), $0)
            }
            if isBefore { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private static func isBefore(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        guard let first = left.baseAddress, let second = right.baseAddress else { return left.count < right.count }
        let order = memcmp(first, second, min(left.count, right.count))
        return order == 0 ? left.count < right.count : order < 0
    }

    private static func common(_ form: [UInt8], _ bytes: Slice<UnsafeRawBufferPointer>) -> Int {
        zip(form, bytes).prefix { $0 == $1 }.count
    }

    private func hash(_ bytes: UnsafeRawBufferPointer, at position: Int) -> Int {
        let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self)
        return Int((word &* 2_654_435_769) >> shift)
    }
}
