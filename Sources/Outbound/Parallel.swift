/// Work on many items, a bounded number at once.
package enum Parallel {
    /// Calls `body` for each item, at most `atOnce` at the same time, and gives the outcomes in the order of the items.
    /// After the first failure no further item is begun (nil), and those under way come to their end.
    package static func run<Item: Sendable, Value: Sendable>(
        _ items: [Item], atOnce: Int, _ body: @escaping @Sendable (Item) async throws -> Value
    ) async -> [Result<Value, any Error>?] {
        var outcomes = [Result<Value, any Error>?](repeating: nil, count: items.count)
        await withTaskGroup(of: (Int, Result<Value, any Error>).self) { group in
            var begun = 0
            var hasFailed = false
            while begun < items.count, begun < atOnce {
                let index = begun
                group.addTask { (index, await outcome(items[index], body)) }
                begun += 1
            }
            for await (index, outcome) in group {
                outcomes[index] = outcome
                if case .failure = outcome { hasFailed = true }
                guard !hasFailed, begun < items.count else { continue }
                let next = begun
                group.addTask { (next, await Parallel.outcome(items[next], body)) }
                begun += 1
            }
        }
        return outcomes
    }

    /// As `run`, with the values of all. Throws the failure of the first item that failed.
    package static func values<Item: Sendable, Value: Sendable>(
        _ items: [Item], atOnce: Int, _ body: @escaping @Sendable (Item) async throws -> Value
    ) async throws -> [Value] {
        let outcomes = await run(items, atOnce: atOnce, body)
        for case .failure(let error)? in outcomes { throw error }
        return try outcomes.compactMap { try $0?.get() }
    }

    private static func outcome<Item: Sendable, Value: Sendable>(
        _ item: Item, _ body: @Sendable (Item) async throws -> Value
    ) async -> Result<Value, any Error> {
        do { return .success(try await body(item)) } catch { return .failure(error) }
    }
}
