import Domain

/// What is kept in the ledger, as an action sees it: within a job that runs it may be set, otherwise only read.
struct LedgerKeptValues: KeptValues {
    var reader: any LedgerReader
    /// Nil: nothing can be set.
    var lease: KeptLease?

    func value(_ key: String) async throws(ActionError) -> KeptValue? {
        do { return try await reader.keptValue(key) } catch { throw LedgerKeptValues.unreadable(error) }
    }

    func values(under beginning: String) async throws(ActionError) -> [KeptValue] {
        let found: [KeptValue]
        do {
            found = try await reader.keptValues(under: beginning, limit: KeptValue.longestList + 1)
        } catch { throw LedgerKeptValues.unreadable(error) }
        guard found.count <= KeptValue.longestList else {
            throw ActionError("more than \(KeptValue.longestList) values are kept under \(beginning)")
        }
        return found
    }

    func set(_ key: String, _ value: JSONValue) async throws(ActionError) {
        guard let lease else { throw NothingKept.refusal }
        if let problem = KeptValue.problem(ofKey: key) { throw ActionError(problem) }
        let size = value.canonicalBytes.count
        guard size <= KeptValue.largest else {
            throw ActionError(
                "a value of \(size) bytes cannot be kept under \(key): it may have \(KeptValue.largest)")
        }
        guard lease.board.redactor.redact(value) == value else {
            throw ActionError("what was to be kept under \(key) has a secret in it, and secrets are not kept")
        }
        // The same again, by a step that is repeated, is no change.
        if let kept = try await self.value(key), kept.jobID == lease.jobID, kept.value == value { return }
        try await LedgerKeptValues.told { () async throws(LedgerError) in
            try await lease.board.keep(key, value, size: size, lease)
        }
    }

    func remove(_ key: String) async throws(ActionError) {
        guard let lease else { throw NothingKept.refusal }
        guard try await value(key) != nil else { return }
        try await LedgerKeptValues.told { () async throws(LedgerError) in try await lease.board.forget(key, lease) }
    }

    private static func told(_ body: () async throws(LedgerError) -> Void) async throws(ActionError) {
        do { try await body() } catch {
            guard case .conflict(let reason) = error else { throw ActionError("nothing was kept: the bot stops") }
            throw ActionError("nothing was kept: \(reason)")
        }
    }

    private static func unreadable(_ error: LedgerError) -> ActionError {
        ActionError("what is kept cannot be read: \(error)", retry: .later(afterMilliseconds: nil))
    }
}

/// Under which a running job keeps values.
struct KeptLease: Sendable {
    var board: JobBoard
    var jobID: JobID
    var fencing: Int64
}
