import Domain

/// How large claims are to become: a size, or so much larger than they are, and never larger than a bound.
struct ClaimWish: Sendable {
    private enum Kind: Sendable {
        case size(ClaimSize)
        case percentMore(Int)
        case more(ClaimSize)
    }

    /// On a claim that was grown by a share: the step's key and the size, so that a repetition does not grow it twice.
    static let annotation = "defimon/resize"

    // The text is constant and compiles; without it the API server itself refuses a wrong size.
    private static let pattern = try? Pattern(
        "\\+?[1-9][0-9]{0,6}(Mi|Gi|Ti|Pi|M|G|T|P)B?|\\+[1-9][0-9]{0,2}%")
    private static let gibibyte = 1_073_741_824.0
    private static let mebibyte = 1_048_576.0

    private let kind: Kind
    private let most: ClaimSize?

    init(_ input: inout InputReader) {
        let text = input.text(
            "size",
            "The size that each is to have, such as 40Gi, or how much larger it is to become, such as +20% or +200Gi",
            pattern: ClaimWish.pattern)
        kind =
            switch (text.hasPrefix("+"), text.hasSuffix("%")) {
            case (true, true): .percentMore(Int(text.dropFirst().dropLast()) ?? 1)
            case (true, false): .more(ClaimSize(String(text.dropFirst())))
            case (false, _): .size(ClaimSize(text))
            }
        most = input.optionalText("max", "The size beyond which none grows, such as 4Ti", pattern: ClaimSize.pattern)
            .map(ClaimSize.init)
    }

    /// Throws when the bound is reached already, or the wish is beyond it.
    func size(for claim: ClusterObject, key: String) throws(ActionError) -> ClaimSize {
        switch kind {
        case .size(let size):
            if let most, size.bytes > most.bytes {
                throw ActionError(
                    "\(size.text) is more than \(most.text), to which volumes may grow",
                    hint: "ask for less, or raise 'max'")
            }
            return size
        case .percentMore, .more:
            let parts = (claim.annotations[ClaimWish.annotation] ?? "").split(separator: " ").map(String.init)
            if parts.count == 2, parts[0] == key { return ClaimSize(parts[1]) }
            let now = ResourceAmount.parse(.string(claim.requested)) ?? 0
            if let most, now >= most.bytes {
                throw ActionError(
                    "\(claim.title) has \(claim.requested), and may not grow beyond \(most.text)",
                    hint: "free room on it, or raise 'max'")
            }
            let wanted = ClaimWish.rounded(larger(now))
            guard let most, wanted.bytes > most.bytes else { return wanted }
            return most
        }
    }

    /// What stands in the metadata of the change.
    func metadata(_ size: ClaimSize, _ claim: ClusterObject, key: String) -> JSONValue {
        let version = JSONValue.string(claim.resourceVersion ?? "")
        if case .size = kind { return ["resourceVersion": version] }
        return [
            "resourceVersion": version, "annotations": [ClaimWish.annotation: .string("\(key) \(size.text)")],
        ]
    }

    private func larger(_ now: Double) -> Double {
        switch kind {
        case .size(let size): size.bytes
        case .percentMore(let percent): now * (1 + Double(percent) / 100)
        case .more(let size): now + size.bytes
        }
    }

    /// Up to whole gibibytes, or mebibytes where it is less than one.
    private static func rounded(_ bytes: Double) -> ClaimSize {
        let (unit, name) = bytes < gibibyte ? (mebibyte, "Mi") : (gibibyte, "Gi")
        return ClaimSize("\(Int((bytes / unit).rounded(.up)))\(name)")
    }
}
