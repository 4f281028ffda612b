import Domain
import Foundation
import Outbound

/// Follows the objects of one kind: a list, then a watch from there. It survives an expired version (a new list), a cut
/// connection (the watch goes on from the last version seen), and an overloaded server (it waits, as long as the server
/// said). It gives up on a refusal, and after `mostFailures` failures in a row.
struct ObjectFeed: Sendable {
    /// What is known now.
    enum Change: Sendable {
        /// All objects there are; those that were known before and are not here are gone.
        case all([ClusterObject])
        case changed(ClusterObject)
        case removed(ClusterObject)
    }

    /// How long the server lets one watch live, in seconds.
    static let watchSeconds: Int64 = 120
    static let mostFailures = 10

    var client: KubernetesClient
    var type: ResourceType
    var namespace: String?
    var labels: String?
    var fields: String?
    var time: any TimeSource

    /// Calls `take` for each change until it gives a value. Objects come as `keep` leaves them, for whoever follows many
    /// keeps them; `managedFields`, half of what they weigh, are gone before. Throws `KubernetesError`, or
    /// `CancellationError`.
    func until<Value: Sendable>(
        keep: @escaping @Sendable (ClusterObject) -> ClusterObject = { $0 },
        _ take: @Sendable (Change) async throws -> Value?
    ) async throws -> Value {
        var failures = 0
        var isEstablished = false
        var version: String?
        let kept: @Sendable (ClusterObject) -> ClusterObject = { keep($0.withoutManagers) }
        while true {
            do {
                try Task.checkCancellation()
                if version == nil {
                    let list = try await client.list(
                        type, namespace: namespace, labels: labels, fields: fields, keep: kept)
                    isEstablished = true
                    version = list.resourceVersion
                    if let value = try await take(.all(list.objects)) { return value }
                }
                if let value = try await watch(&version, &failures, kept, take) { return value }
            } catch let error as KubernetesError {
                failures += 1
                let isWorthAnother = error.isTransient || error.isExpired || error.status == 401
                guard isEstablished, isWorthAnother, failures <= ObjectFeed.mostFailures else { throw error }
                if error.isExpired { version = nil }
                try await time.sleep(for: error.retryAfter ?? ObjectFeed.backoff(failures))
            }
        }
    }

    /// One watch from `version` on, which moves with every event and becomes nil when a new list is needed. Gives nil
    /// when the watch ended without a value.
    private func watch<Value: Sendable>(
        _ version: inout String?, _ failures: inout Int, _ kept: @Sendable (ClusterObject) -> ClusterObject,
        _ take: @Sendable (Change) async throws -> Value?
    ) async throws -> Value? {
        let opened = (time.now, version)
        let body = try await client.open(type.path(namespace: namespace), query: query(from: version ?? ""))
        var splitter = LineSplitter()
        var parts = body.makeAsyncIterator()
        while let part = try await next(&parts) {
            guard let lines = splitter.take(part) else {
                throw KubernetesError(status: 0, reason: "", message: "a line of the watch is too long")
            }
            for line in lines {
                guard let event = WatchEvent(line: line) else {
                    throw KubernetesError(status: 0, reason: "", message: "a line of the watch is no event")
                }
                let change: Change?
                switch event {
                case .failed(let error): throw error
                case .bookmark(let newer):
                    change = nil
                    if !newer.isEmpty { version = newer }
                case .changed(let object):
                    change = .changed(kept(object))
                    version = object.resourceVersion ?? version
                case .removed(let object):
                    change = .removed(object)
                    version = object.resourceVersion ?? version
                }
                failures = 0
                if let change, let value = try await take(change) { return value }
            }
        }
        // A server that ends watches at once must not be asked in a tight loop.
        if opened.1 == version, time.now.since(opened.0) < .seconds(1) { try await time.sleep(for: .seconds(1)) }
        return nil
    }

    private func query(from version: String) -> [(String, String)] {
        var query = [
            ("watch", "true"), ("allowWatchBookmarks", "true"), ("resourceVersion", version),
            ("timeoutSeconds", String(ObjectFeed.watchSeconds)),
        ]
        if let labels { query.append(("labelSelector", labels)) }
        if let fields { query.append(("fieldSelector", fields)) }
        return query
    }

    /// A connection that breaks is a failure like an answer that says so.
    private func next(_ parts: inout HTTPBodyParts.AsyncIterator) async throws -> [UInt8]? {
        do {
            return try await parts.next()
        } catch let error where !(error is CancellationError) {
            try Task.checkCancellation()
            throw KubernetesError(status: 0, reason: "", message: "the watch was cut off")
        }
    }

    /// 1, 2, 4, … seconds, at most 30, with up to a quarter more so that many bots do not come together.
    private static func backoff(_ failures: Int) -> Duration {
        .seconds(min(30, Double(1 << min(failures - 1, 5))) * Double.random(in: 1...1.25))
    }
}

extension ClusterObject {
    /// The object without the list of who owns which of its fields.
    fileprivate var withoutManagers: ClusterObject {
        guard case .object(var members) = json, case .object(var metadata)? = members["metadata"],
            metadata["managedFields"] != nil
        else { return self }
        metadata["managedFields"] = nil
        members["metadata"] = .object(metadata)
        var lean = self
        lean.json = .object(members)
        return lean
    }
}
