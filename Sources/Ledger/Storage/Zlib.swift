import CZlib

/// Compression in zlib's format (RFC 1950), with a dictionary.
enum Zlib {
    /// The most bytes that anything stored may grow to when it is read: 64 MiB.
    static let largest = 64 * 1024 * 1024
    /// Shorter texts gain little.
    private static let shortest = 192

    /// The bytes in compressed form, or nil when that saves nothing.
    static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count >= shortest, bytes.count <= largest, let packed = Deflater.compress(bytes),
            packed.count < bytes.count
        else { return nil }
        return packed
    }

    /// What `compress` was given, now or by an older version. Nil when the bytes are damaged, or do not give exactly
    /// `size` bytes, or that is more than `largest`.
    static func decompress(_ packed: [UInt8], size: Int) -> [UInt8]? {
        guard size >= 0, size <= largest else { return nil }
        // On the heap, since zlib's state points back to it.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        guard inflateInit_(stream, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
        defer { inflateEnd(stream) }
        var isWhole = false
        let bytes = packed.withUnsafeBufferPointer { input in
            // One byte more than is expected, so that longer data is noticed.
            [UInt8](unsafeUninitializedCapacity: size + 1) { output, count in
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.pointee.avail_in = UInt32(input.count)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(size + 1)
                isWhole = inflateAll(stream) == Z_STREAM_END
                count = size + 1 - Int(stream.pointee.avail_out)
            }
        }
        return isWhole && bytes.count == size ? bytes : nil
    }

    /// Gives zlib the dictionary that the stream names, if it names one.
    private static func inflateAll(_ stream: UnsafeMutablePointer<z_stream>) -> Int32 {
        let status = inflate(stream, Z_FINISH)
        guard status == Z_NEED_DICT, let dictionary = ZlibDictionary.of(id: stream.pointee.adler)?.bytes,
            inflateSetDictionary(stream, dictionary, UInt32(dictionary.count)) == Z_OK
        else { return status }
        return inflate(stream, Z_FINISH)
    }
}
