/// The size of a filesystem, as its own tools report it.
enum FilesystemSize {
    /// Bytes, out of `dumpe2fs -h` (dumpe2fs(8)): `Block count:` and `Block size:`.
    static func ext(_ text: String) -> Int64? {
        func number(_ name: String) -> Int64? {
            text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("\(name):") }
                .flatMap { Int64($0.dropFirst(name.count + 1).filter { !$0.isWhitespace }) }
        }
        guard let count = number("Block count"), let size = number("Block size") else { return nil }
        return count * size
    }

    /// Bytes, out of `xfs_info` (xfs_info(8)): the line `data = bsize=4096 blocks=65536, …`.
    static func xfs(_ text: String) -> Int64? {
        guard let line = text.split(whereSeparator: \.isNewline).first(where: { $0.hasPrefix("data ") }) else {
            return nil
        }
        func number(_ name: String) -> Int64? {
            line.split(whereSeparator: { $0 == " " || $0 == "," }).first { $0.hasPrefix("\(name)=") }
                .flatMap { Int64($0.dropFirst(name.count + 1)) }
        }
        guard let count = number("blocks"), let size = number("bsize") else { return nil }
        return count * size
    }
}
