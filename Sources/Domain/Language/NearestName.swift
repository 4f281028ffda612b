/// Finds the known name that a person most likely meant.
package enum NearestName {
    /// The nearest of `known` by edit distance (insert, delete, replace, swap of neighbours), if it is near enough: at
    /// most a third of the longer name, at least one edit.
    package static func of(_ name: String, in known: some Sequence<String>) -> String? {
        several(name, in: known, limit: 1).first
    }

    /// The nearest of `known`, nearest first, at most `limit`.
    package static func several(_ name: String, in known: some Sequence<String>, limit: Int = 3) -> [String] {
        let wanted = Array(name.lowercased())
        return known.map { candidate -> (String, Int) in
            let letters = Array(candidate.lowercased())
            let isPrefix = wanted.count >= 2 && letters.starts(with: wanted)
            return (candidate, isPrefix ? 0 : distance(wanted, letters))
        }
        .filter { $0.1 <= max(1, max(wanted.count, $0.0.count) / 3) }
        .sorted { ($0.1, $0.0) < ($1.1, $1.0) }
        .prefix(limit)
        .map(\.0)
    }

    /// Restricted Damerau–Levenshtein distance, bounded to the first 64 characters.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        let a = left.prefix(64)
        let b = right.prefix(64)
        var beforeLast = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1] + [Int](repeating: 0, count: b.count)
            for j in b.indices {
                let cost = a[i] == b[j] ? 0 : 1
                row[j + 1] = min(last[j + 1] + 1, row[j] + 1, last[j] + cost)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    row[j + 1] = min(row[j + 1], beforeLast[j - 1] + 1)
                }
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
