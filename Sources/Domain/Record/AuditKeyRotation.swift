package import Foundation

/// A new key takes the place of an old one, signed by both: whoever trusts one of them may trust the other for the
/// records of its time.
package struct AuditKeyRotation: Sendable, Hashable {
    /// The kind of its audit record, and the type of what is signed.
    package static let kind = "audit.key-rotated"

    package let old: Ed25519PublicKey
    package let new: Ed25519PublicKey
    package let time: Date
    private let signature: [UInt8]
    private let newSignature: [UInt8]

    /// Signs the change from one key to the other.
    package init(from old: Ed25519PrivateKey, to new: Ed25519PrivateKey, at time: Date) throws {
        self.old = old.publicKey
        self.new = new.publicKey
        self.time = time
        let statement = AuditKeyRotation.statement(old.publicKey, new.publicKey, time).canonicalBytes
        signature = try old.sign(statement)
        newSignature = try new.sign(statement)
    }

    /// Reads a line; nil for anything but what `text` writes, to the byte.
    package init?(_ text: String) {
        // A text that is no JSON is no rotation.
        guard let json = try? JSONValue(parsing: text), let statement = json["rotation"],
            let old = AuditKeyRotation.bytes(statement["old_public"]).flatMap({ Ed25519PublicKey(bytes: $0) }),
            let new = AuditKeyRotation.bytes(statement["new_public"]).flatMap({ Ed25519PublicKey(bytes: $0) }),
            let time = statement["time"]?.stringValue.flatMap({ Date(rfc3339: $0) }),
            let signature = AuditKeyRotation.bytes(json["signature"]),
            let newSignature = AuditKeyRotation.bytes(json["new_signature"])
        else { return nil }
        self.old = old
        self.new = new
        self.time = time
        self.signature = signature
        self.newSignature = newSignature
        guard self.text == text else { return nil }
    }

    package var json: JSONValue {
        [
            "rotation": AuditKeyRotation.statement(old, new, time),
            "signature": .string(Data(signature).base64EncodedString()),
            "new_signature": .string(Data(newSignature).base64EncodedString()),
        ]
    }

    /// One line, without its end.
    package var text: String { json.canonicalText }

    /// Whether both keys have signed it.
    package var isValid: Bool {
        let statement = AuditKeyRotation.statement(old, new, time).canonicalBytes
        return old.isValid(signature, for: statement) && new.isValid(newSignature, for: statement)
    }

    private static func statement(_ old: Ed25519PublicKey, _ new: Ed25519PublicKey, _ time: Date) -> JSONValue {
        [
            "type": .string(kind), "old": .string(old.fingerprint), "new": .string(new.fingerprint),
            "old_public": .string(Data(old.bytes).base64EncodedString()),
            "new_public": .string(Data(new.bytes).base64EncodedString()), "time": .string(time.rfc3339),
        ]
    }

    private static func bytes(_ value: JSONValue?) -> [UInt8]? {
        value?.stringValue.flatMap { Data(base64Encoded: $0) }.map { Array($0) }
    }
}
