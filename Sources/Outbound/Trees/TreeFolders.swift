import Foundation

/// Makes the folders of a tree as they are needed. The root is new and ours alone and no links are ever made in it, so
/// every path below it is what it says.
struct TreeFolders {
    let root: String
    private var made: Set<[String]> = [[]]

    init(root: String) { self.root = root }

    /// Makes a folder and all above it; one that is there already is fine. Throws `TreeError`.
    mutating func make(_ names: [String]) throws(TreeError) {
        guard !made.contains(names) else { return }
        try make(Array(names.dropLast()))
        let path = path(names)
        guard mkdir(path, 0o700) == 0 else { throw TreeFolders.notWritten(path, errno) }
        made.insert(names)
    }

    /// The path of a file whose folder is there then. Throws `TreeError`.
    mutating func file(_ names: [String]) throws(TreeError) -> String {
        try make(Array(names.dropLast()))
        return path(names)
    }

    private func path(_ names: [String]) -> String { ([root] + names).joined(separator: "/") }

    /// Why the system did not make a file or a folder.
    static func notWritten(_ path: String, _ code: Int32) -> TreeError {
        switch code {
        case EEXIST, ENOTDIR:
            TreeError(.refused, "the archive holds two things of one name: \(TreePath.shown(name(path)))")
        case ENAMETOOLONG:
            TreeError(.refused, "the archive holds a path too long for this machine: \(TreePath.shown(name(path)))")
        default:
            TreeError(.storage, "a file of the tree cannot be written: \(String(cString: strerror(code)))")
        }
    }

    private static func name(_ path: String) -> String { URL(filePath: path).lastPathComponent }
}
