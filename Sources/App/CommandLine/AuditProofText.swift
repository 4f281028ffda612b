import Domain

/// A proof in words and as JSON.
enum AuditProofText {
    /// What was shown, and plainly what was not. `key` is the file of the public key.
    static func lines(_ proof: AuditProof, key: String?, isExport: Bool) -> [String] {
        var lines: [String] = []
        if proof.problem == nil {
            let range = proof.records > 0 ? " (\(proof.first) to \(proof.last))" : ""
            lines.append("intact: \(proof.records) records\(range), each bound to the one before")
        }
        if proof.erased > 0 { lines.append("erased on record: \(proof.erased) details") }
        if proof.superseded > 0 {
            lines.append("superseded by a restore, on record: \(proof.superseded) checkpoints")
        }
        if let through = proof.provenThrough, let at = proof.provenAt, let fingerprint = proof.key {
            let of = isExport ? "of the export" : "(\(proof.checkpoints) checkpoints)"
            lines.append("signed: up to record \(through), at \(at.rfc3339) by \(fingerprint) \(of)")
            if proof.last == through + 1, proof.problem == nil {
                lines.append("not signed yet: record \(proof.last) is newer than the newest checkpoint")
            } else if proof.last > through, proof.problem == nil {
                lines.append(
                    "not signed yet: records \(through + 1) to \(proof.last) are newer than the newest checkpoint")
            }
            if let key {
                lines.append("the key was read from \(key): compare it with the copy that you keep elsewhere")
            }
        } else if key == nil {
            lines.append(
                "no public key was given: the chain was walked, and no signature was looked at. That it was written anew"
                    + " as a whole, or that its end was cut off, cannot be noticed so. Name the key with --public-key.")
        } else if proof.problem == nil {
            lines.append("nothing is signed yet: there is no checkpoint, so a chain written anew cannot be noticed")
        }
        if !isExport, proof.lines == nil {
            lines.append(
                "no file of checkpoints was looked at: a cut-off end cannot be noticed. Name it with --checkpoints.")
        }
        return lines
    }

    static func json(_ proof: AuditProof) -> JSONValue {
        var members: [String: JSONValue] = [
            "intact": .bool(proof.problem == nil), "first": .int(proof.first), "records": .int(proof.records),
            "checkpoints": .int(Int64(proof.checkpoints)), "erased": .int(Int64(proof.erased)),
            "superseded": .int(Int64(proof.superseded)),
        ]
        if let problem = proof.problem {
            members["sequence"] = .int(problem.sequence)
            members["problem"] = .string(problem.kind.rawValue)
            members["what"] = .string(problem.what)
        }
        if let through = proof.provenThrough { members["signed_through"] = .int(through) }
        if let at = proof.provenAt { members["signed_at"] = .string(at.rfc3339) }
        if let key = proof.key { members["key"] = .string(key) }
        if let lines = proof.lines { members["lines"] = .int(Int64(lines)) }
        return .object(members)
    }
}
