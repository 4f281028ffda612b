import Domain
import Foundation
import TestSupport
import Testing

@testable import ACME

@Suite struct WaitingTests {
    /// A CA whose authorization and order have these states one after the other, the last for ever.
    private func run<Value: Sendable>(
        _ authorizations: [String], _ orders: [String], retryAfter: String? = nil,
        _ body: @escaping @Sendable (ACMEClient, ACMEOrder, PassingTime) async throws -> Value
    ) async throws -> Value {
        try await ScriptedCA.run({ request, authority in
            func state(_ states: [String]) -> String {
                states[min(authority.count(request.path), states.count) - 1]
            }
            return switch request.path {
            case "/order": authority.order("pending")
            case "/order/1": authority.order(state(orders), retryAfter: retryAfter)
            case "/finalize": authority.order("processing", retryAfter: retryAfter)
            case "/authorization": authority.authorization(state(authorizations), retryAfter: retryAfter)
            default: nil
            }
        }) { client, _, time in
            let order = try await client.newOrder(["a.example.org"], profile: nil, replaces: nil)
            return try await body(client, order, time)
        }
    }

    @Test func pausesBeginAtATenthOfASecondAndGrow() async throws {
        try await run(["pending", "pending", "pending", "valid"], ["ready"]) { client, order, time in
            let ready = try await client.authorized(order) { _ in }
            #expect(ready.status == .ready)
            #expect(time.waits == [.milliseconds(100), .milliseconds(150), .milliseconds(225)])
        }
    }

    @Test func noPauseIsLongerThanFiveSecondsAndTheWholeWaitNotThanTenMinutes() async throws {
        try await run(["pending"], ["pending"]) { client, order, time in
            let error = await #expect(throws: ACMEError.self) { _ = try await client.authorized(order) { _ in } }
            #expect(error?.kind == .unfinished)
            #expect(error?.actionError.retry == .later(afterMilliseconds: nil))
            #expect(time.waits.max() == .seconds(5))
            let total = time.waits.reduce(Duration.zero, +)
            #expect(total <= .seconds(600) && total > .seconds(595))
        }
    }

    @Test func thePauseIsAsLongAsTheCASaysInSeconds() async throws {
        try await run(["pending", "valid"], ["pending", "ready"], retryAfter: "7") { client, order, time in
            _ = try await client.authorized(order) { _ in }
            #expect(time.waits == [.seconds(7), .seconds(7)])
        }
    }

    @Test func thePauseIsAsLongAsTheCASaysByADate() async throws {
        // The time begins at Mon, 21 Sep 2026 14:13:20 GMT.
        try await run(["pending", "valid"], ["ready"], retryAfter: "Mon, 21 Sep 2026 14:15:20 GMT") {
            client, order, time in
            _ = try await client.authorized(order) { _ in }
            #expect(time.waits == [.seconds(120)])
        }
    }

    @Test(arguments: [("600", true), ("601", false)])
    func aPauseThatEndsAfterTheWholeWaitIsNotBegun(_ seconds: String, _ isWaited: Bool) async throws {
        try await run(["pending", "valid"], ["ready"], retryAfter: seconds) { client, order, time in
            if isWaited {
                _ = try await client.authorized(order) { _ in }
            } else {
                let error = await #expect(throws: ACMEError.self) { _ = try await client.authorized(order) { _ in } }
                #expect(error?.retryAfter == .seconds(601))
                #expect(time.waits.isEmpty)
            }
        }
    }

    @Test func aCertificateIsWaitedFor() async throws {
        try await run(["valid"], ["processing", "valid"]) { client, order, time in
            let finalized = try await client.finalize(order, request: [1])
            let issued = try await client.issued(finalized)
            #expect(issued.status == .valid)
            #expect(time.waits == [.milliseconds(100), .milliseconds(150)])
        }
    }

    @Test func anUnknownStatusOfAnOrderIsStrangeAndNotTriedAgain() async throws {
        try await run(["valid"], ["deferred"]) { client, order, _ in
            let error = await #expect(throws: ACMEError.self) { _ = try await client.authorized(order) { _ in } }
            #expect(error?.kind == .strange)
            #expect(error?.message == "the CA's order has an unknown status: 'deferred'")
            #expect(error?.isTransient == false)
        }
    }

    @Test func anUnknownStatusOfAnAuthorizationIsStrange() async throws {
        try await run(["deferred"], ["pending"]) { client, order, _ in
            let error = await #expect(throws: ACMEError.self) { _ = try await client.authorized(order) { _ in } }
            #expect(error?.message == "the CA's authorization has an unknown status: 'deferred'")
        }
    }
}
