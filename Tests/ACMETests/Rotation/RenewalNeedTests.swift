import Domain
import Foundation
import Testing

@testable import ACME

@Suite struct RenewalNeedTests {
    private let now = Date(timeIntervalSince1970: 1_790_000_000)
    private let directory = "https://ca.example.org/directory"

    private func wish(_ names: [String] = ["api.example.org"], key: CertificateKey.Kind = .p256) -> CertificateWish {
        CertificateWish(
            name: "api", names: names, key: key, profile: nil, preferredIssuer: nil, proof: .http(nil),
            destinations: [])
    }

    private func question(_ wish: CertificateWish? = nil, isForced: Bool = false, step: String = "step-2")
        -> RenewalNeed.Question
    {
        RenewalNeed.Question(
            wish: wish ?? self.wish(), directory: directory, profile: nil, isForced: isForced, step: step)
    }

    /// A certificate of so many days, so many of which are over.
    private func issued(days: Double, age: Double, by step: String = "step-1") -> CertificateRecord.Issued {
        let begin = now.advanced(by: .seconds(-age * 86_400))
        return CertificateRecord.Issued(
            serialNumber: "01ab", issuer: "CA", notBefore: begin, notAfter: begin.advanced(by: .seconds(days * 86_400)),
            names: ["api.example.org"], certID: "a.b", directory: directory, profile: nil, key: "p256", issuedAt: begin,
            by: step)
    }

    private func need(_ record: CertificateRecord, _ question: RenewalNeed.Question? = nil) -> RenewalNeed {
        RenewalNeed(record, question ?? self.question(), now: now)
    }

    private func record(_ current: CertificateRecord.Issued?) -> CertificateRecord {
        var record = CertificateRecord()
        record.current = current
        return record
    }

    private func isIssue(_ need: RenewalNeed) -> Bool { if case .issue = need { true } else { false } }
    private func isNothing(_ need: RenewalNeed) -> Bool { if case .nothing = need { true } else { false } }

    @Test func whatIsNotThereIsIssued() {
        #expect(need(CertificateRecord()) == .issue("there is none yet"))
    }

    @Test(arguments: [90.0, 45, 6]) func aCertificateIsRenewedWithAThirdOfItsLifeLeft(days: Double) {
        #expect(isNothing(need(record(issued(days: days, age: days * 0.5)))))
        #expect(isIssue(need(record(issued(days: days, age: days * 0.67)))))
    }

    @Test func anEndedCertificateIsRenewedAtOnce() {
        guard case .issue(let why) = need(record(issued(days: 90, age: 91))) else {
            Issue.record("it is not issued")
            return
        }
        #expect(why.hasPrefix("it ended on"))
    }

    @Test func theWindowOfTheCADecidesWhereItIsForThisCertificate() {
        var record = record(issued(days: 90, age: 10))
        let info = RenewalInfo(
            start: now.advanced(by: .seconds(-86_400)), end: now.advanced(by: .seconds(-3600)), explanation: nil,
            lookAgainAfter: .seconds(3600))
        record.window = RenewalWindow(info, of: "a.b", now: now)
        #expect(isIssue(need(record)))
        record.window = RenewalWindow(info, of: "another", now: now)
        #expect(isNothing(need(record)))
    }

    @Test func aWindowThatLiesAheadHoldsTheRenewalBack() {
        var record = record(issued(days: 90, age: 70))
        record.window = RenewalWindow(
            RenewalInfo(
                start: now.advanced(by: .seconds(3 * 86_400)), end: now.advanced(by: .seconds(4 * 86_400)),
                explanation: nil, lookAgainAfter: .seconds(3600)), of: "a.b", now: now)
        #expect(isNothing(need(record)))
    }

    @Test func aWindowAfterTheEndDoesNotLetTheCertificateEnd() {
        var record = record(issued(days: 90, age: 89))
        record.window = RenewalWindow(
            RenewalInfo(
                start: now.advanced(by: .seconds(30 * 86_400)), end: now.advanced(by: .seconds(31 * 86_400)),
                explanation: nil, lookAgainAfter: .seconds(3600)), of: "a.b", now: now)
        #expect(isIssue(need(record)))
    }

    @Test func otherNamesAnotherKeyAndAnotherCAAreReasonsToo() {
        let fresh = record(issued(days: 90, age: 1))
        #expect(isIssue(need(fresh, question(wish(["api.example.org", "www.example.org"])))))
        #expect(isIssue(need(fresh, question(wish(key: .rsa2048)))))
        var elsewhere = question()
        elsewhere.directory = "https://other.example.org/directory"
        #expect(isIssue(need(fresh, elsewhere)))
        var profiled = question()
        profiled.profile = "shortlived"
        #expect(isIssue(need(fresh, profiled)))
        #expect(isNothing(need(fresh)))
    }

    @Test func forceIsObeyedOnceByEachStep() {
        let fresh = record(issued(days: 90, age: 1, by: "step-1"))
        #expect(need(fresh, question(isForced: true, step: "step-2")) == .issue("it was asked for"))
        #expect(isNothing(need(fresh, question(isForced: true, step: "step-1"))))
    }

    @Test func aForcedStepGoesOnWithItsOwnOrderAndNotWithAnothers() {
        var record = record(issued(days: 90, age: 1))
        record.order = CertificateRecord.Order(
            directory: directory, names: ["api.example.org"], profile: nil, replaces: nil, by: "step-2", askedAt: now,
            url: nil)
        #expect(need(record, question(isForced: true, step: "step-2")) == .goOn)
        #expect(need(record, question(isForced: true, step: "step-3")) == .issue("it was asked for"))
        #expect(need(record, question()) == .goOn)
    }

    @Test func anOrderForOtherNamesIsNotGoneOnWith() {
        var record = CertificateRecord()
        record.order = CertificateRecord.Order(
            directory: directory, names: ["old.example.org"], profile: nil, replaces: nil, by: "step-1", askedAt: now,
            url: "https://ca.example.org/order/1")
        #expect(isIssue(need(record)))
    }

    @Test func aNewCertificateThatIsNotEverywhereIsGoneOnWith() {
        var record = record(issued(days: 90, age: 61))
        record.next = issued(days: 90, age: 0)
        #expect(need(record) == .goOn)
    }

    @Test func whatTheCAHasForbiddenIsNotAskedAlsoByForce() {
        let wait = CertificateRecord.Wait(until: now.advanced(by: .seconds(1)), why: "too many")
        var record = CertificateRecord()
        record.wait = wait
        #expect(need(record, question(isForced: true)) == .wait(wait))
        record.wait?.until = now
        #expect(isIssue(need(record)))
    }
}
