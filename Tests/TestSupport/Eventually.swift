/// Waits until `condition` gives a value, looking again every few milliseconds; nil when `limit` is over. For conditions
/// of other processes and servers, which cannot call back.
package func eventually<Value>(
    within limit: Duration = .seconds(120), _ condition: () async throws -> Value?
) async rethrows -> Value? {
    let clock = ContinuousClock()
    let end = clock.now.advanced(by: limit)
    while true {
        if let value = try await condition() { return value }
        if clock.now >= end { return nil }
        try? await Task.sleep(for: .milliseconds(10))  // a cancelled test ends at the next look
        if Task.isCancelled { return nil }
    }
}
