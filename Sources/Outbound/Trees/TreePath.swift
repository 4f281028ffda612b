/// The name of an archive's entry, taken apart. Nothing that could lead out of the tree's folder gets past here.
struct TreePath: Sendable, Hashable {
    /// Bytes that file systems allow for one name.
    static let longestName = 255

    /// The one folder at the top, in which the forge packs everything; it is left away.
    var top: String
    /// Names below it; empty for the folder at the top itself.
    var names: [String]

    /// Throws `TreeError` (refused).
    init(_ path: String, limits: TreeLimits) throws(TreeError) {
        let shown = TreePath.shown(path)
        guard path.utf8.count <= limits.pathBytes else {
            throw TreeError(.refused, "the archive holds a path longer than \(limits.pathBytes) bytes: \(shown)")
        }
        guard !path.hasPrefix("/") else {
            throw TreeError(.refused, "the archive holds an absolute path: \(shown)")
        }
        guard path.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f && $0 != "\u{FFFD}" }) else {
            throw TreeError(.refused, "the archive holds a path with control characters or not in UTF-8: \(shown)")
        }
        let parts = path.split(separator: "/").filter { $0 != "." }
        guard !parts.contains("..") else {
            throw TreeError(.refused, "the archive holds a path that leads out of it: \(shown)")
        }
        guard parts.allSatisfy({ $0.utf8.count <= TreePath.longestName }) else {
            throw TreeError(.refused, "the archive holds a name longer than \(TreePath.longestName) bytes: \(shown)")
        }
        guard let top = parts.first else { throw TreeError(.refused, "the archive holds an entry without a name") }
        self.top = String(top)
        names = parts.dropFirst().map(String.init)
    }

    /// A path for people: short, without control characters.
    static func shown(_ path: String) -> String {
        let scalars = path.unicodeScalars.prefix(120).map { $0.value < 0x20 || $0.value == 0x7f ? "?" : $0 }
        let text = String(String.UnicodeScalarView(scalars))
        return "'\(text)\(path.unicodeScalars.count > 120 ? "…" : "")'"
    }
}
