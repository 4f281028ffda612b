import Domain
import Foundation
import Outbound

/// Reads a consensus client by the beacon node API (ethereum/beacon-APIs, "Node").
struct BeaconClient: Sendable {
    /// What `/eth/v1/node/syncing` says.
    struct Syncing: Sendable, Hashable {
        /// Slots.
        var headSlot: Int64
        /// Slots behind.
        var distance: Int64
        var isSyncing: Bool
        /// It follows blocks that its execution client has not checked.
        var isOptimistic: Bool
        /// Its execution client cannot be reached. Old clients do not say: false.
        var isExecutionOffline: Bool
    }

    /// What the status of `/eth/v1/node/health` says.
    enum Health: Sendable, Hashable {
        case ready
        /// It syncs, or its execution client does, but it can serve.
        case syncing
        case notReady(status: Int)
    }

    private static let maxAnswer = 256 * 1024
    private let base: String
    private let session: HTTPSession

    init(url: String, session: HTTPSession) {
        base = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.session = session
    }

    func syncing() async throws -> Syncing {
        let data = try await data("/eth/v1/node/syncing")
        guard let head = BeaconClient.number(data["head_slot"]),
            let distance = BeaconClient.number(data["sync_distance"]),
            let isSyncing = data["is_syncing"]?.boolValue
        else { throw NodeFailure(.passing, "beacon node: syncing answers no head_slot, sync_distance or is_syncing") }
        return Syncing(
            headSlot: head, distance: distance, isSyncing: isSyncing,
            isOptimistic: data["is_optimistic"]?.boolValue ?? false,
            isExecutionOffline: data["el_offline"]?.boolValue ?? false)
    }

    func version() async throws -> String {
        guard let version = try await data("/eth/v1/node/version")["version"]?.stringValue else {
            throw NodeFailure(.passing, "beacon node: version answers no version")
        }
        return String(version.prefix(120))
    }

    /// Peers that it is connected to.
    func peerCount() async throws -> Int {
        guard let count = BeaconClient.number(try await data("/eth/v1/node/peer_count")["connected"]) else {
            throw NodeFailure(.passing, "beacon node: peer_count answers no number")
        }
        return Int(clamping: count)
    }

    /// The server's clock by its `Date` header (seconds); nil when it does not say.
    func date() async throws -> Date? {
        try await get("/eth/v1/node/version").headers["date"].flatMap(HTTPDate.parse)
    }

    func health() async throws -> Health {
        let response = try await get("/eth/v1/node/health")
        return switch response.status {
        case 200: .ready
        case 206: .syncing
        default: .notReady(status: response.status)
        }
    }

    private func data(_ path: String) async throws -> JSONValue {
        let response = try await get(path)
        guard response.status == 200 else { throw NodeFailure.status(response.status, what: "beacon node") }
        guard let data = (try? JSONValue(parsing: response.body))?["data"] else {  // no JSON is no data either
            throw NodeFailure(.passing, "beacon node: the answer to \(path) has no data")
        }
        return data
    }

    private func get(_ path: String) async throws -> HTTPResponse {
        do {
            return try await session.answer(
                to: HTTPRequest(url: base + path, headers: [("Accept", "application/json")]),
                maxBody: BeaconClient.maxAnswer)
        } catch let failure as NodeFailure {
            throw NodeFailure(failure.kind, "beacon node: \(failure.message)", reach: failure.reach)
        }
    }

    /// Numbers stand as decimal text.
    private static func number(_ value: JSONValue?) -> Int64? { value?.stringValue.flatMap { Int64($0) } }
}
