import Domain
import Foundation
import Hummingbird
import NIOCore

/// Serves one watch: lines of JSON until its time is over, the client goes, or its version is too old.
struct WatchStream: Sendable {
    private enum Signal: Sendable { case changes, bookmark, end }

    let request: WatchRequest
    let store: ClusterStore
    let time: any TimeSource
    let bookmarkInterval: Duration
    /// Cut the connection in the middle of the first lines, as a failing network does.
    let isCut: Bool
    /// End with 410 after the first event.
    let expires: Bool

    /// Throws when the connection is to be cut.
    func run(_ writer: inout any ResponseBodyWriter) async throws {
        var (version, first) = store.read { state in opening(state) }
        guard try await write(first, version, &writer) else { return }
        let (signals, continuation) = AsyncStream.makeStream(of: Signal.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            feed(continuation, &group)
            for await signal in signals {
                switch signal {
                case .changes:
                    let (next, lines) = store.read { state in changes(state, after: version) }
                    version = next ?? version
                    let all = next == nil ? [error(version)] : lines
                    guard try await write(all, version, &writer), next != nil else { return }
                case .bookmark: _ = try await write([bookmark(version)], version, &writer)
                case .end:
                    if request.hasBookmarks { _ = try await write([bookmark(version)], version, &writer) }
                    return
                }
            }
        }
    }

    private func feed(
        _ continuation: AsyncStream<Signal>.Continuation, _ group: inout ThrowingTaskGroup<Void, any Error>
    ) {
        continuation.yield(.changes)
        let bell = store.bell()
        group.addTask {
            for await _ in bell { continuation.yield(.changes) }
            continuation.finish()
        }
        group.addTask {
            try await time.sleep(for: .seconds(request.timeoutSeconds))
            continuation.yield(.end)
        }
        if request.hasBookmarks {
            group.addTask {
                while true {
                    try await time.sleep(for: bookmarkInterval)
                    continuation.yield(.bookmark)
                }
            }
        }
    }

    /// What the watch begins with, and the version that it stands at then.
    private func opening(_ state: borrowing ClusterState) -> (Int, [JSONValue]) {
        switch request.start {
        case .after(let version): return (version, [])
        case .current:
            var lines = state.list(request.filter.kind).filter(request.filter.matches).map { event("ADDED", $0) }
            if request.marksInitialEnd { lines.append(bookmark(state.version, endsInitial: true)) }
            return (state.version, lines)
        }
    }

    private func changes(_ state: borrowing ClusterState, after version: Int) -> (Int?, [JSONValue]) {
        guard let changes = state.changes(after: version) else { return (nil, []) }
        let lines = changes.compactMap { change -> JSONValue? in
            guard change.resource == request.filter.kind else { return nil }
            // An object that begins or stops to match the selectors comes and goes for this watch.
            let isIn = change.kind != .deleted && request.filter.matches(change.object)
            let wasIn = change.previous.map(request.filter.matches) ?? false
            return switch (wasIn, isIn) {
            case (false, true): event("ADDED", change.object)
            case (true, true): event("MODIFIED", change.object)
            case (true, false): event("DELETED", change.object)
            case (false, false): nil
            }
        }
        return (state.version, lines)
    }

    private func event(_ type: String, _ object: KubernetesObject) -> JSONValue {
        let shown =
            request.table.map { $0.json(request.filter.kind, [object], metadata: [:], now: time.now) } ?? object.json
        return ["type": .string(type), "object": shown]
    }

    private func bookmark(_ version: Int, endsInitial: Bool = false) -> JSONValue {
        var metadata: [String: JSONValue] = ["resourceVersion": .string(String(version)), "creationTimestamp": .null]
        if endsInitial { metadata["annotations"] = ["k8s.io/initial-events-end": "true"] }
        return [
            "type": "BOOKMARK",
            "object": [
                "kind": .string(request.filter.kind.kind), "apiVersion": .string(request.filter.kind.apiVersion),
                "metadata": .object(metadata),
            ],
        ]
    }

    private func error(_ version: Int) -> JSONValue {
        let now = store.read { $0.version }
        return [
            "type": "ERROR", "object": KubernetesStatus.expired("too old resource version: \(version) (\(now))").json,
        ]
    }

    /// False when the watch ends here. Throws when it is cut.
    private func write(_ lines: [JSONValue], _ version: Int, _ writer: inout any ResponseBodyWriter) async throws
        -> Bool
    {
        guard !lines.isEmpty else { return true }
        let shown = expires ? Array(lines.prefix(1)) + [error(version)] : lines
        let text = shown.map { $0.canonicalText + "\n" }.joined()
        if isCut {
            try await writer.write(ByteBuffer(bytes: text.utf8.prefix(text.utf8.count / 2)))
            throw CancellationError()  // the server closes a connection whose answer broke off
        }
        try await writer.write(ByteBuffer(string: text))
        return !expires
    }
}
