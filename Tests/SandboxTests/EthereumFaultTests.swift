import Crypto
import Domain
import Foundation
import Outbound
import Sandbox
import TestSupport
import Testing

/// What the Ethereum stand-in does when it is told to be ill.
@Suite struct EthereumFaultTests {
    private let time = VirtualTime(now: Date(timeIntervalSince1970: 1_790_000_003))

    /// A token as a consensus client makes it, by hand: the stand-in is not to be tried with the bot's own code.
    private func token(_ hex: String, issued: Int?, algorithm: String = "HS256") throws -> String {
        func part(_ bytes: some DataProtocol) -> String {
            Data(bytes).base64EncodedString().replacingOccurrences(of: "+", with: "-")
                .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
        }
        let header = part(Data(#"{"alg":"\#(algorithm)","typ":"JWT"}"#.utf8))
        let claims = part(Data((issued.map { #"{"iat":\#($0)}"# } ?? "{}").utf8))
        let key = SymmetricKey(data: try #require(Hex.decode(hex)))
        let code = HMAC<SHA256>.authenticationCode(for: Data("\(header).\(claims)".utf8), using: key)
        return "\(header).\(claims).\(part(Data(code)))"
    }

    private func call(_ url: String, _ token: String?) async throws -> (status: Int, body: String) {
        let headers =
            [("Content-Type", "application/json")] + (token.map { [("Authorization", "Bearer \($0)")] } ?? [])
        let answer = try await ask(
            "POST", url, headers, #"{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]}"#)
        return (answer.status, answer.text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    @Test func theEngineTakesATokenOfItsSecretAndItsTime() async throws {
        let ethereum = EthereumStandIn(time: time)
        try await running([{ try await ethereum.run() }]) { [time] in
            let url = try await ethereum.engineURL(of: "geth-0")
            let secret = ethereum.jwtSecret(of: "geth-0").reveal()
            let other = ethereum.jwtSecret(of: "geth-1").reveal()
            let now = Int(time.now.timeIntervalSince1970)
            #expect(try await call(url, token(secret, issued: now)).body.contains("0x1"))
            for (given, words) in [
                (nil, "missing token"), ("a.b", "token contains an invalid number of segments"),
                ("a.b.c", "token is malformed"),
                (try token(other, issued: now), "signature is invalid"),
                (try token(secret, issued: now, algorithm: "HS512"), "signing method HS512 is invalid"),
                (try token(secret, issued: nil), "missing issued-at"),
                (try token(secret, issued: now - 61), "stale token"),
                (try token(secret, issued: now + 61), "future token"),
            ] as [(String?, String)] {
                let answer = try await call(url, given)
                #expect(answer.status == 401 && answer.body == words)
            }
            for edge in [-60, 60] { #expect(try await call(url, token(secret, issued: now + edge)).status == 200) }

            ethereum.set("geth-0", .wrongSecret, true)
            #expect(try await call(url, token(secret, issued: now)).body == "signature is invalid")
            ethereum.set("geth-0", .wrongSecret, false)
            ethereum.set("geth-0", .clockOff, true)
            #expect(try await call(url, token(secret, issued: now)).body == "stale token")
            ethereum.set("geth-0", .clockOff, false)
            ethereum.set("geth-0", .down)
            await #expect(throws: HTTPError.self) { try await call(url, token(secret, issued: now)) }
        }
    }

    @Test(
        arguments: [
            (EthereumFault.lighthouseStuck, false, true, true), (.executionOffline, true, true, true),
            (.wrongSecret, true, true, true), (.clockOff, true, true, true), (.optimistic, false, true, false),
            (.errors, false, false, false),
        ])
    func lighthouseTellsWhatIsWrong(fault: EthereumFault, isOffline: Bool, isIll: Bool, stands: Bool) async throws {
        let ethereum = EthereumStandIn(time: time)
        try await running([{ try await ethereum.run() }]) { [time] in
            let beacon = try await ethereum.beaconURL(of: "geth-0")
            let before = try #require(ethereum.look(at: "geth-0")).head
            ethereum.set("geth-0", fault, true)
            time.advance(by: .seconds(240))
            let data = try await ask("GET", "\(beacon)/eth/v1/node/syncing").json["data"]
            #expect(data?["el_offline"]?.boolValue == isOffline)
            let says = ["el_offline", "is_optimistic", "is_syncing"].contains { data?[$0] == true }
            #expect(says == isIll)
            #expect(try await ask("GET", "\(beacon)/eth/v1/node/health").status == 206)
            #expect((ethereum.look(at: "geth-0")?.head == before) == stands)
            ethereum.set("geth-0", fault, false)
            #expect(ethereum.look(at: "geth-0")?.isInSync == true)
        }
    }

    @Test func aRestartOfLighthouseMendsLighthouseAlone() async throws {
        let ethereum = EthereumStandIn(time: time)
        try await running([{ try await ethereum.run() }]) {
            let beacon = try await ethereum.beaconURL(of: "geth-0")
            ethereum.set("geth-0", .lighthouseDown, true)
            await #expect(throws: HTTPError.self) { try await ask("GET", "\(beacon)/eth/v1/node/health") }
            ethereum.restarted("geth-0")
            await #expect(throws: HTTPError.self) { try await ask("GET", "\(beacon)/eth/v1/node/health") }
            ethereum.set("geth-0", .healthy)
            ethereum.lighthouseRestarted("geth-0")
            #expect(try await ask("GET", "\(beacon)/eth/v1/node/health").status == 200)
            #expect(ethereum.look(at: "geth-0")?.lighthouseRestarts == 1)
            ethereum.set("geth-0", .wrongSecret, true)
            ethereum.lighthouseRestarted("geth-0")
            #expect(ethereum.look(at: "geth-0")?.isInSync == false)
        }
    }

    @Test func aNodeOfErrorsAnswersEachCallWithOne() async throws {
        let ethereum = EthereumStandIn(time: time)
        try await running([{ try await ethereum.run() }]) {
            let url = try await ethereum.executionURL(of: "geth-0")
            ethereum.set("geth-0", .errors, true)
            let body = #"{"jsonrpc":"2.0","id":1,"method":"eth_syncing"}"#
            let answer = try await ask("POST", url, [("Content-Type", "application/json")], body).json
            #expect(answer["error"] == ["code": -32_000, "message": "missing trie node"])
        }
    }
}
