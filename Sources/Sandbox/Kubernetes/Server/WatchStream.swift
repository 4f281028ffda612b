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
    /// Cut the connection after the first event, as a failing network does.
    let isCut: Bool
    /// End with 410 after the first event.
    let expires: Bool

    /// Throws when the connection is to be cut.
    func run(_ writer: inout any ResponseBodyWriter) async throws {
        var (version, first) = try store.read { state in try opening(state) }
        try await write(first, &writer)
        var isStarted = !first.isEmpty
        let request = request
        let (signals, continuation) = AsyncStream.makeStream(of: Signal.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            feed(continuation, &group)
            for await signal in signals {
                if isStarted {
                    if isCut { throw CancellationError() }
                    if expires { return try await write([error(version)], &writer) }
                }
                switch signal {
                case .end:
                    if request.hasBookmarks { try await write([bookmark(version)], &writer) }
                    return
                case .bookmark:
                    if request.hasBookmarks { try await write([bookmark(version)], &writer) }
                case .changes:
                    let (next, lines) = store.read { state in changes(state, after: version) }
                    guard let next else { return try await write([error(version)], &writer) }
                    version = next
                    isStarted = isStarted || !lines.isEmpty
                    try await write(lines, &writer)
                    if !lines.isEmpty, isCut || expires { continuation.yield(.changes) }
                }
            }
        }
    }

    private func feed(_ continuation: AsyncStream<Signal>.Continuation, _ group: inout ThrowingTaskGroup<Void, any Error>) {
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
    private func opening(_ state: borrowing ClusterState) throws -> (Int, [JSONValue]) {
        switch request.start {
        case .after(let version):
            guard version >= state.oldestVersion else { return (version, [error(version, state.version)]) }
            return (version, [])
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

    private func error(_ version: Int, _ current: Int? = nil) -> JSONValue {
        let now = current ?? store.read { $0.version }
        return ["type": "ERROR", "object": KubernetesStatus.expired("too old resource version: \(version) (\(now))").json]
    }

    private func write(_ lines: [JSONValue], _ writer: inout any ResponseBodyWriter) async throws {
        guard !lines.isEmpty else { return }
        try await writer.write(ByteBuffer(string: lines.map { $0.canonicalText + "\n" }.joined()))
    }
}
