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

    @Test func `A run begins within the jitter after its planned time, the same at each asking`() throws {
        var schedule = ScheduleDefinition(every: .seconds(3600), with: [])
        schedule.jitter = .seconds(600)
        schedule.name = "backup"
        var waits: Set<Double> = []
        for hour in 0..<200 {
            let planned = Date(timeIntervalSince1970: 1_790_000_000 - 800 + Double(hour) * 3600)
            let begin = schedule.begin(of: planned)
            #expect(begin == schedule.begin(of: planned))
            waits.insert(begin.timeIntervalSince(planned))
            #expect((0...600).contains(begin.timeIntervalSince(planned)))
            // Due from that second on, not before.
            #expect(schedule.due(at: begin) == planned)
            #expect(schedule.due(at: begin.addingTimeInterval(-0.001)) == planned.addingTimeInterval(-3600))
            #expect(schedule.nextBegin(after: begin.addingTimeInterval(-0.001)) == begin)
            #expect(schedule.nextBegin(after: begin) == schedule.begin(of: planned.addingTimeInterval(3600)))
        }
        #expect(waits.count > 100)
        // Another schedule at the same time begins at another.
        var other = schedule
        other.name = "report"
        let planned = Date(timeIntervalSince1970: 1_790_000_000 - 800)
        #expect(other.begin(of: planned) != schedule.begin(of: planned))
        // It must not move with the program's versions: the first eight bytes of sha256("backup\0" + microseconds) as a
        // number, modulo 601.
        #expect(schedule.begin(of: planned).timeIntervalSince(planned) == 165)
    }

    @Test(arguments: [(24, 24, false), (25, 24, true), (0, 0, false), (1, 1, false)])
    func `Of planned times that were missed the latest are found, and whether there were more`(
        missed: Int, found: Int, areMore: Bool
    ) throws {
        let schedule = ScheduleDefinition(every: .seconds(3600), with: [])
        let last = Date(timeIntervalSince1970: 1_790_000_000 - 800)
        let (times, more) = schedule.planned(
            after: last.addingTimeInterval(-3600 * Double(missed)), through: last, most: ScheduleDefinition.mostMadeUp)
        #expect(times.count == found && more == areMore)
        #expect(times == times.sorted() && times.last == (missed == 0 ? nil : last))
    }

    @Test func whoAsksForScheduledJobsIsNamedAsTheSchedule() {
        #expect(Requester.rule(ScheduleDefinition.requester).description == "schedule")
        #expect(Requester.rule("geth-down").description == "rule geth-down")
    }
}
