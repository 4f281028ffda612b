import Domain
import Foundation
import Hummingbird
import NIOCore

/// Serves a pod's log, and what is added to it while a client follows.
struct LogStream: Sendable {
    let request: LogRequest
    let store: ClusterStore
    let time: any TimeSource

    func run(_ writer: inout any ResponseBodyWriter) async throws {
        let bell = store.bell()
        guard var lines = lines() else { return }
        var written = lines.count
        try await write(request.text(lines, now: time.now), &writer)
        guard request.isFollowing else { return }
        for await _ in bell {
            guard let now = self.lines() else { return }
            lines = now
            // Fewer lines than before: the container began anew.
            let new = lines.dropFirst(lines.count < written ? 0 : written)
            written = lines.count
            var rest = request
            rest.tail = nil
            try await write(rest.text(Array(new), now: time.now), &writer)
        }
    }

    /// Nil when the pod is gone.
    private func lines() -> [String]? {
        store.read { state in
            guard let pod = state.object(.pod, request.namespace, request.pod) else { return nil }
            return state.logLines(of: pod, container: request.container, isPrevious: request.isPrevious)
        }
    }

    private func write(_ text: String, _ writer: inout any ResponseBodyWriter) async throws {
        guard !text.isEmpty else { return }
        try await writer.write(ByteBuffer(string: text))
    }
}
