import Domain
import Foundation
import Hummingbird
import NIOCore

/// Serves a container's log, and while a client follows what is added to it, until the container has ended.
struct LogStream: Sendable {
    let request: LogRequest
    let store: ClusterStore
    /// Whether the connection breaks in the middle of what there is.
    let isCut: Bool

    private struct Content {
        var lines: [LogLine]
        var hasEnded: Bool
    }

    func run(_ writer: inout any ResponseBodyWriter) async throws {
        let bell = store.bell()
        guard var content = content() else { return }
        var written = content.lines.count
        let text = request.text(content.lines)
        if isCut {
            try await write(String(decoding: text.utf8.prefix(text.utf8.count / 2), as: UTF8.self), &writer)
            throw CancellationError()  // the server closes a connection whose answer broke off
        }
        try await write(text, &writer)
        guard request.isFollowing, !content.hasEnded else { return }
        for await _ in bell {
            guard let now = self.content() else { return }
            content = now
            // Fewer lines than before: the container began anew.
            let new = content.lines.dropFirst(content.lines.count < written ? 0 : written)
            written = content.lines.count
            var rest = request
            rest.tail = nil
            try await write(rest.text(Array(new)), &writer)
            if content.hasEnded { return }
        }
    }

    /// Nil when the pod is gone.
    private func content() -> Content? {
        store.read { state in
            guard let pod = state.object(.pod, request.namespace, request.pod) else { return nil }
            let status = (pod["status", "containerStatuses"]?.arrayValue ?? [])
                .first { $0["name"]?.stringValue == request.container }
            return Content(
                lines: state.logLines(of: pod, container: request.container, isPrevious: request.isPrevious),
                hasEnded: request.isPrevious || status?["state"]?["terminated"] != nil)
        }
    }

    private func write(_ text: String, _ writer: inout any ResponseBodyWriter) async throws {
        guard !text.isEmpty else { return }
        try await writer.write(ByteBuffer(string: text))
    }
}
