import Foundation
import Outbound

/// Pebble's companion: a name server for which every name is 127.0.0.1, and a server of HTTP-01 answers, both on free
/// ports of 127.0.0.1. What they answer is set here.
package final class ChallengeAnswerer: Sendable {
    /// Where HTTP-01 answers are.
    package let httpPort: Int
    /// Where names are looked up: `127.0.0.1:8053`.
    package let resolver: String
    private let management: String
    private let program: RunningProgram
    private let session: HTTPSession

    private init(httpPort: Int, resolver: String, management: String, program: RunningProgram) throws {
        self.httpPort = httpPort
        self.resolver = resolver
        self.management = management
        self.program = program
        session = try HTTPSession()
    }

    static func start(in folder: TemporaryFolder) async throws -> ChallengeAnswerer {
        let (http, resolver) = (try FreePort.take(), "127.0.0.1:\(try FreePort.take())")
        let management = "127.0.0.1:\(try FreePort.take())"
        let program = try await RunningProgram(
            try Pebble.found("pebble-challtestsrv"),
            [
                "-dns01", resolver, "-http01", "127.0.0.1:\(http)", "-https01", "", "-tlsalpn01", "", "-management",
                management, "-defaultIPv4", "127.0.0.1", "-defaultIPv6", "",
            ], in: folder)
        let answerer = try ChallengeAnswerer(
            httpPort: http, resolver: resolver, management: "http://\(management)", program: program)
        let isUp: Bool? = await eventually(within: .seconds(30)) {
            if !program.isRunning { return false }
            do {
                try await answerer.set("clear-request-history", ["type": "http", "host": "none.example"])
                return true
            } catch { return nil }  // not yet
        }
        guard isUp == true else {
            await answerer.stop()
            throw Pebble.Failure(description: program.text)
        }
        return answerer
    }

    /// What `/.well-known/acme-challenge/TOKEN` answers, whatever the host.
    package func answerHTTP(_ token: String, _ content: String) async throws {
        try await set("add-http01", ["token": token, "content": content])
    }

    /// A TXT record of `_acme-challenge.NAME`.
    package func answerDNS(_ name: String, _ value: String) async throws {
        try await set("set-txt", ["host": "_acme-challenge.\(name).", "value": value])
    }

    /// The address of one name.
    package func setAddress(_ name: String, _ address: String) async throws {
        let body = try JSONSerialization.data(withJSONObject: ["host": "\(name).", "addresses": [address]])
        try await send("add-a", Array(body))
    }

    /// Looking up the name fails from now on.
    package func breakName(_ name: String) async throws { try await set("set-servfail", ["host": "\(name)."]) }

    func stop() async {
        await program.end()
        await session.shutdown()
    }

    private func set(_ what: String, _ values: [String: String]) async throws {
        try await send(what, Array(try JSONEncoder().encode(values)))
    }

    private func send(_ what: String, _ body: [UInt8]) async throws {
        let answer = try await session.send(HTTPRequest(method: "POST", url: "\(management)/\(what)", body: body))
        guard answer.status == 200 else {
            throw Pebble.Failure(description: "\(what): \(answer.status) \(answer.text)")
        }
    }
}
