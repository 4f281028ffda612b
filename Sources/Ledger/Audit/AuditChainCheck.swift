import Crypto
import Domain

/// Follows the hash chain record by record. Linear, and without allocations of its own for each record.
struct AuditChainCheck {
    /// How many hashes back a checkpoint may name: more than can wait for a commit together.
    private static let remembered = 8192

    /// The newest record that was right.
    private(set) var sequence: Int64
    /// Before the first record of a part of the chain nothing is known.
    private var hasStart: Bool
    /// The newest hashes, each at its sequence modulo their number.
    private var hashes: [UInt8]
    let first: Int64

    /// From record `first` on, whose link to what was before it is taken as given unless it is the first of all.
    init(from first: Int64 = 1) {
        self.first = first
        sequence = first - 1
        hasStart = first == 1
        hashes = [UInt8](repeating: 0, count: AuditChainCheck.remembered * 32)
    }

    /// How many records were right.
    var count: Int64 { sequence - first + 1 }

    /// The hash of a record that is not long past; nil when it is unknown.
    func hash(of sequence: Int64) -> ArraySlice<UInt8>? {
        guard sequence >= first, sequence <= self.sequence,
            self.sequence - sequence < Int64(AuditChainCheck.remembered)
        else { return nil }
        return hashes[place(sequence)..<place(sequence) + 32]
    }

    private func place(_ sequence: Int64) -> Int { Int(sequence % Int64(AuditChainCheck.remembered)) * 32 }

    /// What a record turned out to be.
    enum Step {
        /// The next one of the chain; `.gone` when its detail is.
        case next(AuditRecordText)
        case gone(AuditRecordText)
        case broken(AuditProblem)
    }

    /// Looks at the next row.
    mutating func next(_ row: AuditRow) -> Step {
        let expected = sequence + 1
        guard row.sequence == expected else {
            return .broken(
                AuditProblem(.removed, at: expected, "the record is not there; the next one there is \(row.sequence)"))
        }
        let fields = AuditRecordText(row.record)
        guard isLinked(row) else { return .broken(brokenLink(row, fields)) }
        let computed = AuditChainCheck.hash(row)
        let isSame = computed.withUnsafeBytes { $0.elementsEqual(row.hash) }
        guard isSame else {
            return .broken(AuditProblem(.altered, at: expected, "its text or its hash is not what was written"))
        }
        guard let fields, fields.sequence == expected else {
            return .broken(AuditProblem(.altered, at: expected, "its text is not that of record \(expected)"))
        }
        if let detail = row.detail, !fields.hasDetailHash(of: detail) {
            return .broken(AuditProblem(.altered, at: expected, "its detail is not what was written"))
        }
        take(row, computed)
        return row.detail == nil ? .gone(fields) : .next(fields)
    }

    private mutating func take(_ row: AuditRow, _ digest: SHA256.Digest) {
        sequence += 1
        hasStart = true
        let place = place(sequence)
        hashes.withUnsafeMutableBytes { target in
            digest.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(rebasing: target[place..<place + 32]).copyMemory(from: $0)
            }
        }
    }

    private static func hash(_ row: AuditRow) -> SHA256.Digest {
        var hasher = SHA256()
        hasher.update(bufferPointer: row.previous)
        hasher.update(bufferPointer: row.record)
        return hasher.finalize()
    }

    /// Whether it names the hash of the record before; zeros stand before the first of all.
    private func isLinked(_ row: AuditRow) -> Bool {
        guard row.previous.count == 32 else { return false }
        guard hasStart else { return true }
        if sequence == 0 { return row.previous.allSatisfy { $0 == 0 } }
        let place = place(sequence)
        return hashes.withUnsafeBytes { $0[place..<place + 32].elementsEqual(row.previous) }
    }

    /// What was done, by the number that the record gives itself.
    private func brokenLink(_ row: AuditRow, _ fields: AuditRecordText?) -> AuditProblem {
        let expected = sequence + 1
        guard let fields, AuditChainCheck.hash(row).withUnsafeBytes({ $0.elementsEqual(row.hash) }) else {
            return AuditProblem(.altered, at: expected, "it does not follow the record before, nor has it its own hash")
        }
        if fields.sequence > expected {
            return AuditProblem(
                .removed, at: expected, "the record is not there; in its place stands record \(fields.sequence)")
        }
        let isCopy = hashes.withUnsafeBytes { all in
            sequence >= first && all[place(sequence)..<place(sequence) + 32].elementsEqual(row.hash)
        }
        if fields.sequence < expected, isCopy || fields.sequence < sequence {
            return AuditProblem(
                .inserted, at: expected, "in its place stands record \(fields.sequence) a second time")
        }
        if fields.sequence < expected {
            return AuditProblem(
                .inserted, at: sequence,
                "the record was put in: the one after it calls itself \(fields.sequence) too, and follows record"
                    + " \(sequence - 1)")
        }
        guard sequence >= first else {
            return AuditProblem(.removed, at: expected, "the chain does not begin here: what was before it is gone")
        }
        return AuditProblem(
            .altered, at: sequence,
            "its hash was made anew: record \(expected) follows another one")
    }
}
