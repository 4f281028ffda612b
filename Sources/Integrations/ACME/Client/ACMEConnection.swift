import Domain
import Foundation
import Outbound
import Synchronization

/// Sends requests to one CA and keeps its directory and its nonces.
final class ACMEConnection: Sendable {
    /// Bytes of an answer at most.
    static let largestAnswer = 256 * 1024
    /// How often a request goes again after a nonce was refused.
    static let mostNonceRetries = 5

    let time: any TimeSource
    /// The CA's host, for people.
    let host: String
    private let directoryURL: String
    private let session: HTTPSession
    private let nonces = NoncePool()
    private let known = Mutex<ACMEDirectory?>(nil)

    init(directory: String, session: HTTPSession, time: any TimeSource) {
        directoryURL = directory
        host = URLComponents(string: directory)?.host ?? directory
        self.session = session
        self.time = time
    }

    /// Read once, and kept.
    func directory() async throws -> ACMEDirectory {
        if let known = known.withLock({ $0 }) { return known }
        let url = try ACMELink.checked(directoryURL, "directory")
        let answer = try await get(url)
        guard answer.isSuccess else { throw ACMEError.refused(host, "the question for its directory", answer) }
        let directory = try ACMEDirectory(try answer.object("its directory"))
        known.withLock { $0 = directory }
        return directory
    }

    /// An unsigned reading request; its status may be any.
    func get(_ url: String) async throws -> ACMEAnswer { try await send("GET", url) }

    /// A signed request, which goes again when its nonce is refused. `payload` nil: it only reads. Throws `ACMEError`
    /// when the CA says no: `doing` is what it then refuses.
    func post(
        _ payload: JSONValue?, to url: String, as signer: SignedMessage.Signer, _ doing: String,
        accept: String = "application/json"
    ) async throws -> ACMEAnswer {
        var retries = 0
        while true {
            let nonce = try await nonce()
            let message = try SignedMessage.make(payload, url: url, nonce: nonce, signer: signer)
            let answer = try await send("POST", url, body: message.canonicalBytes, accept: accept)
            if answer.isSuccess { return answer }
            guard answer.problem?.type == "badNonce", retries < ACMEConnection.mostNonceRetries else {
                throw ACMEError.refused(host, doing, answer)
            }
            retries += 1
            nonces.clear()
            nonces.keep(answer.headers["replay-nonce"])
        }
    }

    private func nonce() async throws -> String {
        if let nonce = nonces.take() { return nonce }
        let answer = try await send("HEAD", try await directory().newNonce)
        guard answer.isSuccess else { throw ACMEError.refused(host, "a nonce", answer) }
        guard let nonce = nonces.take() else {
            throw ACMEError.strange("the CA \(host) gives no usable Replay-Nonce when asked for one")
        }
        return nonce
    }

    private func send(_ method: String, _ url: String, body: [UInt8]? = nil, accept: String = "application/json")
        async throws -> ACMEAnswer
    {
        var headers = [("User-Agent", "defimon"), ("Accept", accept)]
        if body != nil { headers.append(("Content-Type", "application/jose+json")) }
        let request = HTTPRequest(method: method, url: url, headers: headers, body: body)
        do {
            let response = try await session.send(
                request, maxBody: ACMEConnection.largestAnswer, timeout: .seconds(30))
            nonces.keep(response.headers["replay-nonce"])
            return ACMEAnswer(response, now: time.now)
        } catch let error as HTTPError {
            throw ACMEError.unreachable(host, error)
        }
    }
}
