import Domain
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Ethereum

@Suite struct AllowRestartTests {
    private let time = VirtualTime()

    private func allow(
        _ cause: String, other: @escaping @Sendable (inout FakeNode.State) -> Void = { _ in },
        _ more: [String: JSONValue] = [:]
    ) async throws -> JSONValue {
        let result = Mutex<JSONValue>(.null)
        let inputs = more.merging(["node": "geth-0", "cause": .string(cause)]) { given, _ in given }
        // The node itself is not asked: what was diagnosed counts.
        let own = FakeNode(time: time) { $0.status = 500 }
        try await withNodes([own, FakeNode(time: time, other)], time: time) { nodes in
            let action = try action("ethereum.allow-restart", .object(inputs), nodes)
            let outputs = try await action.perform(context(time))
            result.withLock { $0 = outputs }
        }
        return result.withLock { $0 }
    }

    private static let old: @Sendable (inout FakeNode.State) -> Void = { $0.headAge = 7200 }

    @Test(arguments: ["geth-down", "geth-stuck"]) func aRestartThatHelpsAndLeavesAnotherNodeIsAllowed(cause: String)
        async throws
    {
        let outputs = try await allow(cause)
        #expect(outputs["restart"] == true)
        #expect(outputs["others"] == ["geth-1"])
        #expect(outputs["details"] == "geth-1: in sync, head 4 s old, 12 peers")
    }

    @Test func whatIsDownMayAlwaysBeStarted() async throws {
        let outputs = try await allow("geth-down", other: AllowRestartTests.old)
        #expect(outputs["restart"] == true)
        #expect(outputs["summary"] == "Geth of geth-0 is down and is started, no other node is in sync")
    }

    @Test func theLastNodeThatAnswersIsNotRestarted() async throws {
        let error = await #expect(throws: ActionError.self) {
            try await allow("geth-stuck", other: AllowRestartTests.old)
        }
        #expect(
            error?.message
                == "no other node is in sync: geth-1: head 2 h old, more than 1 min; geth-0 is geth-stuck too, so none serves well"
        )
        #expect(error?.retry == .never)
        let healthy = await #expect(throws: ActionError.self) {
            try await allow("healthy", other: AllowRestartTests.old, ["asked_by": "olivia"])
        }
        #expect(healthy?.message == "no other node is in sync: geth-1: head 2 h old, more than 1 min")
        let forced = try await allow("geth-stuck", other: AllowRestartTests.old, ["force": true])
        #expect(forced["restart"] == true)
        #expect(forced["summary"]?.stringValue?.contains("by force, no other node is in sync") == false)
    }

    @Test(
        arguments: [
            ("jwt-mismatch", "same JWT secret"), ("clock-off", "NTP"), ("lighthouse-down", "start Lighthouse"),
            ("lighthouse-stuck", "restart Lighthouse"), ("disk-full", "disk larger"), ("no-peers", "firewall"),
            ("network", "way to it"), ("unclear", "both logs"),
        ])
    func whereGethIsNotTheCauseItSaysWhatIs(cause: String, hint: String) async throws {
        let error = await #expect(throws: ActionError.self) { try await allow(cause) }
        #expect(error?.message == "a restart of Geth is no remedy: geth-0 is \(cause)")
        #expect(error?.hint?.contains(hint) == true, "\(error?.hint ?? "")")
        #expect(try await allow(cause, ["force": true])["restart"] == true)
    }

    @Test func whatCatchesUpIsNotEvenRestartedByForce() async throws {
        let error = await #expect(throws: ActionError.self) { try await allow("catching-up", ["force": true]) }
        #expect(error?.message.contains("catches up by itself") == true)
    }

    @Test func aHealthyNodeIsRestartedForAPersonAndNotForARule() async throws {
        #expect(try await allow("healthy", ["asked_by": "olivia"])["restart"] == true)
        let outputs = try await allow("healthy", ["asked_by": ""])
        #expect(outputs["restart"] == false)
        #expect(outputs["summary"] == "geth-0 is in sync: nothing is restarted, geth-1 in sync")
    }

    @Test func whereTheCommandHasNoStepsNothingIsBegun() async throws {
        let error = await #expect(throws: ActionError.self) { try await allow("geth-down", ["places": ["kubernetes"]]) }
        #expect(error?.message == "geth-0 runs on host, and this command works on kubernetes alone")
        #expect(error?.hint == "restart it by hand: geth")
        #expect(try await allow("geth-down", ["places": ["kubernetes", "host"]])["restart"] == true)
        await #expect(throws: Problem.self) { try await allow("geth-down", ["places": ["cloud"]]) }
    }

    @Test func theHalfThatIsMeantDecides() async throws {
        #expect(try await allow("lighthouse-down", ["half": "consensus"])["restart"] == true)
        let error = await #expect(throws: ActionError.self) {
            try await allow("geth-stuck", ["half": "consensus"])
        }
        #expect(error?.message == "a restart of Lighthouse is no remedy: geth-0 is geth-stuck")
        // A node is known by the names of its workloads, too.
        let byHalf = try await allow("lighthouse-down", ["half": "consensus", "node": "lighthouse"])
        #expect(byHalf["summary"]?.stringValue?.contains("of geth-0 is down") == true)
        let called = try await allow("lighthouse-down", ["half": "consensus", "node": "lighthouse-0"])
        #expect(called["summary"]?.stringValue?.contains("of geth-0 is down") == true)
        let nowhere = await #expect(throws: ActionError.self) {
            try await allow("lighthouse-down", ["half": "consensus", "node": "geth-1"])
        }
        #expect(nowhere?.message == "the settings do not say where Lighthouse of geth-1 runs")
    }
}
