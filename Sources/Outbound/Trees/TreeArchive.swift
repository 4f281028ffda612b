import CArchive
import Foundation

/// A gzip-compressed tar archive that is read entry by entry. It is used by one thread, from `init` to `close`.
struct TreeArchive: ~Copyable {
    enum Kind: Sendable, Hashable {
        case file, folder, link, special
    }

    struct Entry: Sendable, Hashable {
        var kind: Kind
        /// Nil when the name is not UTF-8.
        var path: String?
        var size: Int64
    }

    private let reader: OpaquePointer
    private let file: FileHandle

    /// Throws `TreeError` when the file cannot be opened or is not compressed by gzip (RFC 1952).
    init(_ path: String) throws(TreeError) {
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw TreeError(.storage, "the downloaded archive cannot be opened")
        }
        let start: Data?
        do {
            start = try file.read(upToCount: 3)
            try file.seek(toOffset: 0)
        } catch {
            throw TreeError(.storage, "the downloaded archive cannot be read: \(error)")
        }
        // libarchive takes a file of another kind for an empty one.
        guard start.map(Array.init) == [0x1f, 0x8b, 0x08] else {
            throw TreeError(.broken, "what came is not an archive compressed by gzip")
        }
        guard let reader = carchive_open(file.fileDescriptor) else { throw TreeError(.storage, "memory is gone") }
        self.reader = reader
        self.file = file
    }

    deinit { carchive_close(reader) }

    /// The next entry, nil at the end. Throws `TreeError` (broken).
    func next() throws(TreeError) -> Entry? {
        var entry = carchive_entry()
        switch carchive_next(reader, &entry) {
        case 0: return nil
        case 1:
            let kind: Kind =
                switch entry.kind {
                case CARCHIVE_FILE: .file
                case CARCHIVE_FOLDER: .folder
                case CARCHIVE_LINK: .link
                default: .special
                }
            return Entry(kind: kind, path: entry.path.flatMap { String(validatingCString: $0) }, size: entry.size)
        default: throw broken
        }
    }

    /// Fills the buffer with the present entry's next bytes; 0 at its end. Throws `TreeError` (broken).
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(TreeError) -> Int {
        let count = carchive_read(reader, buffer.baseAddress, buffer.count)
        guard count >= 0 else { throw broken }
        return count
    }

    /// Bytes that were taken from the file, and that came out of the decompression, so far.
    var progress: (compressed: Int64, unpacked: Int64) { (carchive_compressed(reader), carchive_unpacked(reader)) }

    private var broken: TreeError {
        TreeError(.broken, "the archive is damaged or cut off: \(String(cString: carchive_error(reader)))")
    }
}
