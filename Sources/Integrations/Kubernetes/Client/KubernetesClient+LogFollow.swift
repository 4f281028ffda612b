import Domain
import Foundation
import Outbound

extension KubernetesClient {
    /// Tries in a row that fail before a log is given up.
    static let mostLogFailures = 10

    /// Follows what a container writes, line by line, until the container has ended and its last line was read. A cut
    /// connection goes on where it was cut: `cursor` says from where, and drops the lines that came before. `hasEnded`
    /// asks whether the container has ended. Throws `KubernetesError`, or `CancellationError`.
    func followLogs(
        namespace: String, pod: String, container: String, time: any TimeSource, cursor: LogCursor = LogCursor(),
        hasEnded: @Sendable () async throws -> Bool, take: @Sendable (String) async -> Void
    ) async throws {
        var cursor = cursor
        var failures = 0
        var isLast = false
        while true {
            let began = time.now
            do {
                try Task.checkCancellation()
                let body = try await open(
                    ResourceType.pods.path(namespace: namespace, name: pod, subresource: "log"),
                    query: cursor.query(container: container), accept: "*/*")
                cursor.begin()
                for try await part in LogParts(body: body) {
                    for text in cursor.take(part) { await take(text) }
                }
                // Only what was asked for after the end holds everything.
                if isLast {
                    if let rest = cursor.rest() { await take(rest) }
                    return
                }
                isLast = try await hasEnded()
                failures = 0
            } catch let error as KubernetesError where error.isNotFound && isLast {
                return  // the pod is gone, and its log with it
            } catch let error as KubernetesError {
                guard error.isTransient || error.status == 401 else { throw error }
                // Until a container writes its first line there is no answer at all, which is no failure while it runs.
                do {
                    isLast = try await hasEnded()
                    failures = isLast ? failures + 1 : 0
                } catch let second as KubernetesError where second.isTransient {
                    failures += 1
                }
                guard failures <= KubernetesClient.mostLogFailures else { throw error }
                if failures > 0 || error.retryAfter != nil {
                    try await time.sleep(for: error.retryAfter ?? KubernetesClient.pause(failures))
                }
            }
            if !isLast, time.now.since(began) < .seconds(1) { try await time.sleep(for: .seconds(1)) }
        }
    }

    /// Runs `body` again after errors that pass by themselves, a few minutes long.
    func patiently<Value: Sendable>(_ time: any TimeSource, _ body: () async throws -> Value) async throws -> Value {
        var failures = 0
        while true {
            do {
                return try await body()
            } catch let error as KubernetesError where error.isTransient {
                failures += 1
                guard failures <= KubernetesClient.mostLogFailures else { throw error }
                try await time.sleep(for: error.retryAfter ?? KubernetesClient.pause(failures))
            }
        }
    }

    /// 1, 2, 4, … seconds, at most 30.
    private static func pause(_ failures: Int) -> Duration { .seconds(min(30, 1 << min(failures - 1, 5))) }
}

/// The parts of a log; a connection that breaks is an error like an answer that says so.
private struct LogParts: AsyncSequence, AsyncIteratorProtocol {
    var iterator: HTTPBodyParts.AsyncIterator

    init(body: HTTPBodyParts) { iterator = body.makeAsyncIterator() }

    func makeAsyncIterator() -> LogParts { self }

    mutating func next() async throws -> [UInt8]? {
        do {
            return try await iterator.next()
        } catch let error where !(error is CancellationError) {
            try Task.checkCancellation()
            throw KubernetesError(status: 0, reason: "", message: "the log was cut off")
        }
    }
}
