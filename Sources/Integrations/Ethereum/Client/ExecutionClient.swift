import Domain
import Foundation
import Outbound

/// Reads an execution client by JSON-RPC 2.0 over HTTP (ethereum/execution-apis).
struct ExecutionClient: Sendable {
    /// What `eth_syncing` says.
    enum Syncing: Sendable, Hashable {
        case no
        /// Block numbers; `work` is the sum of all other counts that it gives (accounts, bytes, healed nodes), which grows
        /// while a snap sync goes on that brings no block yet.
        case yes(current: Int64, highest: Int64, work: Int64)
    }

    /// The newest block.
    struct Block: Sendable, Hashable {
        var number: Int64
        var timestamp: Date
    }

    private static let maxAnswer = 4 * 1024 * 1024
    private let url: String
    private let session: HTTPSession

    init(url: String, session: HTTPSession) {
        self.url = url
        self.session = session
    }

    func syncing() async throws -> Syncing {
        let result = try await call("eth_syncing", [])
        if result == false { return .no }
        guard let current = result["currentBlock"].flatMap(Quantity16.read),
            let highest = result["highestBlock"].flatMap(Quantity16.read)
        else { throw NodeFailure(.passing, "eth_syncing answers neither false nor a progress") }
        let counted: Set<String> = ["startingBlock", "currentBlock", "highestBlock", "txIndexRemainingBlocks"]
        let work = (result.objectValue ?? [:]).filter { !counted.contains($0.key) }.values
            .compactMap(Quantity16.read).reduce(Int64(0)) { $0.addingReportingOverflow($1).partialValue }
        return .yes(current: current, highest: highest, work: work)
    }

    func latestBlock() async throws -> Block {
        // Without the transactions themselves.
        let result = try await call("eth_getBlockByNumber", ["latest", false])
        guard result != .null else { throw NodeFailure(.passing, "it has no block yet") }
        guard let number = result["number"].flatMap(Quantity16.read),
            let timestamp = result["timestamp"].flatMap(Quantity16.read)
        else { throw NodeFailure(.passing, "the newest block has no number or no timestamp") }
        return Block(number: number, timestamp: Date(timeIntervalSince1970: TimeInterval(timestamp)))
    }

    func peerCount() async throws -> Int {
        guard let count = Quantity16.read(try await call("net_peerCount", [])) else {
            throw NodeFailure(.passing, "net_peerCount answers no number")
        }
        return Int(count)
    }

    func clientVersion() async throws -> String {
        guard let version = try await call("web3_clientVersion", []).stringValue else {
            throw NodeFailure(.passing, "web3_clientVersion answers no text")
        }
        return String(version.prefix(120))
    }

    /// The server's clock by its `Date` header (seconds); nil when it does not say.
    func date() async throws -> Date? {
        let response = try await post("web3_clientVersion", [])
        return response.headers["date"].flatMap(HTTPDate.parse)
    }

    private func post(_ method: String, _ parameters: JSONValue) async throws -> HTTPResponse {
        let body: JSONValue = ["jsonrpc": "2.0", "id": 1, "method": .string(method), "params": parameters]
        let request = HTTPRequest(
            method: "POST", url: url, headers: [("Content-Type", "application/json"), ("Accept", "application/json")],
            body: body.canonicalBytes)
        return try await session.answer(to: request, maxBody: ExecutionClient.maxAnswer)
    }

    /// Sends one call and returns its `result`. Throws `NodeFailure`, or `CancellationError`.
    private func call(_ method: String, _ parameters: JSONValue) async throws -> JSONValue {
        let response = try await post(method, parameters)
        // Some servers give errors of JSON-RPC a status of their own, so the body comes first.
        guard let answer = try? JSONValue(parsing: response.body), answer.objectValue != nil else {
            throw NodeFailure.status(response.status, what: method)
        }
        if let error = answer["error"], error != .null { throw ExecutionClient.failure(error, method) }
        guard response.status == 200 else { throw NodeFailure.status(response.status, what: method) }
        guard answer["id"] == 1, let result = answer["result"] else {
            throw NodeFailure(.passing, "\(method): the answer is not one of JSON-RPC 2.0")
        }
        return result
    }

    private static func failure(_ error: JSONValue, _ method: String) -> NodeFailure {
        let code = error["code"]?.intValue
        let words = String((error["message"]?.stringValue ?? "no message").prefix(200))
        let message = "\(method): \(words)" + (code.map { " (\($0))" } ?? "")
        // -32601: the method is not there; JSON-RPC 2.0 §5.1.
        guard code == -32601 else { return NodeFailure(.passing, message) }
        let module = method.prefix { $0 != "_" }
        return NodeFailure(
            .refused(hint: "let the node serve the module '\(module)' (Geth: --http.api eth,net,web3)"), message)
    }
}

/// Numbers of JSON-RPC: `0x` and hexadecimal digits.
enum Quantity16 {
    /// Nil when the value is none, or does not fit 63 bits.
    static func read(_ value: JSONValue) -> Int64? {
        guard let text = value.stringValue, text.hasPrefix("0x"), (3...18).contains(text.utf8.count) else { return nil }
        let digits = text.dropFirst(2)
        guard digits.allSatisfy(\.isHexDigit) else { return nil }
        return Int64(digits, radix: 16)
    }
}
