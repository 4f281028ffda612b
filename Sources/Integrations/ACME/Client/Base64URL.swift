import Foundation

/// base64url without padding (RFC 7515 §2).
enum Base64URL {
    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Padding is taken too: CAs hand out keys in both forms. Nil: it is none.
    static func decode(_ text: String) -> [UInt8]? {
        let bare = text.replacing("=", with: "")
        guard isText(bare) else { return nil }
        let padding = String(repeating: "=", count: (4 - bare.utf8.count % 4) % 4)
        return Data(base64Encoded: bare.replacing("-", with: "+").replacing("_", with: "/") + padding).map(Array.init)
    }

    /// Whether it is made of the alphabet's letters alone, and of one at least.
    static func isText(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
