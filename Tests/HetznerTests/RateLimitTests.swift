import Domain
import Foundation
import TestSupport
import Testing

@testable import Hetzner

@Suite struct RateLimitTests {
    private let now = Fixture.started

    private func headers(remaining: Int, resetIn seconds: Int, limit: Int = 3600) -> [String: String] {
        [
            "ratelimit-limit": String(limit), "ratelimit-remaining": String(remaining),
            "ratelimit-reset": String(Int(now.timeIntervalSince1970) + seconds),
        ]
    }

    @Test func `with enough left nothing waits`() throws {
        let limit = RateLimit()
        limit.learn(headers(remaining: 3000, resetIn: 600), now: now)
        for _ in 0..<2980 { try #require(try limit.wait(now) == .zero) }
    }

    @Test func `what is left is spread over the time in which it grows, before anything is refused`() throws {
        let limit = RateLimit()
        // One comes back each second.
        limit.learn(headers(remaining: RateLimit.reserve, resetIn: 3580), now: now)
        let waits = try (0..<4).map { _ in try limit.wait(now) }
        #expect(waits == [.zero, .seconds(1), .seconds(2), .seconds(3)])
        // When enough is there again, nothing waits.
        limit.learn(headers(remaining: RateLimit.reserve + 5, resetIn: 3500), now: now.addingTimeInterval(30))
        #expect(try limit.wait(now.addingTimeInterval(30)) == .zero)
    }

    @Test func `with none left even the first one waits`() throws {
        let limit = RateLimit()
        limit.learn(headers(remaining: 0, resetIn: 3600), now: now)
        #expect(try limit.wait(now) == .seconds(1))
        #expect(try limit.wait(now) == .seconds(2))
    }

    @Test func `who would wait longer than a minute is told to come later`() throws {
        let limit = RateLimit()
        limit.learn(headers(remaining: 0, resetIn: 3600, limit: 60), now: now)
        #expect(try limit.wait(now) == .seconds(60))
        let failure = #expect(throws: HetznerFailure.self) { _ = try limit.wait(now) }
        #expect(failure?.isTransient == true)
        #expect(failure?.retryAfter == .seconds(60))
    }

    @Test(arguments: [
        ["ratelimit-limit": "3600", "ratelimit-remaining": "5"],
        ["ratelimit-limit": "0", "ratelimit-remaining": "5", "ratelimit-reset": "1"],
        ["ratelimit-limit": "many", "ratelimit-remaining": "5", "ratelimit-reset": "1"], [:],
    ])
    func `headers that say nothing change nothing`(_ headers: [String: String]) throws {
        let limit = RateLimit()
        limit.learn(headers, now: now)
        for _ in 0..<100 { #expect(try limit.wait(now) == .zero) }
    }

    @Test func `a client waits before it is refused`() async throws {
        let reset = Int(now.timeIntervalSince1970) + 3580
        let time = HastyTime(clock: VirtualTime(now: now))
        try await ScriptedServer.run(answering: { _ in
            Fixture.json(
                ["servers": []],
                headers: [
                    "RateLimit-Limit": "3600", "RateLimit-Remaining": "20", "RateLimit-Reset": String(reset),
                ])
        }) { server in
            try await withSession { session in
                let client = try Fixture.client(session, at: server.url, time: time)
                for _ in 0..<4 { _ = try await client.list("servers") }
                #expect(time.now.timeIntervalSince(now) >= 2)
                #expect(server.requests.count == 4)
            }
        }
    }

    @Test func `a request that was refused says when the next one makes sense`() async throws {
        let reset = Int(now.timeIntervalSince1970) + 7200
        try await ScriptedServer.run(answering: { _ in
            Fixture.json(
                Fixture.refusal("rate_limit_exceeded", status: 429), status: 429,
                headers: [
                    "RateLimit-Limit": "3600", "RateLimit-Remaining": "0", "RateLimit-Reset": String(reset),
                ])
        }) { server in
            try await withSession { session in
                let client = try Fixture.client(session, at: server.url)
                let failure = await #expect(throws: HetznerFailure.self) { _ = try await client.list("servers") }
                #expect(failure?.retryAfter == .seconds(2))
            }
        }
    }
}
