import Domain
import Foundation

/// The definition files below a folder, read within bounds.
struct DefinitionFiles {
    /// One file that was read.
    struct File {
        /// Relative to the root, with `/`.
        var path: String
        var text: String
    }

    /// The largest file, in bytes.
    static let largestFile = 1024 * 1024
    /// The most definition files.
    static let mostFiles = 500
    /// The most entries that are looked at.
    static let mostEntries = 20_000

    let root: URL
    private(set) var settings: File?
    private(set) var commands: [File] = []
    private(set) var rules: [File] = []
    private(set) var schedules: [File] = []
    private(set) var problems: [Problem] = []
    private var count = 0

    /// Reads everything below `root`, and the settings file, whose path may lie elsewhere.
    init(root: String, settingsPath: String) {
        self.root = URL(filePath: root, directoryHint: .isDirectory).standardizedFileURL
        let settingsURL = URL(filePath: settingsPath, relativeTo: self.root).standardizedFileURL
        settings = read(settingsURL, as: relative(settingsURL))
        for path in list("commands") {
            guard path.split(separator: "/").count == 2 else {
                refuse(path, "a command stands in commands/<name>.yaml")
                continue
            }
            if let file = read(self.root.appending(path: path), as: path) { commands.append(file) }
        }
        for path in list("webhooks") {
            guard path.split(separator: "/").count == 3 else {
                refuse(path, "a rule stands in webhooks/<source>/<name>.yaml")
                continue
            }
            if let file = read(self.root.appending(path: path), as: path) { rules.append(file) }
        }
        for path in list("schedules") {
            guard path.split(separator: "/").count == 2 else {
                refuse(path, "a schedule stands in schedules/<name>.yaml")
                continue
            }
            if let file = read(self.root.appending(path: path), as: path) { schedules.append(file) }
        }
    }

    /// SHA-256 over names and contents, in hexadecimal. Each file gives one line: its name, a NUL, its own hash.
    var hash: String {
        let files = ([settings].compactMap(\.self) + commands + rules + schedules).sorted { $0.path < $1.path }
        let lines = files.map { "\($0.path)\0\(Hex.encode(SHA256Digest.of(Array($0.text.utf8))))\n" }
        return Hex.encode(SHA256Digest.of(Array(lines.joined().utf8)))
    }

    /// The bytes of a payload beside a rule. Throws a sentence that says why it cannot be read.
    static func payload(_ name: String, beside rulePath: String, root: URL) throws(Problem) -> [UInt8] {
        let place = SourceLocation(file: rulePath, line: 0, column: 0)
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard !name.hasPrefix("/"), !parts.contains(".."), !name.contains("\0") else {
            throw Problem(
                "the payload must lie beside the rule", at: place, fix: "name it without '..' and '/' in front")
        }
        let url = root.appending(path: rulePath).deletingLastPathComponent().appending(path: name)
        return try bytes(url, at: place, called: "the payload '\(name)'")
    }

    // MARK: Reading

    private func relative(_ url: URL) -> String {
        let base = root.path.hasSuffix("/") ? root.path : root.path + "/"
        return url.path.hasPrefix(base) ? String(url.path.dropFirst(base.count)) : url.path
    }

    /// Paths of the YAML files in a folder and below it, sorted; hidden ones are left out.
    private mutating func list(_ folder: String) -> [String] {
        let url = root.appending(path: folder)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder), isFolder.boolValue else {
            return []
        }
        guard let walker = FileManager.default.enumerator(atPath: url.path) else {
            problems.append(
                Problem("the folder cannot be read", at: SourceLocation(file: folder, line: 0, column: 0)))
            return []
        }
        var paths: [String] = []
        var entries = 0
        while let entry = walker.nextObject() as? String {
            entries += 1
            guard entries <= DefinitionFiles.mostEntries else {
                refuse(folder, "it holds more than \(DefinitionFiles.mostEntries) files and folders")
                break
            }
            if entry.split(separator: "/").contains(where: { $0.hasPrefix(".") }) { continue }
            if entry.hasSuffix(".yml") {
                refuse("\(folder)/\(entry)", "definition files end in .yaml; rename it")
            } else if entry.hasSuffix(".yaml") {
                paths.append("\(folder)/\(entry)")
            }
        }
        return paths.sorted()
    }

    private mutating func read(_ url: URL, as path: String) -> File? {
        count += 1
        let place = SourceLocation(file: path, line: 1, column: 1)
        guard count <= DefinitionFiles.mostFiles else {
            if count == DefinitionFiles.mostFiles + 1 {
                problems.append(Problem("there are more than \(DefinitionFiles.mostFiles) definition files", at: place))
            }
            return nil
        }
        do throws(Problem) {
            let bytes = try DefinitionFiles.bytes(url, at: place, called: "the file")
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw Problem("the file is not UTF-8", at: place, fix: "save it as UTF-8")
            }
            return File(path: path, text: text)
        } catch {
            problems.append(error)
            return nil
        }
    }

    private static func bytes(_ url: URL, at place: SourceLocation, called name: String) throws(Problem) -> [UInt8] {
        let data: Data?
        do {
            let handle = try FileHandle(forReadingFrom: url)
            defer { try? handle.close() }  // it was only read
            data = try handle.read(upToCount: largestFile + 1)
        } catch {
            let isThere = FileManager.default.fileExists(atPath: url.path)
            throw Problem("\(name) \(isThere ? "cannot be read" : "is not there")", at: place)
        }
        guard let data else { return [] }
        guard data.count <= largestFile else {
            throw Problem("\(name) is larger than \(largestFile / 1024) KiB", at: place, fix: "split it")
        }
        return Array(data)
    }

    private mutating func refuse(_ path: String, _ message: String) {
        problems.append(Problem(message, at: SourceLocation(file: path, line: 1, column: 1)))
    }
}
