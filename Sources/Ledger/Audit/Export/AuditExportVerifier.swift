import Domain

/// Proves an export alone.
struct AuditExportVerifier {
    var key: Ed25519PublicKey?

    /// Throws `AuditSealError` when this is no export at all.
    func verify(_ bytes: [UInt8]) throws(AuditSealError) -> AuditProof {
        var reader = AuditExportReader(bytes)
        guard case .head(let first, let last)? = reader.next(), first >= 1, last >= first else {
            throw AuditSealError("this is no export of an audit: `defimon audit export` writes one")
        }
        var chain = AuditChainCheck(from: first)
        var evidence = AuditEvidence(trusted: key, lines: nil)
        var rotations: [AuditKeyRotation] = []
        var checkpoint: SignedCheckpoint?
        var problem: AuditProblem?
        // Of the checkpoint's record, which the checkpoint at the end covers: it may be long before the end.
        var hashes: [Int64: [UInt8]] = [:]
        while problem == nil, let item = reader.next() {
            switch item {
            case .record(let sequence, let record, let detail, let previous, let hash):
                hashes[sequence] = hash
                problem = AuditExportVerifier.take(
                    sequence, record, detail, previous, hash, last, &chain, &evidence)
            case .rotation(let rotation): rotations.append(rotation)
            case .checkpoint(let signed): checkpoint = signed
            case .head: problem = AuditProblem(.inserted, at: chain.sequence + 1, "a second export begins here")
            case .damaged(let line):
                problem = AuditProblem(.altered, at: chain.sequence + 1, "line \(line) is not what was written")
            }
        }
        var proof = AuditProof()
        proof.first = first
        proof.records = min(chain.count, last - first + 1)
        proof.checkpoints = evidence.checkpoints
        proof.erased = evidence.erased
        proof.problem = problem ?? end(chain, evidence, last)
        if proof.problem == nil { seal(&proof, checkpoint, rotations, hashes, &evidence) }
        return proof
    }

    private static func take(
        _ sequence: Int64, _ record: [UInt8], _ detail: [UInt8]?, _ previous: [UInt8], _ hash: [UInt8], _ last: Int64,
        _ chain: inout AuditChainCheck, _ evidence: inout AuditEvidence
    ) -> AuditProblem? {
        record.withUnsafeBytes { record in
            (detail ?? []).withUnsafeBytes { bytes in
                previous.withUnsafeBytes { previous in
                    hash.withUnsafeBytes { hash in
                        let row = AuditRow(
                            sequence: sequence, record: record, detail: detail == nil ? nil : bytes,
                            previous: previous, hash: hash)
                        switch chain.next(row) {
                        case .broken(let problem): return problem
                        case .gone:
                            // A link comes without its detail.
                            if sequence <= last { evidence.sawGone(sequence) }
                            return nil
                        case .next(let fields):
                            guard fields.isAboutAudit, let detail = row.detail else { return nil }
                            return evidence.take(fields, detail: detail, chain: chain)
                        }
                    }
                }
            }
        }
    }

    private func end(_ chain: AuditChainCheck, _ evidence: AuditEvidence, _ last: Int64) -> AuditProblem? {
        if chain.sequence < last {
            return AuditProblem(
                .cutOff, at: chain.sequence + 1, "the export says that it goes to record \(last), and ends before")
        }
        return evidence.gone.min().map {
            AuditProblem(.detailRemoved, at: $0, "its detail is gone, and no record says that it was erased")
        }
    }

    /// Looks at the checkpoint that came with the records.
    private func seal(
        _ proof: inout AuditProof, _ signed: SignedCheckpoint?, _ rotations: [AuditKeyRotation],
        _ hashes: [Int64: [UInt8]], _ evidence: inout AuditEvidence
    ) {
        guard let signed else { return }
        let checkpoint = signed.checkpoint
        guard hashes[checkpoint.sequence].map({ Hex.encode($0) }) == checkpoint.hash else {
            proof.problem = AuditProblem(
                .altered, at: proof.first,
                "the records are not those that were signed: the checkpoint names another hash for record"
                    + " \(checkpoint.sequence)")
            return
        }
        guard key != nil else { return }
        evidence.use(rotations)
        if let problem = evidence.signature(of: signed) {
            proof.problem = problem
            proof.problem?.sequence = proof.first
            return
        }
        proof.provenThrough = min(checkpoint.sequence, proof.last)
        proof.provenAt = checkpoint.time
        proof.key = checkpoint.key
    }
}
