/// Cuts a stream of bytes into lines. What follows the last line feed is kept until its line is whole; at the end of a
/// stream it is a line that was cut off, and is not used.
struct LineSplitter {
    /// The longest line, in bytes.
    static let longest = 16 * 1024 * 1024

    private var rest: [UInt8] = []

    /// Nil when a line is longer than `longest`.
    mutating func take(_ bytes: [UInt8]) -> [[UInt8]]? {
        var lines: [[UInt8]] = []
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: 0x0A) {
            let line = rest + bytes[start..<end]
            rest = []
            if !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) { lines.append(line) }
            start = end + 1
        }
        rest += bytes[start...]
        return rest.count <= LineSplitter.longest ? lines : nil
    }
}
