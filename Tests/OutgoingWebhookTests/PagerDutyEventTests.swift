import Domain
import Foundation
import Testing

@testable import OutgoingWebhook

@Suite struct PagerDutyEventTests {
    private func event(_ message: OutboxMessage, source: String = "defimon") throws -> JSONValue {
        let action = try #require(PagerDutyEvent.action(for: message))
        return try JSONValue(
            parsing: PagerDutyEvent.body(
                action, for: message, source: source, routingKey: Secret(Fixture.routingKey)))
    }

    @Test func aFailureTriggers() throws {
        let event = try event(Fixture.message(.failure, title: "deploy analytics · job 42 · failed"))
        #expect(event["routing_key"] == .string(Fixture.routingKey))
        #expect(event["event_action"] == "trigger")
        #expect(event["dedup_key"] == "defimon/job/42")
        let payload = try #require(event["payload"])
        #expect(payload["summary"] == "deploy analytics · job 42 · failed")
        #expect(payload["severity"] == "critical")
        #expect(payload["source"] == "defimon")
        #expect(payload["timestamp"] == "2026-09-21T14:13:20.000000Z")
        #expect(payload["custom_details"]?["job"] == 42)
        #expect(payload["custom_details"]?["text"] == "deploy analytics · job 42 · failed")
    }

    @Test func aSuccessOfTheSameSubjectResolves() throws {
        let subject = "preview/acme/api/42"
        let failed = try event(Fixture.message(.failure, subject: subject))
        let succeeded = try event(Fixture.message(.success, subject: subject))
        #expect(succeeded["event_action"] == "resolve")
        #expect(succeeded["dedup_key"] == failed["dedup_key"])
        #expect(succeeded["payload"] == nil)
    }

    @Test(arguments: [
        (Report.Mood.info, OutboxMessage.Slot.main), (.waiting, .main), (.running, .main), (.warning, .main),
        (.info, .single), (.failure, .thread), (.success, .thread),
    ])
    func whatNeedsNobodySendsNothing(mood: Report.Mood, slot: OutboxMessage.Slot) {
        #expect(PagerDutyEvent.action(for: Fixture.message(mood, slot: slot)) == nil)
    }

    @Test func aWarningOfItsOwnTriggersAWarning() {
        #expect(
            PagerDutyEvent.action(for: Fixture.message(.warning, slot: .single)) == .trigger(severity: "warning"))
    }

    @Test func anEscalationIsTheSameAlertAsItsJobs() {
        #expect(
            PagerDutyEvent.dedupKey("job/42/escalation", source: "x") == PagerDutyEvent.dedupKey("job/42", source: "x"))
    }

    @Test func twoBotsHaveDifferentAlerts() {
        #expect(PagerDutyEvent.dedupKey("job/42", source: "a") != PagerDutyEvent.dedupKey("job/42", source: "b"))
    }

    @Test func aKeyOfTheBoundIsKeptAndALongerOneStaysUnique() {
        let fits = String(repeating: "a", count: 255 - 2)
        #expect(PagerDutyEvent.dedupKey(fits, source: "x") == "x/" + fits)
        let one = PagerDutyEvent.dedupKey(fits + "b", source: "x")
        let other = PagerDutyEvent.dedupKey(fits + "c", source: "x")
        #expect(one.utf8.count == 255)
        #expect(one != other)
        #expect(one == PagerDutyEvent.dedupKey(fits + "b", source: "x"))
    }

    @Test func aKeyHasPlainCharactersOnly() {
        let key = PagerDutyEvent.dedupKey("preview/ä b\n/42", source: "x")
        #expect(key.utf8.allSatisfy { (0x21...0x7e).contains($0) })
        #expect(key != PagerDutyEvent.dedupKey("preview/ö b\n/42", source: "x"))
    }

    @Test(arguments: [1024, 1025, 5000]) func aSummaryKeepsToPagerDutysBound(count: Int) throws {
        let title = String(repeating: "x", count: count)
        let summary = try #require(
            try event(Fixture.message(.failure, title: title))["payload"]?["summary"]?.stringValue)
        #expect(summary.utf16.count == 1024)
        #expect(summary.hasSuffix("… (cut)") == (count > 1024))
    }

    @Test func aSummaryIsOneLineAndNeverEmpty() throws {
        let nasty = try event(Fixture.message(.failure, title: "one\r\ntwo\u{202E}\u{0}three"))
        #expect(nasty["payload"]?["summary"] == "one two three")
        let empty = try event(Fixture.message(.failure, title: "\n"))
        #expect(empty["payload"]?["summary"]?.stringValue?.isEmpty == false)
    }

    @Test func theLargestEventStaysBelowPagerDutysBound() {
        let nasty = String(repeating: "\u{1}", count: 500_000)
        let message = Fixture.message(.failure, subject: nasty, title: nasty, blocks: [.code(nasty)])
        let body = PagerDutyEvent.body(
            .trigger(severity: "critical"), for: message, source: "x", routingKey: Secret(Fixture.routingKey))
        #expect(body.count < 512_000)
    }
}
