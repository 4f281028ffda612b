import CArchive
package import Domain
package import Foundation
import Synchronization

/// Source trees that were fetched, each in the folder of its id below one folder of the bot's: `<folder>/<id>` is the
/// top of a tree. A tree is there whole or not at all, whenever the bot is killed. Only one process may use the folder.
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
    private static let recordPrefix = ".record-"
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

    /// Letters, digits, `.`, `_` and `-`, at most 200, beginning with a letter or a digit.
    package static func isID(_ text: String) -> Bool {
        func isWord(_ byte: UInt8) -> Bool {
            (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
        }
        return text.utf8.count <= 200 && text.utf8.first.map(isWord) == true
            && text.utf8.allSatisfy { isWord($0) || "-._".utf8.contains($0) }
    }

    /// A tree that was fetched, nil when it is not here (any more). It counts as used now. Throws `TreeError`.
    package func tree(_ id: String) throws(TreeError) -> Tree? {
        try check(id)
        guard let contents = record(id) else { return nil }
        // A tree that cannot be marked as used is only removed a little early.
        try? FileManager.default.setAttributes([.modificationDate: time.now], ofItemAtPath: recordFile(id).path)
        return Tree(
            id: id, folder: folder.appending(path: id).path, files: contents.files, bytes: contents.bytes,
            leftOut: contents.leftOut)
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
        try publish(partial.appending(path: TreeStore.filesName), contents, as: id)
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
    private func publish(_ files: URL, _ contents: TreeContents, as id: String) throws(TreeError) {
        let home = folder.appending(path: id)
        do {
            // A folder without a record is none of ours, or was damaged.
            if record(id) == nil, FileManager.default.fileExists(atPath: home.path) { try remove(id) }
            try JSONEncoder().encode(contents).write(to: recordFile(id), options: .atomic)
            try flush(files)
            guard rename(files.path, home.path) != 0 else { return try flush(folder) }
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
        let others = names.filter { TreeStore.isID($0) && $0 != id }
            .map { (id: $0, bytes: record($0)?.bytes ?? 0, used: lastUse($0)) }.sorted { $0.used > $1.used }
        var bytes = record(id)?.bytes ?? 0
        for (index, tree) in others.enumerated() {
            bytes += tree.bytes
            if index + 1 >= keep.trees || bytes > keep.bytes { try? remove(tree.id) }
        }
    }

    /// Takes a tree out of sight by one rename before its files go one by one.
    private func remove(_ id: String) throws {
        let removed = reserve()
        defer { end(removed) }
        guard rename(folder.appending(path: id).path, removed.path) == 0 else {
            throw POSIXError(.init(rawValue: errno) ?? .EIO)
        }
        try? FileManager.default.removeItem(at: recordFile(id))  // one without a tree says nothing
    }

    private func lastUse(_ id: String) -> Date {
        // One that cannot be looked at counts as the oldest.
        (try? FileManager.default.attributesOfItem(atPath: recordFile(id).path)[.modificationDate] as? Date)
            ?? .distantPast
    }

    private func recordFile(_ id: String) -> URL { folder.appending(path: TreeStore.recordPrefix + id) }

    /// Nil when there is no whole tree.
    private func record(_ id: String) -> TreeContents? {
        var isFolder: ObjCBool = false
        guard
            FileManager.default.fileExists(atPath: folder.appending(path: id).path, isDirectory: &isFolder),
            isFolder.boolValue, let data = FileManager.default.contents(atPath: recordFile(id).path)
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
