/// Comma-separated values after RFC 4180, in which no cell is a formula to a spreadsheet: one that begins with `=`, `+`,
/// `-`, `@`, a tab, a line end or `'` gets a `'` before it.
enum CSVText {
    private static let formulas: Set<UInt8> = Set("=+-@\t\r\n'".utf8)

    /// One cell as it is written.
    static func cell(_ text: String) -> String {
        var text = text
        if let first = text.utf8.first, formulas.contains(first) { text = "'" + text }
        guard text.utf8.contains(where: { [0x22, 0x2c, 0x0a, 0x0d].contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }

    /// Reads rows one by one; nil at the end. Throws `Damaged` where a quote is not closed or stands in the wrong place.
    struct Reader {
        struct Damaged: Error {}

        private let bytes: [UInt8]
        private var position = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        mutating func next() throws(Damaged) -> [String]? {
            guard position < bytes.count else { return nil }
            var cells: [String] = []
            while true {
                cells.append(try cell())
                guard position < bytes.count else { return cells }
                let separator = bytes[position]
                position += 1
                if separator == 0x2c { continue }
                if separator == 0x0d, position < bytes.count, bytes[position] == 0x0a { position += 1 }
                return cells
            }
        }

        private mutating func cell() throws(Damaged) -> String {
            var text: [UInt8] = []
            if position < bytes.count, bytes[position] == 0x22 {
                position += 1
                while true {
                    guard position < bytes.count else { throw Damaged() }
                    if bytes[position] != 0x22 {
                        text.append(bytes[position])
                        position += 1
                    } else if position + 1 < bytes.count, bytes[position + 1] == 0x22 {
                        text.append(0x22)
                        position += 2
                    } else {
                        position += 1
                        break
                    }
                }
            }
            while position < bytes.count, ![0x2c, 0x0a, 0x0d].contains(bytes[position]) {
                text.append(bytes[position])
                position += 1
            }
            if text.first == 0x27 { text.removeFirst() }
            return String(decoding: text, as: UTF8.self)
        }
    }
}
