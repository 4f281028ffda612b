import Domain
import Foundation
import Testing

@Suite struct ScheduleDefinitionTests {
    @Test(
        "planned times are the multiples since 1970",
        arguments: [
            ("15m", "2026-09-21T14:13:20Z", "2026-09-21T14:00:00Z", "2026-09-21T14:15:00Z"),
            ("15m", "2026-09-21T14:15:00Z", "2026-09-21T14:15:00Z", "2026-09-21T14:30:00Z"),
            ("15m", "2026-09-21T14:14:59.999999Z", "2026-09-21T14:00:00Z", "2026-09-21T14:15:00Z"),
            ("1d", "2026-09-21T14:13:20Z", "2026-09-21T00:00:00Z", "2026-09-22T00:00:00Z"),
            // 1970-01-01 was a Thursday.
            ("7d", "2026-09-21T14:13:20Z", "2026-09-17T00:00:00Z", "2026-09-24T00:00:00Z"),
            ("1h", "1969-12-31T23:30:00Z", "1969-12-31T23:00:00Z", "1970-01-01T00:00:00Z"),
        ])
    func planned(_ every: String, _ now: String, _ planned: String, _ next: String) throws {
        let schedule = ScheduleDefinition(every: try #require(DurationText.parse(every)), with: [])
        let now = try #require(Date(rfc3339: now))
        #expect(schedule.planned(at: now) == Date(rfc3339: planned))
        #expect(schedule.next(after: now) == Date(rfc3339: next))
    }

    @Test func whoAsksForScheduledJobsIsNamedAsTheSchedule() {
        #expect(Requester.rule(ScheduleDefinition.requester).description == "schedule")
        #expect(Requester.rule("geth-down").description == "rule geth-down")
    }
}
