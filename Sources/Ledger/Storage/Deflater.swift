import CZlib
import Foundation
import Synchronization

/// A compressor that is used again and again: making one costs more than compressing a delivery with it.
final class Deflater: Sendable {
    /// On the heap, since zlib's state points back to it.
    private let stream: Mutex<UnsafeMutablePointer<z_stream>>

    /// About as many as there are tasks that compress side by side; each has 268 KB.
    private static let shared = (0...min(8, ProcessInfo.processInfo.activeProcessorCount))
        .compactMap { _ in Deflater() }

    /// Nil when memory is short. Level 2: a push of 10 kB takes 1,600 to 1,690 bytes, a sixteenth less than at level 1
    /// in the same time (41 µs); level 6 saves another sixteenth and takes twice as long.
    private init?() {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard deflateInit_(stream, 2, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            stream.deallocate()
            return nil
        }
        self.stream = Mutex(stream)
    }

    deinit {
        stream.withLock { stream in
            deflateEnd(stream)
            stream.deallocate()
        }
    }

    /// The bytes in zlib's format, made with the newest dictionary, by a compressor that nobody uses now. Nil when
    /// memory is short.
    static func compress(_ bytes: [UInt8]) -> [UInt8]? {
        for deflater in shared {
            if let packed = deflater.stream.withLockIfAvailable({ compress(bytes, $0) }) { return packed }
        }
        return Deflater()?.stream.withLock { compress(bytes, $0) }
    }

    private static func compress(_ bytes: [UInt8], _ stream: UnsafeMutablePointer<z_stream>) -> [UInt8]? {
        let dictionary = ZlibDictionary.newest.bytes
        guard deflateReset(stream) == Z_OK,
            deflateSetDictionary(stream, dictionary, UInt32(dictionary.count)) == Z_OK
        else { return nil }
        let bound = deflateBound(stream, uLong(bytes.count))
        var isWhole = false
        let packed = bytes.withUnsafeBufferPointer { input in
            [UInt8](unsafeUninitializedCapacity: Int(bound)) { output, count in
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.pointee.avail_in = UInt32(input.count)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(bound)
                isWhole = deflate(stream, Z_FINISH) == Z_STREAM_END
                count = Int(bound) - Int(stream.pointee.avail_out)
            }
        }
        return isWhole ? packed : nil
    }
}
