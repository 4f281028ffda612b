import Domain

/// How large something is to become: a size, or so much larger than it is, and never larger than a bound.
struct GrowthWish: Sendable {
    private enum Kind: Sendable {
        case size(GrowthSize)
        case percentMore(Int)
        case more(GrowthSize)
    }

    /// What a text must match.
    static let pattern = "\\+?[1-9][0-9]{0,6}(Mi|Gi|Ti|Pi|M|G|T|P)B?|\\+[1-9][0-9]{0,2}%"
    private static let gibibyte = 1_073_741_824.0
    private static let mebibyte = 1_048_576.0

    private let kind: Kind

    /// Of a text that matches `pattern`.
    init(_ text: String) {
        kind =
            switch (text.hasPrefix("+"), text.hasSuffix("%")) {
            case (true, true): .percentMore(Int(text.dropFirst().dropLast()) ?? 1)
            case (true, false): .more(GrowthSize(String(text.dropFirst())))
            case (false, _): .size(GrowthSize(text))
            }
    }

    /// Whether it counts from what is there, so that a repetition needs `marked` to do nothing.
    var isRelative: Bool {
        if case .size = kind { false } else { true }
    }

    /// The size that the thing `title`, which has `now`, is to have. `marked` is what was noted on it when it grew last:
    /// `mark`. Throws when the bound is reached already, or the wish is beyond it.
    func size(_ title: String, now: String, marked: String?, most: GrowthSize?, key: String) throws(ActionError)
        -> GrowthSize
    {
        guard isRelative else {
            let wanted = larger(0)
            if let most, wanted.bytes > most.bytes {
                throw ActionError(
                    "\(wanted.text) is more than \(most.text), to which \(title) may grow",
                    hint: "ask for less, or raise the maximum")
            }
            return wanted
        }
        let parts = (marked ?? "").split(separator: " ").map(String.init)
        if parts.count == 2, parts[0] == key { return GrowthSize(parts[1]) }
        let bytes = ResourceAmount.parse(.string(now)) ?? 0
        if let most, bytes >= most.bytes {
            throw ActionError(
                "\(title) has \(now), and may not grow beyond \(most.text)",
                hint: "look at what fills it, or raise the maximum")
        }
        let wanted = larger(bytes)
        guard let most, wanted.bytes > most.bytes else { return wanted }
        return most
    }

    /// What is noted on a thing with its new size; nil when nothing has to be.
    func mark(_ size: GrowthSize, key: String) -> String? { isRelative ? "\(key) \(size.text)" : nil }

    private func larger(_ now: Double) -> GrowthSize {
        switch kind {
        case .size(let size): size
        case .percentMore(let percent): GrowthWish.rounded(now * (1 + Double(percent) / 100))
        case .more(let size): GrowthWish.rounded(now + size.bytes)
        }
    }

    /// Up to whole gibibytes, or mebibytes where it is less than one.
    private static func rounded(_ bytes: Double) -> GrowthSize {
        let (unit, name) = bytes < gibibyte ? (mebibyte, "Mi") : (gibibyte, "Gi")
        return GrowthSize("\(Int((bytes / unit).rounded(.up)))\(name)")
    }
}
