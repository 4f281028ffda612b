import Foundation

/// A checkpoint with its signature: the detail of its audit record, and one line of the file beside the ledger.
package struct SignedCheckpoint: Sendable, Hashable {
    package let checkpoint: AuditCheckpoint
    /// Ed25519 over the statement's canonical JSON.
    package let signature: [UInt8]

    /// Signs a checkpoint.
    package init(_ checkpoint: AuditCheckpoint, by key: Ed25519PrivateKey) throws {
        self.checkpoint = checkpoint
        signature = try key.sign(checkpoint.statement.canonicalBytes)
    }

    /// Reads a line; nil for anything but what `text` writes, to the byte.
    package init?(_ text: String) {
        // A text that is no JSON is no checkpoint.
        guard let json = try? JSONValue(parsing: text), let checkpoint = AuditCheckpoint(json["checkpoint"]),
            let signature = json["signature"]?.stringValue.flatMap({ Data(base64Encoded: $0) })
        else { return nil }
        self.checkpoint = checkpoint
        self.signature = Array(signature)
        guard self.text == text else { return nil }
    }

    package var json: JSONValue {
        ["checkpoint": checkpoint.statement, "signature": .string(Data(signature).base64EncodedString())]
    }

    /// One line, without its end.
    package var text: String { json.canonicalText }

    /// Whether this key has signed it.
    package func isSigned(by key: Ed25519PublicKey) -> Bool {
        checkpoint.key == key.fingerprint && key.isValid(signature, for: checkpoint.statement.canonicalBytes)
    }
}
