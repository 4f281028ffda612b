import Domain
import Foundation
import TestSupport
import Testing

@testable import Kubernetes

/// What a process does about what it sees of the Lease, by its own clock alone.
struct LeaseClaimTests {
    private static let settings = LeaseSettings.of(seconds: 15)

    private func claim(_ identity: String = "a") -> LeaseClaim {
        LeaseClaim(identity: identity, settings: LeaseClaimTests.settings)
    }

    private func record(
        _ holder: String?, version: String = "1", seconds: Int? = 15, renewed: Date? = Date(timeIntervalSince1970: 1)
    ) -> LeaseRecord {
        LeaseRecord(holder: holder, seconds: seconds, acquired: nil, renewed: renewed, transitions: 3, version: version)
    }

    @Test func `a Lease that is not there, or that nobody holds, is taken at once`() {
        var claim = claim()
        #expect(claim.next(nil, now: .zero) == .write(over: nil))
        let free = record(nil)
        #expect(claim.next(free, now: .zero) == .write(over: free))
    }

    @Test func `another's Lease is taken over when this version of it was seen for its duration, not a moment before`()
    {
        var claim = claim()
        let theirs = record("b")
        #expect(claim.next(theirs, now: .seconds(100)) == .wait(holder: "b", .seconds(15)))
        #expect(claim.next(theirs, now: .milliseconds(114_999)) == .wait(holder: "b", .milliseconds(1)))
        #expect(claim.next(theirs, now: .seconds(115)) == .write(over: theirs))
    }

    @Test func `each renewal begins the waiting anew`() {
        var claim = claim()
        #expect(claim.next(record("b", version: "1"), now: .zero) == .wait(holder: "b", .seconds(15)))
        #expect(claim.next(record("b", version: "2"), now: .seconds(14)) == .wait(holder: "b", .seconds(15)))
        #expect(claim.next(record("b", version: "2"), now: .seconds(28)) == .wait(holder: "b", .seconds(1)))
    }

    @Test(arguments: [-1e9, 0, 1.79e9, 4e9])
    func `what time the other's clock shows makes no difference`(renewed: Double) {
        var claim = claim()
        let theirs = record("b", renewed: Date(timeIntervalSince1970: renewed))
        #expect(claim.next(theirs, now: .zero) == .wait(holder: "b", .seconds(15)))
        #expect(claim.next(theirs, now: .seconds(15)) == .write(over: theirs))
    }

    @Test func `the other's duration counts, ours where he gave none`() {
        var long = claim()
        #expect(long.next(record("b", seconds: 60), now: .zero) == .wait(holder: "b", .seconds(60)))
        var silent = claim()
        #expect(silent.next(record("b", seconds: nil), now: .zero) == .wait(holder: "b", .seconds(15)))
    }

    @Test func `a Lease that was deleted under its holder is waited for, as he does not know yet`() {
        var claim = claim()
        _ = claim.next(record("b"), now: .zero)
        #expect(claim.next(nil, now: .seconds(10)) == .wait(holder: "b", .seconds(15)))
        #expect(claim.next(nil, now: .seconds(24)) == .wait(holder: "b", .seconds(1)))
        // He has put it back.
        #expect(claim.next(record("b", version: "9"), now: .milliseconds(24_500)) == .wait(holder: "b", .seconds(15)))
        #expect(claim.next(nil, now: .seconds(30)) == .wait(holder: "b", .seconds(15)))
        #expect(claim.next(nil, now: .seconds(45)) == .write(over: nil))
    }

    @Test func `the holder puts a deleted Lease back, and loses one that another took`() {
        var claim = claim()
        claim.wrote(record("a"), began: .zero)
        #expect(claim.next(nil, now: .seconds(5)) == .write(over: nil))
        let emptied = record(nil, version: "7")
        #expect(claim.next(emptied, now: .seconds(5)) == .write(over: emptied))
        #expect(claim.next(record("b", version: "8"), now: .seconds(6)) == .lost(to: "b"))
        #expect(claim.since == nil)
    }

    @Test func `a write of ours whose answer was lost is found by its identity`() {
        var claim = claim()
        let ours = record("a", version: "5")
        #expect(claim.next(ours, now: .zero) == .write(over: ours))
    }

    @Test func `transitions count changes of the holder, and the time of taking stays`() {
        let claim = claim()
        let now = Date(timeIntervalSince1970: 1_790_000_000.25)
        #expect(claim.record(over: nil, wall: now).transitions == 0)
        #expect(claim.record(over: record("b"), wall: now).transitions == 4)
        var ours = record("a")
        ours.acquired = Date(timeIntervalSince1970: 5)
        let renewed = claim.record(over: ours, wall: now)
        #expect(renewed.transitions == 3)
        #expect(renewed.acquired == ours.acquired)
        #expect(renewed.renewed == now)
        #expect(renewed.seconds == 15)
    }

    @Test(
        arguments: [
            (1_790_000_000.25, "2026-09-21T14:13:20.250000Z"), (0.000_001, "1970-01-01T00:00:00.000001Z"),
            (1_790_000_000, "2026-09-21T14:13:20.000000Z"),
        ])
    func `times have six digits behind the second, as the API server wants them`(seconds: Double, text: String) {
        #expect(LeaseRecord.microTime(Date(timeIntervalSince1970: seconds)) == text)
    }

    @Test(
        arguments: [
            ("lease: {cluster: own}\nclusters: {own: {in_cluster: true}}", []),
            ("lease: {cluster: own}", ["there is no cluster 'own'"]),
            (
                "lease: {cluster: own, seconds: 4}\nclusters: {own: {in_cluster: true}}",
                ["'seconds' must be between 5 and 300"]
            ),
        ] as [(String, [String])])
    func `the section names a cluster of the settings and a sensible duration`(text: String, expected: [String]) throws
    {
        let found = try LeaseSettings.problems(in: text)
        #expect(found.count == expected.count)
        for (found, expected) in zip(found, expected) where expected.contains("cluster") { #expect(found == expected) }
    }
}
