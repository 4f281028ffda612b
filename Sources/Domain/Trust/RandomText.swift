/// Texts that nobody can guess, from the system's secure generator.
package enum RandomText {
    /// Characters of a password.
    package static let passwordLength = 32
    /// Random bytes of a key.
    package static let keyBytes = 32

    /// Letters, digits, `-` and `_`: safe in URLs, shells and connection strings. The first is a letter, for a leading
    /// `-` would be an option somewhere.
    package static func password() -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
        let all = letters + Array("0123456789-_")
        var generator = SystemRandomNumberGenerator()
        var text = ""
        for index in 0..<passwordLength {
            let choices = index == 0 ? letters : all
            text.append(choices[Int.random(in: 0..<choices.count, using: &generator)])
        }
        return text
    }

    /// 32 random bytes in hexadecimal.
    package static func hex() -> String { Hex.encode(key()) }

    /// 32 random bytes.
    package static func key() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<keyBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
