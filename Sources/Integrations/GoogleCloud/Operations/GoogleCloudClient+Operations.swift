package import Domain
import Foundation

extension GoogleCloudClient {
    /// Between two looks at an operation, from the first to the longest.
    static let pauses: (first: Duration, longest: Duration) = (.milliseconds(500), .seconds(5))
    /// Looks in a row at an operation that is not shown, or without an answer.
    static let mostMisses = 12
    /// How often a call is sent again under another id after one that failed long ago.
    static let mostReplays = 8

    /// Asks Compute Engine for a change and returns its operation; the same id twice gives the same operation. `parent`
    /// is where its operations are: `projects/acme/zones/europe-west3-a`. Throws `GoogleFailure` or `CancellationError`.
    package func start(_ call: GoogleCall, requestID: String, parent: String) async throws -> CloudOperation {
        try CloudOperation(try await send(call.with(requestID: requestID)), .compute, parent: parent)
    }

    /// As `start`, for a change that may safely be asked for again: an id whose operation has failed is not used a
    /// second time, for Google would answer with that failure for ever.
    package func startAnew(_ call: GoogleCall, key: String, parent: String) async throws -> CloudOperation {
        var id = RequestID.derived(from: key, "\(call.method) \(call.path) \(call.body?.canonicalText ?? "")")
        for _ in 0..<GoogleCloudClient.mostReplays {
            let operation = try await start(call, requestID: id, parent: parent)
            // A new one is hardly over in its first answer, and when it is, once more does no harm.
            guard operation.isDone, operation.failure != nil, call.takesRequestID else { return operation }
            id = RequestID.derived(from: id, operation.path)
        }
        return try await start(call, requestID: id, parent: parent)
    }

    /// Looks at an operation; nil when Google does not know it any more. Throws `GoogleFailure` or `CancellationError`.
    package func look(_ handle: JSONValue) async throws -> CloudOperation? {
        guard let call = CloudOperation.call(handle) else { return nil }
        guard let answer = try await find(call) else { return nil }
        return try CloudOperation(answer, call.service, parent: CloudOperation.parent(call.path))
    }

    /// Waits until an operation is over, longer and longer between two looks, also over a moment in which Google does
    /// not answer. Throws `GoogleFailure` when it failed, or `CancellationError`.
    package func finish(
        _ operation: CloudOperation, time: any TimeSource, progress: @Sendable (Int?) -> Void = { _ in }
    ) async throws -> CloudOperation {
        var operation = operation
        var pause = GoogleCloudClient.pauses.first
        var misses = 0
        while !operation.isDone {
            progress(operation.progress)
            try await time.sleep(for: pause)
            pause = min(pause * 3 / 2, GoogleCloudClient.pauses.longest)
            do {
                guard let found = try await look(operation.handle) else {
                    // A new one may show late.
                    misses += 1
                    guard misses < GoogleCloudClient.mostMisses else { throw GoogleFailure.forgotten(operation) }
                    continue
                }
                operation = found
                misses = 0
            } catch let failure as GoogleFailure where failure.isTransient && misses < GoogleCloudClient.mostMisses {
                misses += 1
                pause = max(pause, min(failure.retryAfter ?? .zero, .seconds(60)))
            }
        }
        if let failure = operation.failure { throw failure }
        return operation
    }

    /// The operation that was asked for with an id; nil when there is none. Throws as `send` does.
    package func operation(requestID: String, parent: String) async throws -> CloudOperation? {
        let call = GoogleCall(
            .compute, "GET", "\(parent)/operations",
            query: [
                .init("filter", "clientOperationId = \"\(requestID)\""), .init("maxResults", "50"),
                .init("fields", "nextPageToken,items(name,status,progress,clientOperationId,error,warnings)"),
            ])
        let found = try await list(call).first { $0["clientOperationId"]?.stringValue == requestID }
        return try found.map { try CloudOperation($0, .compute, parent: parent) }
    }
}
