import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ClockTests {
    @Test func `a date of a header is read as the standard writes it`() {
        #expect(HTTPDate.parse("Sun, 06 Nov 1994 08:49:37 GMT") == Date(timeIntervalSince1970: 784_111_777))
        #expect(HTTPDate.parse("Thu, 29 Feb 2024 23:59:59 GMT") == Date(timeIntervalSince1970: 1_709_251_199))
    }

    @Test(
        arguments: [
            "", "now", "Sun, 06 Nov 1994 08:49:37 CET", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
            "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 99 Nov 1994 08:49:37 GMT",
        ])
    func `anything else is no date`(text: String) {
        #expect(HTTPDate.parse(text) == nil)
    }

    /// How far ahead servers are for whom it is ten minutes later than here, in seconds. The servers tell the machine's
    /// own time.
    private func offset(of hosts: [String] = ["one.test", "two.test"], _ headers: [String: String] = [:]) async throws
        -> Double?
    {
        let clock = ClockCheck(time: VirtualTime(now: Date().addingTimeInterval(-600)))
        var configuration = HTTPSession.Configuration()
        configuration.clock = clock
        configuration.connectTo = ["one.test": "127.0.0.1", "two.test": "127.0.0.1"]
        let session = try HTTPSession(configuration)
        try await ScriptedServer.run(answering: { _ in ScriptedServer.Answer(headers: headers) }) { server in
            for host in hosts { _ = try await session.send(HTTPRequest(url: "http://\(host):\(server.port)/")) }
        }
        await session.shutdown()
        return clock.offset?.secondsValue
    }

    @Test func `every answer says what time it is there`() async throws {
        let offset = try #require(try await offset())
        #expect((595...660).contains(offset))
    }

    @Test func `a server on this machine does not`() async throws {
        #expect(try await offset(of: ["127.0.0.1", "localhost"]) == nil)
    }

    @Test func `an answer from a cache does not`() async throws {
        #expect(try await offset(["Age": "7"]) == nil)
    }
}
