/// How large a source tree may be, packed and unpacked.
package struct TreeLimits: Sendable, Hashable {
    /// Bytes of the compressed archive.
    package var compressedBytes = 64 * 1024 * 1024
    /// Bytes of all entries together, also of those that are left out.
    package var unpackedBytes = 256 * 1024 * 1024
    /// Entries of the archive: files, folders, and what is left out.
    package var entries = 20_000
    /// Bytes of one path, as the archive says it.
    package var pathBytes = 1024
    /// How many bytes one compressed byte may become, once there are more than `ratioFrom` bytes.
    package var ratio = 200
    /// Bytes below which a ratio says nothing: a small archive of empty files has a high one.
    package var ratioFrom = 16 * 1024 * 1024

    package init() {}

    /// All that may come out of the decompression, headers included, in bytes.
    var streamBytes: Int { unpackedBytes + entries * 4096 }
}
