/// The beginning and the end of what a container writes, within bounds.
struct LogKeep: Sendable {
    /// Bounds of the beginning and of the end, in lines and in bytes.
    struct Bounds: Sendable {
        var headLines = 100
        var headBytes = 8 * 1024
        var tailLines = 400
        var tailBytes = 24 * 1024
    }

    private let bounds: Bounds
    private var head: [String] = []
    private var headBytes = 0
    private var isHeadFull = false
    private var tail: [String] = []
    private var tailBytes = 0
    private var leftOutLines = 0
    private var leftOutBytes = 0

    init(_ bounds: Bounds = Bounds()) { self.bounds = bounds }

    /// The newest line that is not empty.
    private(set) var last: String?

    mutating func add(_ line: String) {
        if line.contains(where: { !$0.isWhitespace }) { last = line }
        let size = line.utf8.count + 1
        if !isHeadFull {
            if head.count < bounds.headLines, headBytes + size <= bounds.headBytes {
                head.append(line)
                headBytes += size
                return
            }
            isHeadFull = true
        }
        tail.append(line)
        tailBytes += size
        var dropped = 0
        while dropped < tail.count, tail.count - dropped > bounds.tailLines || tailBytes > bounds.tailBytes {
            let gone = tail[dropped].utf8.count + 1
            tailBytes -= gone
            leftOutBytes += gone
            dropped += 1
        }
        leftOutLines += dropped
        tail.removeFirst(dropped)
    }

    /// All that is kept; where something is missing it says how much.
    var text: String {
        let gap = leftOutLines == 0 ? [] : ["… \(leftOutLines) lines (\(leftOutBytes) bytes) are left out here …"]
        return (head + gap + tail).joined(separator: "\n")
    }

    /// The last lines, at most so many lines and bytes of them.
    func end(lines: Int, bytes: Int) -> String {
        var found: [String] = []
        var size = 0
        let kept = leftOutLines == 0 ? head + tail : tail
        for line in kept.reversed() {
            size += line.utf8.count + 1
            guard found.count < lines, size <= bytes else { break }
            found.append(line)
        }
        return found.reversed().joined(separator: "\n")
    }
}
