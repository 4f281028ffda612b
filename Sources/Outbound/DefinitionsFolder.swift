package import Domain
import Foundation

/// The folder of the settings and definitions. Nothing outside of it is ever read, whatever names or links say.
package struct DefinitionsFolder: Sendable {
    private let root: String
    /// What paths count from, for people.
    private let origin: String

    package init(root: String, origin: String = "the folder of defimon.yaml") {
        self.root = URL(filePath: root).resolvingSymlinksInPath().standardizedFileURL.path
        self.origin = origin
    }

    /// What a file below it holds, at most so many bytes. Throws `ActionError`.
    package func contents(_ path: String, atMost most: Int) throws(ActionError) -> [UInt8] {
        let full = try inside(path)
        guard let file = FileHandle(forReadingAtPath: full) else {
            throw ActionError("there is no file \(path)", hint: "the path counts from \(origin)")
        }
        defer { try? file.close() }  // nothing was written
        let data: Data
        do { data = try file.read(upToCount: most + 1) ?? Data() } catch {
            throw ActionError("\(path) cannot be read: \(error)")
        }
        guard data.count <= most else { throw ActionError("\(path) is larger than \(most) bytes") }
        return [UInt8](data)
    }

    /// The path on disk of the folder itself or of what is below it. Throws `ActionError` when it is elsewhere, by itself
    /// or through a symbolic link.
    package func inside(_ path: String) throws(ActionError) -> String {
        let refusal = ActionError(
            "'\(path)' is outside of \(origin)", hint: "give a path below it, without '..'")
        guard !path.isEmpty, !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else { throw refusal }
        let full = URL(filePath: root).appending(path: path).resolvingSymlinksInPath().standardizedFileURL.path
        guard full == root || full.hasPrefix(root + "/") else { throw refusal }
        return full
    }
}
