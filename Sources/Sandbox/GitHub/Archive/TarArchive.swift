/// A tar archive (POSIX.1-2001, ustar with pax headers) as `git archive` writes it.
struct TarArchive {
    private(set) var bytes: [UInt8] = []

    /// Begins with git's own header, which names the commit.
    init(commit: String) {
        entry("pax_global_header", type: "g", mode: 0o666, content: TarArchive.record("comment", commit))
    }

    mutating func folder(_ path: String) { entry(path + "/", type: "5", mode: 0o775) }

    mutating func file(_ path: String, _ content: [UInt8], isProgram: Bool = false) {
        entry(path, type: "0", mode: isProgram ? 0o775 : 0o664, content: content)
    }

    mutating func link(_ path: String, to target: String) { entry(path, type: "2", mode: 0o777, target: target) }

    /// Two empty blocks, then filled up to a record of 10,240 bytes.
    mutating func finish() {
        bytes += [UInt8](repeating: 0, count: 1024)
        bytes += [UInt8](repeating: 0, count: (10_240 - bytes.count % 10_240) % 10_240)
    }

    private mutating func entry(
        _ path: String, type: Character, mode: Int, content: [UInt8] = [], target: String = ""
    ) {
        // Longer names stand in a header of their own.
        if path.utf8.count > 100 {
            entry("\(path.prefix(40)).paxheader", type: "x", mode: 0o666, content: TarArchive.record("path", path))
        }
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int, _ length: Int) {
            for (index, byte) in text.utf8.prefix(length).enumerated() { header[offset + index] = byte }
        }
        func octal(_ number: Int, at offset: Int, _ digits: Int) {
            let text = String(number, radix: 8)
            put(String(repeating: "0", count: max(0, digits - text.count)) + text, at: offset, digits)
        }
        put(path, at: 0, 100)
        octal(mode, at: 100, 7)
        octal(0, at: 108, 7)
        octal(0, at: 116, 7)
        octal(content.count, at: 124, 11)
        octal(1_700_000_000, at: 136, 11)
        put("        ", at: 148, 8)
        put(String(type), at: 156, 1)
        put(target, at: 157, 100)
        put("ustar\u{0}00root", at: 257, 12)
        put("root", at: 297, 4)
        octal(header.reduce(0) { $0 + Int($1) }, at: 148, 6)
        header[154] = 0
        bytes += header + content
        bytes += [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    /// `25 path=…\n`: the length counts itself.
    private static func record(_ name: String, _ value: String) -> [UInt8] {
        let rest = " \(name)=\(value)\n"
        var length = rest.utf8.count + 1
        while String(length).utf8.count + rest.utf8.count != length {
            length = String(length).utf8.count + rest.utf8.count
        }
        return Array("\(length)\(rest)".utf8)
    }
}
