import Domain
import Foundation
import Testing

@testable import ACME

@Suite struct OrderLimitsTests {
    private let now = Date(timeIntervalSince1970: 1_790_000_000)
    private let limits = OrderLimits(weekly: 5)
    private let names = ["api.example.org", "www.example.org"]

    private func made(_ count: Int, ago: Duration, isIssued: Bool, _ names: [String]? = nil)
        -> [CertificateRecord.Made]
    {
        (0..<count).map { index in
            CertificateRecord.Made(
                at: now.advanced(by: ago * -1 + .seconds(index)), names: names ?? self.names, isIssued: isIssued)
        }
    }

    @Test func fourCertificatesForTheSameNamesWithinAWeekLeaveRoomForOneMore() {
        #expect(limits.wait(for: names, made(4, ago: .seconds(3600), isIssued: true), now: now) == nil)
    }

    @Test func theFifthWithinAWeekIsTheLastUntilTheFirstIsAWeekOld() throws {
        let wait = try #require(
            limits.wait(for: names.reversed(), made(5, ago: .seconds(2 * 86_400), isIssued: true), now: now))
        #expect(wait.until == now.advanced(by: .seconds(5 * 86_400)))
        #expect(wait.why.contains("5 certificates for the same names"))
    }

    @Test func certificatesOlderThanAWeekDoNotCount() {
        #expect(limits.wait(for: names, made(5, ago: OrderLimits.week + .seconds(10), isIssued: true), now: now) == nil)
    }

    @Test func anotherSetOfNamesIsCountedForItself() {
        #expect(
            limits.wait(for: ["api.example.org"], made(5, ago: .seconds(3600), isIssued: true), now: now) == nil)
    }

    @Test func fiveFailedOrdersWithinAnHourEndUntilTheFirstIsAnHourOld() throws {
        #expect(limits.wait(for: names, made(4, ago: .seconds(600), isIssued: false), now: now) == nil)
        let wait = try #require(limits.wait(for: names, made(5, ago: .seconds(600), isIssued: false), now: now))
        #expect(wait.until == now.advanced(by: .seconds(3000)))
        #expect(limits.wait(for: names, made(5, ago: .seconds(3700), isIssued: false), now: now) == nil)
    }

    @Test func fiftyCertificatesBelowOneDomainWithinAWeekAreTheLast() throws {
        let others = (0..<50).flatMap { made(1, ago: .seconds(86_400), isIssued: true, ["n\($0).example.org"]) }
        #expect(limits.wait(for: ["new.example.org"], Array(others.dropLast()), now: now) == nil)
        let wait = try #require(limits.wait(for: ["new.example.org"], others, now: now))
        #expect(wait.why.contains("below example.org"))
        #expect(limits.wait(for: ["new.example.net"], others, now: now) == nil)
    }

    @Test func whatNoLimitCountsIsForgotten() {
        var record = CertificateRecord()
        record.made = made(3, ago: OrderLimits.week + .seconds(3), isIssued: true)
        record.note(orderFor: names, at: now)
        #expect(record.made == [CertificateRecord.Made(at: now, names: names, isIssued: false)])
        record.noteIssued()
        #expect(record.made.last?.isIssued == true)
    }
}
