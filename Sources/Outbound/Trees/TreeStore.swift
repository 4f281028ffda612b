import CArchive
package import Domain
package import Foundation
import Synchronization

/// Source trees that were fetched, each in a folder of its own below one folder of the bot's. A tree is there whole or
/// not at all, whenever the bot is killed. Only one process may use the folder.
package final class TreeStore: Sendable {
    /// How much is kept; what was used last goes last.
    package struct Keep: Sendable, Hashable {
        package var trees = 50
        /// Bytes of all trees; the newest one is kept even when it alone is larger.
        package var bytes: Int64 = 4 * 1024 * 1024 * 1024

        package init() {}
    }

    private static let partialPrefix = ".partial-"
    private static let filesName = "files"
    private static let recordName = "tree.json"
    private static let archiveName = "archive.tar.gz"

    private let folder: URL
    private let keep: Keep
    private let time: any TimeSource
    private let work = Mutex(Work())

    /// Folders that are being filled or emptied by this process; all others of their kind are left from a crash.
    private struct Work {
        var count = 0
        var names: Set<String> = []
    }

    /// `folder` is made when the first tree is fetched.
    package init(folder: String, keep: Keep = Keep(), time: any TimeSource) {
        self.folder = URL(filePath: folder)
        self.keep = keep
        self.time = time
    }

    /// Letters, digits, `.`, `_`, `~` and `-`, at most 200, not beginning with a dot.
    package static func isID(_ text: String) -> Bool {
        (1...200).contains(text.utf8.count) && !text.hasPrefix(".")
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5a).contains($0)
                    || (0x61...0x7a).contains($0) || [0x2d, 0x2e, 0x5f, 0x7e].contains($0)
            }
    }

    /// A tree that was fetched, nil when it is not here (any more). It counts as used now. Throws `TreeError`.
    package func tree(_ id: String) throws(TreeError) -> Tree? {
        try check(id)
        let home = folder.appending(path: id)
        guard let contents = record(home) else { return nil }
        // A tree that cannot be marked as used is only removed a little early.
        try? FileManager.default.setAttributes(
            [.modificationDate: time.now], ofItemAtPath: home.appending(path: TreeStore.recordName).path)
        return Tree(
            id: id, folder: home.appending(path: TreeStore.filesName).path, files: contents.files,
            bytes: contents.bytes, leftOut: contents.leftOut)
    }

    /// The folder of a tree that an earlier step has fetched. Throws `TreeError`.
    package func folder(of id: String) throws(TreeError) -> String {
        guard let tree = try tree(id) else { throw TreeError(.missing, "the source tree \(id) is not here any more") }
        return tree.folder
    }

    /// The tree, which `download` writes as a gzip-compressed tar archive into the file that it is given, unless it is
    /// here already. Throws `TreeError`, `CancellationError`, and what `download` throws.
    package func fetch(
        _ id: String, limits: TreeLimits = TreeLimits(), download: @Sendable (_ file: URL) async throws -> Void
    ) async throws -> Tree {
        if let tree = try tree(id) { return tree }
        let partial = try begin()
        defer { end(partial) }
        let archive = partial.appending(path: TreeStore.archiveName)
        try await download(archive)
        let contents = try await unpack(archive, into: partial.appending(path: TreeStore.filesName), limits)
        try publish(partial, archive: archive, contents, as: id)
        prune(keeping: id)
        guard let tree = try tree(id) else {
            throw TreeError(.storage, "the source tree \(id) was removed by somebody while it was made")
        }
        return tree
    }

    // MARK: Stages

    private func begin() throws(TreeError) -> URL {
        let partial = reserve()
        let files = partial.appending(path: TreeStore.filesName)
        do {
            // Left from a crash.
            if FileManager.default.fileExists(atPath: partial.path) { try FileManager.default.removeItem(at: partial) }
            try FileManager.default.createDirectory(
                at: files, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            return partial
        } catch {
            end(partial)
            throw TreeError(.storage, "the folder \(folder.path) for source trees cannot be used: \(error)")
        }
    }

    private func end(_ partial: URL) {
        try? FileManager.default.removeItem(at: partial)  // what stays is removed after the next tree
        _ = work.withLock { $0.names.remove(partial.lastPathComponent) }
    }

    /// Unpacks on a thread of its own, so that the others go on.
    private func unpack(_ archive: URL, into files: URL, _ limits: TreeLimits) async throws -> TreeContents {
        let size = try? FileManager.default.attributesOfItem(atPath: archive.path)[.size] as? Int
        // A file that is not there is reported when it is opened.
        guard (size ?? 0) <= limits.compressedBytes else {
            throw TreeError(.refused, "the archive is larger than \(limits.compressedBytes) bytes")
        }
        let flag = Flag()
        let unpacker = TreeUnpacker(limits: limits, isCancelled: { flag.isSet })
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                DispatchQueue.global(qos: .utility).async {
                    continuation.resume(with: Result { try unpacker.unpack(archive.path, into: files.path) })
                }
            }
        } onCancel: {
            flag.set()
        }
    }

    /// Makes the tree visible, by one rename, when all of it is on the disk.
    private func publish(_ partial: URL, archive: URL, _ contents: TreeContents, as id: String) throws(TreeError) {
        let home = folder.appending(path: id)
        do {
            try FileManager.default.removeItem(at: archive)
            try JSONEncoder().encode(contents).write(to: partial.appending(path: TreeStore.recordName))
            try flush(partial)
            // A folder without a record is none of ours, or was damaged.
            if record(home) == nil, FileManager.default.fileExists(atPath: home.path) { try remove(home) }
            guard rename(partial.path, home.path) != 0 else { return try flush(folder) }
            // Two jobs fetched the same: the first one's is as good.
            guard [EEXIST, ENOTEMPTY].contains(errno) else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        } catch {
            throw TreeError(.storage, "the source tree \(id) cannot be kept: \(error)")
        }
    }

    /// Writes what the system holds in memory to the disk.
    private func flush(_ folder: URL) throws {
        let descriptor = open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
        defer { close(descriptor) }
        guard carchive_flush(descriptor) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    }

    // MARK: What is kept

    /// Removes what is too much, and what a crash has left. It is tried again after the next tree.
    private func prune(keeping id: String) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let active = work.withLock { $0.names }
        for name in names where name.hasPrefix(TreeStore.partialPrefix) && !active.contains(name) {
            try? FileManager.default.removeItem(at: folder.appending(path: name))
        }
        let kept = names.filter { TreeStore.isID($0) && $0 != id }.map { folder.appending(path: $0) }
            .map { (home: $0, bytes: record($0)?.bytes ?? 0, used: lastUse($0)) }.sorted { $0.used > $1.used }
        var bytes = record(folder.appending(path: id))?.bytes ?? 0
        for (index, tree) in kept.enumerated() {
            bytes += tree.bytes
            if index + 1 >= keep.trees || bytes > keep.bytes { try? remove(tree.home) }
        }
    }

    /// Takes a tree out of sight by one rename before its files go one by one.
    private func remove(_ home: URL) throws {
        let removed = reserve()
        defer { end(removed) }
        guard rename(home.path, removed.path) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    }

    private func lastUse(_ home: URL) -> Date {
        let record = home.appending(path: TreeStore.recordName).path
        // One that cannot be looked at counts as the oldest.
        return (try? FileManager.default.attributesOfItem(atPath: record)[.modificationDate] as? Date) ?? .distantPast
    }

    /// Nil when there is no whole tree.
    private func record(_ home: URL) -> TreeContents? {
        var isFolder: ObjCBool = false
        guard
            FileManager.default.fileExists(
                atPath: home.appending(path: TreeStore.filesName).path, isDirectory: &isFolder), isFolder.boolValue,
            let data = FileManager.default.contents(atPath: home.appending(path: TreeStore.recordName).path)
        else { return nil }
        return try? JSONDecoder().decode(TreeContents.self, from: data)  // a damaged record is none
    }

    private func reserve() -> URL {
        let name = work.withLock { work in
            work.count += 1
            let name = TreeStore.partialPrefix + String(work.count)
            work.names.insert(name)
            return name
        }
        return folder.appending(path: name)
    }

    private func check(_ id: String) throws(TreeError) {
        guard TreeStore.isID(id) else {
            throw TreeError(
                .refused,
                "\(TreePath.shown(id)) is not the id of a source tree; give the output of the step that fetched it")
        }
    }
}

/// Is set once.
private final class Flag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}
