extension ActionError {
    /// Runs `body`; what else it throws becomes an `ActionError` that begins with `doing`. A task that was cancelled has
    /// an error that may be tried again later.
    package static func telling<Value: Sendable>(
        _ doing: String, _ body: () async throws -> Value
    ) async throws(ActionError) -> Value {
        do {
            return try await body()
        } catch let error as ActionError {
            throw error
        } catch is CancellationError {
            throw ActionError(
                "\(doing): it was cut off", retry: .later(afterMilliseconds: nil), mayHaveTakenEffect: true)
        } catch {
            throw ActionError("\(doing): \(error)", mayHaveTakenEffect: true)
        }
    }
}
