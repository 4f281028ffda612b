/// How large a disk is to become: `2TiB`, `+200GiB` or `+20%`.
package struct DiskGrowth: Sendable, Hashable {
    /// What it looks like.
    package static let pattern = try? Pattern("\\+?[0-9]{1,6}(KiB|MiB|GiB|TiB|MB|GB|TB)|\\+[0-9]{1,3}%")

    private enum Kind: Sendable, Hashable {
        case to(Int)
        case by(Int)
        case byPercent(Int)
    }

    private let kind: Kind

    /// Nil when the text is none of them, or would grow nothing.
    package init?(_ text: String) {
        guard let first = text.first else { return nil }
        guard first == "+" else {
            guard let size = Quantity(text), size.bytes > 0 else { return nil }
            kind = .to(DiskSize.gibibytes(size))
            return
        }
        let rest = String(text.dropFirst())
        if rest.hasSuffix("%") {
            guard let percent = Int(rest.dropLast()), (1...900).contains(percent) else { return nil }
            kind = .byPercent(percent)
        } else {
            guard let size = Quantity(rest), size.bytes > 0 else { return nil }
            kind = .by(DiskSize.gibibytes(size))
        }
    }

    /// Whether it depends on how large the disk is.
    package var isRelative: Bool {
        if case .to = kind { return false }
        return true
    }

    /// In GiB, from what there is now; a part of one is rounded up.
    package func target(from present: Int) -> Int {
        switch kind {
        case .to(let size): size
        case .by(let more): present + more
        case .byPercent(let percent): present + (present * percent + 99) / 100
        }
    }
}
