import CZlib

/// Compression in zlib's format (RFC 1950).
enum Zlib {
    /// The most bytes that anything stored may grow to when it is read: 64 MiB.
    static let largest = 64 * 1024 * 1024
    /// Shorter texts gain less than the compressor's start costs.
    private static let shortest = 512

    /// The bytes in compressed form, or nil when that saves nothing. Level 1: on webhook bodies level 6 saves
    /// another tenth and takes three times as long.
    static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count >= shortest, bytes.count <= largest else { return nil }
        var written = compressBound(uLong(bytes.count))
        var status = Z_OK
        let packed = [UInt8](unsafeUninitializedCapacity: Int(written)) { buffer, count in
            status = compress2(buffer.baseAddress, &written, bytes, uLong(bytes.count), Z_BEST_SPEED)
            count = status == Z_OK ? Int(written) : 0
        }
        return status == Z_OK && packed.count < bytes.count ? packed : nil
    }

    /// What `compress` was given. Nil when the bytes are damaged, or do not give exactly `size` bytes, or that is more
    /// than `largest`.
    static func decompress(_ packed: [UInt8], size: Int) -> [UInt8]? {
        guard size >= 0, size <= largest else { return nil }
        var written = uLong(size)
        var status = Z_OK
        // One byte more than is expected, so that longer data is noticed.
        let bytes = [UInt8](unsafeUninitializedCapacity: size + 1) { buffer, count in
            written = uLong(size + 1)
            status = uncompress(buffer.baseAddress, &written, packed, uLong(packed.count))
            count = status == Z_OK ? Int(written) : 0
        }
        return status == Z_OK && bytes.count == size ? bytes : nil
    }
}
