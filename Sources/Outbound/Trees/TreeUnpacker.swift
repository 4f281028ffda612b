import Foundation
import Synchronization

/// Unpacks a forge's archive into an empty folder: regular files only, each written once, below the one folder at the
/// top. It blocks its thread.
struct TreeUnpacker: Sendable {
    private static let bufferSize = 64 * 1024

    var limits: TreeLimits
    /// Becomes true when nobody wants the tree any more.
    var isCancelled: @Sendable () -> Bool = { false }

    /// Throws `TreeError`, or `CancellationError`.
    func unpack(_ archivePath: String, into folder: String) throws -> TreeContents {
        let archive = try TreeArchive(archivePath)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: TreeUnpacker.bufferSize, alignment: 16)
        defer { buffer.deallocate() }
        var folders = TreeFolders(root: folder)
        var contents = TreeContents()
        var top: String?
        var entries = 0
        var bytes: Int64 = 0
        while let entry = try archive.next() {
            if isCancelled() { throw CancellationError() }
            entries += 1
            guard entries <= limits.entries else {
                throw TreeError(.refused, "the archive holds more than \(limits.entries) entries")
            }
            try check(archive.progress)
            guard let path = entry.path else { throw TreeError(.refused, "the archive holds a path not in UTF-8") }
            let place = try TreePath(path, limits: limits)
            if let top, top != place.top {
                throw TreeError(
                    .refused,
                    "the archive holds two folders at the top: \(TreePath.shown(top)), \(TreePath.shown(place.top))")
            }
            top = place.top
            guard entry.size >= 0, entry.size <= Int64(limits.unpackedBytes) - bytes else { throw tooLarge }
            bytes += entry.size
            switch entry.kind {
            case .folder: try folders.make(place.names)
            case .link, .special: contents.leftOut += 1
            case .file:
                guard !place.names.isEmpty else {
                    throw TreeError(.refused, "the archive holds a file instead of a folder at the top")
                }
                contents.bytes += try write(archive, to: try folders.file(place.names), size: entry.size, buffer)
                contents.files += 1
            }
        }
        guard contents.files > 0 else { throw TreeError(.broken, "the archive holds no file") }
        return contents
    }

    /// Writes the present entry. No file is ever longer than its header said.
    private func write(
        _ archive: borrowing TreeArchive, to path: String, size: Int64, _ buffer: UnsafeMutableRawBufferPointer
    ) throws -> Int64 {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw TreeFolders.notWritten(path, errno) }
        defer { close(descriptor) }
        var written: Int64 = 0
        while true {
            let count = try archive.read(into: buffer)
            if count == 0 { return written }
            written += Int64(count)
            guard written <= size else { throw tooLarge }
            try check(archive.progress)
            var rest = UnsafeRawBufferPointer(buffer)[..<count]
            while !rest.isEmpty {
                let done = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                guard done > 0 else { throw TreeFolders.notWritten(path, errno) }
                rest = rest.dropFirst(done)
            }
            if isCancelled() { throw CancellationError() }
        }
    }

    private func check(_ progress: (compressed: Int64, unpacked: Int64)) throws(TreeError) {
        guard progress.unpacked <= Int64(limits.streamBytes) else { throw tooLarge }
        guard progress.unpacked > Int64(limits.ratioFrom) else { return }
        guard progress.unpacked / max(1, progress.compressed) < Int64(limits.ratio) else {
            throw TreeError(
                .refused, "the archive unpacks to more than \(limits.ratio) times its size, as only a bomb does")
        }
    }

    private var tooLarge: TreeError {
        TreeError(.refused, "the archive unpacks to more than \(limits.unpackedBytes) bytes")
    }
}
