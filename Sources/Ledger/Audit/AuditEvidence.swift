import Domain
import Foundation

/// What the audit says of itself while it is walked, set against the file of checkpoints and a public key.
struct AuditEvidence {
    private struct Line {
        var number: Int
        var text: Substring
        var isMatched = false
    }

    /// The key that is believed; nil: no signature is looked at.
    private let trusted: Ed25519PublicKey?
    /// Whether the signature of each checkpoint is looked at, and not of the newest alone, which vouches for all.
    private let looksAtEach: Bool
    private var lines: [Line]?
    private var lineOfText: [Substring: Int] = [:]

    /// Changes of the key, in their order; those of a walk before are known from the beginning.
    private(set) var rotations: [AuditKeyRotation]
    /// How many of them this walk has passed.
    private var passed = 0
    /// The newest checkpoint of the chain whose record's hash is right.
    private(set) var newest: SignedCheckpoint?
    /// The keys that may have signed it: how many rotations came before.
    private var rotationsBeforeNewest = 0
    /// Of the matched lines' checkpoints, the sequences, rising.
    private var matched: [Int64] = []
    private var restores: [Int64] = []
    private(set) var checkpoints = 0
    /// Records without their detail for which no erasure was seen.
    private(set) var gone: Set<Int64> = []
    private(set) var erased = 0

    /// With `rotations`, which a walk before has found, the signature of each checkpoint is looked at.
    init(trusted: Ed25519PublicKey?, lines: [Substring]?, rotations: [AuditKeyRotation]? = nil) {
        self.trusted = trusted
        looksAtEach = rotations != nil
        self.rotations = rotations ?? []
        self.lines = lines?.enumerated().map { Line(number: $0 + 1, text: $1) }
        for (index, line) in (lines ?? []).enumerated() { lineOfText[line] = index }
    }

    mutating func sawGone(_ sequence: Int64) { gone.insert(sequence) }

    /// Takes a record whose kind begins with `audit.` and which is right in itself.
    mutating func take(
        _ fields: AuditRecordText, detail: UnsafeRawBufferPointer, chain: AuditChainCheck
    ) -> AuditProblem? {
        let text = String(decoding: detail, as: UTF8.self)
        if fields.isKind(AuditCheckpoint.kind) { return takeCheckpoint(text, chain) }
        if fields.isKind(AuditKeyRotation.kind) { return takeRotation(text, chain.sequence) }
        // A detail that is no JSON was not written by a ledger; it proves nothing.
        if fields.isKind(AuditErasure.kind), let erasure = AuditErasure(try? JSONValue(parsing: text)),
            gone.remove(erasure.sequence) != nil
        {
            erased += 1
        }
        return nil
    }

    private mutating func takeCheckpoint(_ text: String, _ chain: AuditChainCheck) -> AuditProblem? {
        let at = chain.sequence
        guard let signed = SignedCheckpoint(text) else {
            return AuditProblem(.altered, at: at, "it says that it is a checkpoint, and is none")
        }
        checkpoints += 1
        match(text[...], signed.checkpoint.sequence)
        if let restored = signed.checkpoint.restoredAfter { restores.append(restored) }
        // One that names a record too far back, which a bot does not write, proves nothing.
        if let hash = chain.hash(of: signed.checkpoint.sequence) {
            guard Hex.encode(hash) == signed.checkpoint.hash else {
                let from = newest.map { $0.checkpoint.sequence + 1 } ?? chain.first
                return AuditProblem(
                    .altered, at: from,
                    "the chain was written anew: the checkpoint of \(signed.checkpoint.time.rfc3339) in record \(at) names"
                        + " another hash for record \(signed.checkpoint.sequence)")
            }
            if looksAtEach, let problem = signature(of: signed, passed, newest?.checkpoint.sequence) {
                return problem
            }
            newest = signed
            rotationsBeforeNewest = passed
        }
        return nil
    }

    private mutating func takeRotation(_ text: String, _ at: Int64) -> AuditProblem? {
        guard let rotation = AuditKeyRotation(text), rotation.isValid else {
            return AuditProblem(.badSignature, at: at, "the change of the key is not signed by both keys")
        }
        if passed > 0, rotations[passed - 1].new != rotation.old {
            return AuditProblem(
                .replacedKey, at: at, "the key \(rotation.old.fingerprint), which it replaces, was not in force")
        }
        match(text[...], nil)
        if passed == rotations.count { rotations.append(rotation) }
        passed += 1
        return nil
    }

    private mutating func match(_ text: Substring, _ sequence: Int64?) {
        guard let index = lineOfText[text] else { return }
        lines?[index].isMatched = true
        if let sequence { matched.append(sequence) }
    }

    /// Takes the changes of the key that stand beside the records, as in an export; one that is not signed ends them.
    mutating func use(_ rotations: [AuditKeyRotation]) {
        self.rotations = Array(rotations.prefix(while: \.isValid))
    }

    // MARK: Signatures

    /// The key in force after so many rotations; nil when no signed rotation leads to it from the trusted one.
    private func key(after count: Int) -> Ed25519PublicKey? {
        guard let trusted else { return nil }
        guard let last = rotations.last else { return trusted }
        guard rotations.contains(where: { $0.old == trusted || $0.new == trusted }) else { return nil }
        return count < rotations.count ? rotations[count].old : last.new
    }

    /// What is wrong with a checkpoint's signature.
    private func signature(of signed: SignedCheckpoint, _ rotations: Int, _ good: Int64?) -> AuditProblem? {
        guard let trusted else { return nil }
        let checkpoint = signed.checkpoint
        let from = (good ?? 0) + 1
        guard let key = key(after: rotations) else {
            return AuditProblem(
                .replacedKey, at: from,
                "no signed change of the key leads from \(trusted.fingerprint), which you trust, to the keys of this"
                    + " audit")
        }
        guard checkpoint.key == key.fingerprint else {
            return AuditProblem(
                .replacedKey, at: from,
                "the checkpoint of record \(checkpoint.sequence) is signed by \(checkpoint.key), and the key in force"
                    + " was \(key.fingerprint)")
        }
        guard signed.isSigned(by: key) else {
            return AuditProblem(
                .badSignature, at: from,
                "the signature of the checkpoint of record \(checkpoint.sequence) is not that of \(key.fingerprint)")
        }
        return nil
    }

    /// What is wrong with the newest checkpoint's signature.
    var newestSignature: AuditProblem? {
        newest.flatMap { signature(of: $0, rotationsBeforeNewest, nil) }
    }

    /// What is wrong with a checkpoint that came beside the records, of the newest key.
    func signature(of signed: SignedCheckpoint) -> AuditProblem? {
        let after = rotations.firstIndex { $0.old.fingerprint == signed.checkpoint.key } ?? rotations.count
        return signature(of: signed, after, nil)
    }

    // MARK: The file

    /// The first thing that is wrong with the lines, which are in their order, once the whole chain was walked, and how many
    /// before it are about records that went with a restore.
    func lookAtLines(chain: AuditChainCheck, hashOf: (Int64) throws -> String?) rethrows -> (AuditProblem?, Int) {
        var superseded = 0
        let lines = lines ?? []
        let keys = lineKeys
        for (index, line) in lines.enumerated() where !line.isMatched {
            let next = index + 1 < lines.count ? lines[index + 1].text : nil
            guard let signed = SignedCheckpoint(String(line.text)) else {
                if let problem = lookAt(other: line, next, chain) { return (problem, superseded) }
                continue
            }
            let checkpoint = signed.checkpoint
            if let keys, !keys.contains(where: { signed.isSigned(by: $0) }) {
                let problem = AuditProblem(
                    .checkpointAltered, at: checkpoint.sequence,
                    "line \(line.number) of the file of checkpoints is not what was signed")
                return (problem, superseded)
            }
            guard restores.contains(where: { $0 < checkpoint.sequence }) else {
                return (try missing(checkpoint, line.number, chain, hashOf), superseded)
            }
            superseded += 1
        }
        return (nil, superseded)
    }

    /// A line that is no checkpoint.
    private func lookAt(other line: Line, _ next: Substring?, _ chain: AuditChainCheck) -> AuditProblem? {
        // Torn by a crash; the whole line follows it at the next start.
        if let next, next.hasPrefix(line.text) { return nil }
        if next == nil, let newest, newest.text.hasPrefix(line.text) { return nil }
        if let rotation = AuditKeyRotation(String(line.text)), rotation.isValid {
            if !restores.isEmpty { return nil }
            return AuditProblem(
                .cutOff, at: chain.sequence + 1,
                "the change of the key of \(rotation.time.rfc3339), line \(line.number) of the file of checkpoints, is"
                    + " not in the audit")
        }
        return AuditProblem(
            .checkpointAltered, at: (matched.last ?? 0) + 1,
            "line \(line.number) of the file of checkpoints is not what was written")
    }

    /// The keys that may have signed lines, also by changes that only the file knows; nil when none is believed.
    private var lineKeys: Set<Ed25519PublicKey>? {
        guard let trusted else { return nil }
        let ofFile = (lines ?? []).filter { !$0.isMatched && $0.text.contains(AuditKeyRotation.kind) }
            .compactMap { AuditKeyRotation(String($0.text)) }.filter(\.isValid)
        return Set([trusted] + (rotations + ofFile).flatMap { [$0.old, $0.new] })
    }

    /// A signed checkpoint that the chain does not hold.
    private func missing(
        _ checkpoint: AuditCheckpoint, _ line: Int, _ chain: AuditChainCheck, _ hashOf: (Int64) throws -> String?
    ) rethrows -> AuditProblem {
        let source = "the checkpoint of \(checkpoint.time.rfc3339), line \(line) of the file of checkpoints,"
        if checkpoint.sequence > chain.sequence {
            return AuditProblem(
                .cutOff, at: chain.sequence + 1,
                "the audit ends with record \(chain.sequence), and \(source) says that it held \(checkpoint.count)")
        }
        let good = matched.last { $0 < checkpoint.sequence } ?? 0
        if try hashOf(checkpoint.sequence) == checkpoint.hash {
            let isLast = !matched.contains { $0 > checkpoint.sequence }
            return AuditProblem(
                isLast ? .cutOff : .altered, at: isLast ? chain.sequence + 1 : checkpoint.sequence + 1,
                "\(source) is not in the audit, which had its record after \(checkpoint.sequence)")
        }
        return AuditProblem(
            .altered, at: good + 1,
            "the chain was written anew somewhere in records \(good + 1) to \(checkpoint.sequence): \(source) names"
                + " another hash for record \(checkpoint.sequence)")
    }

    static func earlier(_ one: AuditProblem?, _ other: AuditProblem?) -> AuditProblem? {
        guard let one else { return other }
        guard let other else { return one }
        return other.sequence < one.sequence ? other : one
    }
}
