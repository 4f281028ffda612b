/// Names of the DNS.
enum DNSName {
    /// With the dot at its end, labels of 1 to 63 bytes, 255 in all.
    static func isWhole(_ name: String) -> Bool {
        guard name.hasSuffix("."), (2...254).contains(name.utf8.count) else { return false }
        return name.dropLast().split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            (1...63).contains(label.utf8.count)
                && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_*".contains($0)) }
        }
    }
}
