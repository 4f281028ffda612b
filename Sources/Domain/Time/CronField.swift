/// One of the five fields of a cron time: what may stand there.
struct CronField {
    let name: String
    let range: ClosedRange<Int>
    /// The names of the values from the range's beginning on.
    let names: [String]

    static let minute = CronField(name: "minute", range: 0...59, names: [])
    static let hour = CronField(name: "hour", range: 0...23, names: [])
    static let day = CronField(name: "day of the month", range: 1...31, names: [])
    static let month = CronField(
        name: "month", range: 1...12,
        names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
    static let weekday = CronField(
        name: "day of the week", range: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])

    /// The longest text, in UTF-8 bytes.
    static let longest = 256
    /// What other programs take in the place of five fields.
    private static let words = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    static func fields(of text: String) throws(Cron.Invalid) -> [String] {
        guard text.utf8.count <= longest else {
            throw Cron.Invalid(message: "a cron time has at most \(longest) bytes", fix: "write ranges and steps")
        }
        let fields = text.split(whereSeparator: \.isWhitespace).map(String.init)
        if let word = fields.first, fields.count == 1, word.hasPrefix("@") {
            throw Cron.Invalid(
                message: "'\(word)' is no cron time: it has five fields",
                fix: words[word.lowercased()].map { "write '\($0)'" } ?? "write for example '30 2 * * *'")
        }
        guard fields.count == 5 else {
            throw Cron.Invalid(
                message:
                    "a cron time has five fields, minute, hour, day of the month, month and day of the week, and '\(text)' has \(fields.count)",
                fix: fields.count == 6 ? "there are no seconds: remove one" : "write for example '30 2 * * mon-fri'")
        }
        return fields
    }

    /// The values of a field, one bit each.
    func values(_ text: String) throws(Cron.Invalid) -> UInt64 {
        var bits: UInt64 = 0
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard !part.isEmpty else {
                throw Cron.Invalid(message: "the \(name) '\(text)' has a comma too many", fix: "remove it")
            }
            for value in try values(of: String(part)) { bits |= 1 << UInt64(value) }
        }
        return bits
    }

    private func values(of part: String) throws(Cron.Invalid) -> [Int] {
        let pieces = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let range = try self.range(pieces[0], of: part)
        guard pieces.count == 2 else { return Array(range) }
        guard pieces[0] == "*" || range.count > 1 else {
            throw Cron.Invalid(
                message: "the \(name) '\(part)' has a step after a single value",
                fix: "write '\(pieces[0])-\(self.range.upperBound)/\(pieces[1])'")
        }
        let most = range.upperBound - range.lowerBound
        guard let step = number(pieces[1]), (1...max(most, 1)).contains(step) else {
            throw Cron.Invalid(
                message: "the step of the \(name) '\(part)' must be a whole number from 1 to \(most)",
                fix: "for example '\(pieces[0])/\(min(2, most))'")
        }
        return Array(stride(from: range.lowerBound, through: range.upperBound, by: step))
    }

    private func range(_ text: String, of part: String) throws(Cron.Invalid) -> ClosedRange<Int> {
        // Sunday would be counted twice by a step.
        if text == "*" { return range.lowerBound...(name == CronField.weekday.name ? 6 : range.upperBound) }
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let first = try value(ends[0], of: part)
        guard ends.count == 2 else { return first...first }
        var last = try value(ends[1], of: part)
        // In crontab(5) a range may end with Sunday as 7; by its name that is meant too.
        if name == CronField.weekday.name, last == 0, first > 0 { last = 7 }
        guard first <= last else {
            throw Cron.Invalid(
                message: "the \(name) '\(part)' ends before it begins",
                fix: "write '\(ends[0])-\(range.upperBound),\(range.lowerBound)-\(ends[1])'")
        }
        return first...last
    }

    private func value(_ text: String, of part: String) throws(Cron.Invalid) -> Int {
        if let index = names.firstIndex(of: text.lowercased()) { return range.lowerBound + index }
        if let number = number(text), range.contains(number) { return number }
        var wanted = "\(range.lowerBound) to \(range.upperBound)"
        if let first = names.first, let last = names.last { wanted += " or \(first) to \(last)" }
        let nearest = NearestName.of(text, in: names)
        let isWord = text.contains(where: \.isLetter)
        throw Cron.Invalid(
            message: "'\(text)' is no \(name)" + (text == part ? "" : " (in '\(part)')"),
            fix: isWord && nearest != nil ? "did you mean '\(nearest ?? "")'?" : "it is from \(wanted)")
    }

    private func number(_ text: String) -> Int? {
        guard (1...2).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}
