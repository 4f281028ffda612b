/// Durations as people write them: `90s`, `2m`, `1h30m`, `7d`, `500ms`. Units: ms, s, m, h, d (24 h), w (7 d).
package enum DurationText {
    /// The longest duration that is read: 10 years.
    package static let longest = Duration.seconds(10 * 365 * 86_400)

    /// Reads a duration; nil when the text is none or it is longer than `longest`.
    package static func parse(_ text: String) -> Duration? {
        guard !text.isEmpty, text.utf8.count <= 32 else { return nil }
        if text == "0" { return .zero }
        var total = Duration.zero
        var rest = Substring(text)
        var lastUnit = Duration.seconds(Int64.max / 4)
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard let count = Int64(digits), count <= 1_000_000_000 else { return nil }
            rest = rest.dropFirst(digits.count)
            let letters = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(letters.count)
            let unit: Duration
            switch letters {
            case "ms": unit = .milliseconds(1)
            case "s": unit = .seconds(1)
            case "m": unit = .seconds(60)
            case "h": unit = .seconds(3600)
            case "d": unit = .seconds(86_400)
            case "w": unit = .seconds(604_800)
            default: return nil
            }
            guard unit < lastUnit else { return nil }
            lastUnit = unit
            total += unit * Int(count)
            guard total <= longest else { return nil }
        }
        return total
    }

    /// For people: `450 ms`, `7 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`.
    package static func human(_ duration: Duration) -> String {
        let milliseconds = duration.milliseconds
        let seconds = (milliseconds + (milliseconds >= 1000 ? 500 : 0)) / 1000
        if milliseconds < 0 { return "0 s" }
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        if seconds < 60 { return "\(seconds) s" }
        func pair(_ big: Int64, _ bigUnit: String, _ small: Int64, _ smallUnit: String) -> String {
            small == 0 ? "\(big) \(bigUnit)" : "\(big) \(bigUnit) \(small) \(smallUnit)"
        }
        if seconds < 3600 { return pair(seconds / 60, "min", seconds % 60, "s") }
        if seconds < 86_400 { return pair(seconds / 3600, "h", seconds % 3600 / 60, "min") }
        return pair(seconds / 86_400, "d", seconds % 86_400 / 3600, "h")
    }

    /// The shortest text that `parse` reads back: `1h30m`.
    package static func canonical(_ duration: Duration) -> String {
        var rest = duration.milliseconds
        if rest <= 0 { return "0s" }
        var text = ""
        for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)]
            as [(String, Int64)]
        where rest >= size {
            text += "\(rest / size)\(unit)"
            rest %= size
        }
        return text
    }
}

extension Duration {
    /// Whole milliseconds, rounded down.
    package var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }

    /// Seconds as a floating-point number.
    package var secondsValue: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
