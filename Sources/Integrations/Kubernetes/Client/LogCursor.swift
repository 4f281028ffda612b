import Domain
import Foundation

/// How far a container's log was read. The API takes whole seconds (`sinceTime`), so what is asked for again begins
/// with lines that were read before; they come in the same order, and as many are dropped as were read of that second.
struct LogCursor: Sendable {
    /// The longest line that is kept whole, in bytes; the rest of a longer one is cut off.
    static let longestLine = 4096
    /// The room for the time before each line.
    private static let timeRoom = 64

    /// A moment as the log writes it: seconds since 1970, and nanoseconds.
    private struct Moment: Comparable {
        var second: Int64
        var nanoseconds: Int

        static func < (left: Moment, right: Moment) -> Bool {
            (left.second, left.nanoseconds) < (right.second, right.nanoseconds)
        }
    }

    private var newest: Moment?
    /// Lines that were read of the newest second.
    private var seen = 0
    private var toDrop = 0
    private var line: [UInt8] = []
    private var isTooLong = false
    private var known: (text: String, second: Int64)?

    /// What is asked for next.
    func query(container: String) -> [(String, String)] {
        var query = [("container", container), ("follow", "true"), ("timestamps", "true")]
        if let newest {
            let moment = Date(timeIntervalSince1970: Double(newest.second))
            query.append(("sinceTime", ClusterTime.text(moment)))
        }
        return query
    }

    /// A new answer begins: what was left of a line is told again, from its beginning.
    mutating func begin() {
        toDrop = seen
        line = []
        isTooLong = false
    }

    /// The whole lines in a part of the answer, without their times and without those that were read before.
    mutating func take(_ bytes: [UInt8]) -> [String] {
        var texts: [String] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0x0A) {
            append(rest[..<end])
            if let text = closed() { texts.append(text) }
            rest = rest[(end + 1)...]
        }
        append(rest)
        return texts
    }

    /// What stands after the last line feed when the log is over.
    mutating func rest() -> String? { line.isEmpty ? nil : closed() }

    private mutating func append(_ bytes: ArraySlice<UInt8>) {
        let room = LogCursor.longestLine + LogCursor.timeRoom - line.count
        if bytes.count > room { isTooLong = true }
        line += bytes.prefix(max(0, room))
    }

    /// Nil for a line that was read before.
    private mutating func closed() -> String? {
        defer {
            line = []
            isTooLong = false
        }
        let space = line.firstIndex(of: 0x20)
        let stamp = String(decoding: line[..<(space ?? line.endIndex)], as: UTF8.self)
        // A line without a time is none of the container's: the kubelet's own words about the log.
        guard let moment = moment(stamp) else { return text(line[...]) }
        let content = line[(space.map { $0 + 1 } ?? line.endIndex)...]
        if toDrop > 0, let newest, moment.second == newest.second, moment <= newest {
            toDrop -= 1
            return nil
        }
        if let last = newest, moment.second <= last.second {
            if moment.second == last.second { seen += 1 }
            newest = max(last, moment)
        } else {
            newest = moment
            seen = 1
            toDrop = 0
        }
        return text(content)
    }

    private func text(_ bytes: ArraySlice<UInt8>) -> String {
        let isCut = isTooLong || bytes.count > LogCursor.longestLine
        let text = String(decoding: bytes.prefix(LogCursor.longestLine), as: UTF8.self)
        // Bars of progress write over their own line; other control characters mean nothing here.
        let shown = text.split(separator: "\r").last.map(String.init) ?? ""
        return String(shown.unicodeScalars.filter { $0 == "\t" || $0.value >= 0x20 }) + (isCut ? "…" : "")
    }

    /// RFC 3339 with up to nine digits of a fraction.
    private mutating func moment(_ text: String) -> Moment? {
        let scalars = Array(text.utf8)
        guard scalars.count >= 20, scalars.count <= 40, scalars[10] == 0x54 else { return nil }
        var end = 19
        var nanoseconds = 0
        if scalars[19] == 0x2E {
            end = 20
            var digits = 0
            while end < scalars.count, (0x30...0x39).contains(scalars[end]) {
                if digits < 9 {
                    nanoseconds = nanoseconds * 10 + Int(scalars[end] - 0x30)
                    digits += 1
                }
                end += 1
            }
            while digits < 9 {
                nanoseconds *= 10
                digits += 1
            }
        }
        let whole = String(decoding: scalars[..<19] + scalars[end...], as: UTF8.self)
        if let known, known.text == whole { return Moment(second: known.second, nanoseconds: nanoseconds) }
        guard let date = ClusterTime.parse(whole) else { return nil }
        let second = Int64(date.timeIntervalSince1970.rounded())
        known = (whole, second)
        return Moment(second: second, nanoseconds: nanoseconds)
    }
}
