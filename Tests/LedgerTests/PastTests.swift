import Domain
import Foundation
import GRDB
import Ledger
import TestSupport
import Testing

/// The recorded past, read in the order in which it came.
@Suite struct PastTests {
    private func at(_ seconds: Int) -> Date { noon.advanced(by: .seconds(seconds)) }

    private func job(_ id: JobID, rule: String? = "down", key: String = "k", at begin: Int = 0) -> Job {
        var job = aJob(id)
        if let rule { job.requester = .rule(rule) }
        job.guardKey = key
        job.createdAt = at(begin)
        return job
    }

    @Test func `The first delivery since a time is found by its arrival, to the moment`() async throws {
        try await withLedger { ledger in
            #expect(try await ledger.firstDelivery(since: noon) == nil)
            for number in 0..<37 {
                _ = try await (ledger as any DeliveryInbox).insert(
                    try verified("\(number)", receivedAt: at(number * 10)))
            }
            for number in 0..<37 {
                #expect(try await ledger.firstDelivery(since: at(number * 10)) == Int64(number + 1))
                #expect(try await ledger.firstDelivery(since: at(number * 10 - 9)) == Int64(number + 1))
            }
            #expect(try await ledger.firstDelivery(since: at(361)) == nil)
        }
    }

    @Test func `Deliveries of one source come in pages, in their order`() async throws {
        try await withLedger { ledger in
            for number in 0..<10 {
                let source = Source(number.isMultiple(of: 2) ? "github" : "alertmanager")
                _ = try await (ledger as any DeliveryInbox).insert(try verified("\(number)", source: source))
            }
            let source = Source("github")
            #expect(try await ledger.deliveryNumbers(of: source, after: 0, limit: 3) == [1, 3, 5])
            #expect(try await ledger.deliveryNumbers(of: source, after: 5, limit: 3) == [7, 9])
            #expect(try await ledger.deliveryNumbers(of: source, after: 9, limit: 3) == [])
        }
    }

    @Test func `Jobs come in pages from the first that was asked for since a time`() async throws {
        try await withLedger { ledger in
            // Numbers may have gaps.
            for id in [2, 3, 7, 20] { try await ledger.commit(LedgerChange([.saveJob(job(JobID(id), at: id))])) }
            #expect(try await ledger.firstJob(since: at(3)) == 3)
            #expect(try await ledger.firstJob(since: at(4)) == 7)
            #expect(try await ledger.firstJob(since: at(21)) == nil)
            #expect(try await ledger.jobs(after: 2, limit: 2).map(\.id) == [3, 7])
            #expect(try await ledger.jobs(after: 7, limit: 2).map(\.id) == [20])
        }
    }

    @Test func `The last end before a time is that of the latest job that had ended by then`() async throws {
        try await withLedger { ledger in
            for id in 1...3 {
                var done = job(JobID(id), at: id * 100)
                done.startedAt = done.createdAt
                done.endedAt = at(id * 100 + 50)
                try await ledger.commit(LedgerChange([.saveJob(done)]))
            }
            func end(_ before: Int) async throws -> Date? {
                try await ledger.lastAutomaticEnd(command: "deploy", guardKey: "k", before: at(before))
            }
            #expect(try await end(250) == at(150))
            #expect(try await end(251) == at(250))
            #expect(try await end(150) == nil)
        }
    }

    @Test func `A rule's runs are counted since a time, its newest job whenever it was`() async throws {
        try await withLedger { ledger in
            let states: [JobState] = [.succeeded, .failed, .timedOut, .unknown, .cancelled, .running]
            for (index, state) in states.enumerated() {
                var made = job(JobID(index + 1), at: index)
                made.state = state
                try await ledger.commit(LedgerChange([.saveJob(made)]))
            }
            try await ledger.commit(LedgerChange([.saveJob(job(50, rule: "another")), .saveJob(job(51, rule: nil))]))
            let all = try await ledger.runs(ofRule: "down", since: noon)
            #expect(all.succeeded == 1 && all.failed == 3 && all.other == 1 && all.open == 1 && !all.isCut)
            #expect(all.latest == 6 && all.latestAt == at(5))
            let some = try await ledger.runs(ofRule: "down", since: at(2))
            #expect(some.succeeded == 0 && some.failed == 2)
            let none = try await ledger.runs(ofRule: "down", since: at(6))
            #expect(none.all == 0 && none.latest == 6)
            #expect(try await ledger.runs(ofRule: "nobody", since: noon) == RuleRuns())
        }
    }

    @Test(arguments: [RuleRuns.most, RuleRuns.most + 1]) func `No more than the newest thousand runs are counted`(
        count: Int
    ) async throws {
        try await withLedger { ledger in
            let jobs = (1...count).map { LedgerWrite.saveJob(job(JobID($0))) }
            try await ledger.commit(LedgerChange(jobs))
            let runs = try await ledger.runs(ofRule: "down", since: noon)
            #expect(runs.all == RuleRuns.most && runs.isCut == (count > RuleRuns.most))
        }
    }

    @Test func `A rule's runs are found by an index`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("ledger.sqlite")
        try await withLedger(at: path) { ledger in try await ledger.commit(LedgerChange([.saveJob(job(1))])) }
        let plan = try await DatabaseQueue(path: path).read { db in
            try Row.fetchAll(
                db,
                sql: """
                    EXPLAIN QUERY PLAN SELECT id, state, created_at FROM jobs
                        WHERE requester_kind = 'rule' AND requester = ? ORDER BY id DESC LIMIT ?
                    """, arguments: ["rule down", 1001]
            ).map { $0["detail"] as String }.joined(separator: "\n")
        }
        #expect(plan.contains("jobs_by_rule") && !plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "\(plan)")
    }
}
