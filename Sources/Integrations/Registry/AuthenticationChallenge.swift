/// One way in that a server offers in `WWW-Authenticate` (RFC 9110 §11.6.1): a scheme and its parameters.
struct AuthenticationChallenge: Sendable, Hashable {
    /// Bytes of a header that are read.
    static let longest = 8192

    /// In lower case: `bearer`, `basic`.
    var scheme: String
    /// Names in lower case.
    var parameters: [String: String] = [:]

    /// All that the header offers, in its order. What cannot be read ends the list.
    static func read(_ header: String) -> [AuthenticationChallenge] {
        var reader = Reader(bytes: Array(header.utf8.prefix(longest)))
        return reader.challenges()
    }

    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        mutating func challenges() -> [AuthenticationChallenge] {
            var found: [AuthenticationChallenge] = []
            while true {
                skip(" \t,")
                let word = token()
                guard !word.isEmpty else { return found }
                let afterWord = position
                skip(" \t")
                guard next == UInt8(ascii: "="), !found.isEmpty else {
                    // No parameter: the name of a scheme, or the one long word that may follow it (token68).
                    position = afterWord
                    found.append(AuthenticationChallenge(scheme: word.lowercased()))
                    skipToken68()
                    continue
                }
                position += 1
                skip(" \t")
                guard let value = next == UInt8(ascii: "\"") ? quoted() : token() else { return found }
                // RFC 9110 §11.2: a name occurs once; the first one counts.
                if found[found.count - 1].parameters[word.lowercased()] == nil {
                    found[found.count - 1].parameters[word.lowercased()] = value
                }
            }
        }

        private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

        private mutating func skip(_ characters: String) {
            while let byte = next, characters.utf8.contains(byte) { position += 1 }
        }

        /// RFC 9110 §5.6.2.
        private mutating func token() -> String {
            let start = position
            while let byte = next, Reader.isTokenByte(byte) { position += 1 }
            return String(decoding: bytes[start..<position], as: UTF8.self)
        }

        private static func isTokenByte(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
            default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
        }

        /// RFC 9110 §5.6.4; nil when it has no end.
        private mutating func quoted() -> String? {
            position += 1
            var value: [UInt8] = []
            while let byte = next {
                position += 1
                switch byte {
                case UInt8(ascii: "\""): return String(decoding: value, as: UTF8.self)
                case UInt8(ascii: "\\"):
                    guard let escaped = next else { return nil }
                    value.append(escaped)
                    position += 1
                default: value.append(byte)
                }
            }
            return nil
        }

        /// Skips `abc==` behind a scheme, if that is there and no parameter (RFC 9110 §11.2).
        private mutating func skipToken68() {
            let start = position
            skip(" \t")
            while let byte = next, Reader.isTokenByte(byte) || byte == UInt8(ascii: "/") { position += 1 }
            while next == UInt8(ascii: "=") { position += 1 }
            skip(" \t")
            // Otherwise it was the name of a parameter.
            if next != nil, next != UInt8(ascii: ",") { position = start }
        }
    }
}
