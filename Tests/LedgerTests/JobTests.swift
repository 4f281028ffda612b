import Domain
import Foundation
import Ledger
import TestSupport
import Testing

@Suite struct JobTests {
    @Test func jobAndStepsComeBackAsTheyWere() async throws {
        try await withLedger { ledger in
            let job = aJob(ledger.nextJobID())
            var second = aStep(job.id, 1)
            try await ledger.commit(LedgerChange([.saveJob(job), .saveStep(second), .saveStep(aStep(job.id, 0))]))
            second.state = .succeeded
            second.output = ["image": "geth:1.14"]
            try await ledger.commit(LedgerChange([.saveStep(second)]))
            #expect(try await ledger.job(id: job.id) == job)
            #expect(try await ledger.steps(jobID: job.id) == [aStep(job.id, 0), second])
            #expect(try await ledger.job(id: 99) == nil)
        }
    }

    @Test func staleVersionIsRefusedAsAWhole() async throws {
        try await withLedger { ledger in
            try await ledger.commit(LedgerChange([.saveJob(aJob(1))]))
            try await ledger.commit(LedgerChange([.saveJob(aJob(1, version: 2, state: .running))]))
            for version: Int64 in [1, 2, 4] {
                let change = LedgerChange(
                    [.saveStep(aStep(1, 0)), .saveJob(aJob(1, version: version, state: .failed))], audit: [anEntry()])
                let error = await #expect(throws: LedgerError.self) { try await ledger.commit(change) }
                guard case .conflict = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
            }
            #expect(try await ledger.job(id: 1)?.state == .running)
            #expect(try await ledger.steps(jobID: 1).isEmpty)
            #expect(try await ledger.audit(AuditFilter()).isEmpty)
        }
    }

    @Test func openJobsAreThoseThatAreNotFinal() async throws {
        try await withLedger { ledger in
            for (index, state) in JobState.allCases.enumerated() {
                try await ledger.commit(LedgerChange([.saveJob(aJob(Int64(index + 1), state: state))]))
            }
            let open = try await ledger.openJobs()
            #expect(open.map(\.state) == JobState.allCases.filter { !$0.isFinal })
        }
    }

    @Test func manyOpenJobsKeepTheirOrder() async throws {
        try await withLedger { ledger in
            try await ledger.commit(LedgerChange((1...1001).map { .saveJob(aJob($0)) }))
            #expect(try await ledger.openJobs().map(\.id) == Array(1...1001))
        }
    }

    @Test func jobsAreFilteredNewestFirst() async throws {
        try await withLedger { ledger in
            for id: JobID in 1...6 {
                var job = aJob(id, state: id.isMultiple(of: 2) ? .failed : .queued)
                job.command = id > 3 ? "restart-geth" : "deploy"
                job.eventID = id
                try await ledger.commit(LedgerChange([.saveJob(job)]))
            }
            #expect(try await ledger.jobs(JobFilter()).map(\.id) == [6, 5, 4, 3, 2, 1])
            #expect(try await ledger.jobs(JobFilter(states: [.failed])).map(\.id) == [6, 4, 2])
            #expect(try await ledger.jobs(JobFilter(states: [.failed, .queued], limit: 2)).map(\.id) == [6, 5])
            #expect(try await ledger.jobs(JobFilter(command: "deploy")).map(\.id) == [3, 2, 1])
            #expect(try await ledger.jobs(JobFilter(eventID: 5)).map(\.id) == [5])
            #expect(try await ledger.jobs(JobFilter(states: [.queued], before: 4)).map(\.id) == [3, 1])
            #expect(try await ledger.jobs(JobFilter(states: [])).isEmpty)
        }
    }

    @Test func onlyAutomaticJobsThatRanCountForTheCooldown() async throws {
        let end = Date(microseconds: noon.microseconds + 5)
        try await withLedger { ledger in
            var byPerson = aJob(3, state: .succeeded)
            byPerson.startedAt = noon
            byPerson.endedAt = end.addingTimeInterval(100)
            try await ledger.commit(
                LedgerChange([
                    .saveJob(aRuleJob(1, endedAt: noon)), .saveJob(aRuleJob(2, endedAt: end)), .saveJob(byPerson),
                    .saveJob(aRuleJob(4, endedAt: end.addingTimeInterval(100), startedAt: nil)),
                    .saveJob(aRuleJob(5, endedAt: nil)),
                ]))
            #expect(try await ledger.lastAutomaticEnd(command: "deploy", guardKey: "geth-0") == end)
            #expect(try await ledger.lastAutomaticEnd(command: "deploy", guardKey: "geth-1") == nil)
        }
    }

    @Test(arguments: [
        ("pool/a", LockRequest.Mode.exclusive, "pool/a", LockRequest.Mode.exclusive, false),
        ("pool/a", .exclusive, "pool/a/node/1", .exclusive, false),
        ("pool/a/node/1", .exclusive, "pool/a", .shared, false),
        ("pool/a", .shared, "pool/a", .shared, true),
        ("pool/a", .shared, "pool/a/node/1", .exclusive, false),
        ("pool/a/node/1", .exclusive, "pool/a/node/10", .exclusive, true),
        ("pool/a", .exclusive, "pool/b", .exclusive, true),
    ])
    func locksOfTwoJobs(
        first: String, firstMode: LockRequest.Mode, second: String, secondMode: LockRequest.Mode, fit: Bool
    ) async throws {
        try await withLedger { ledger in
            try await ledger.commit(
                LedgerChange([
                    .saveJob(aJob(1)), .saveJob(aJob(2)),
                    .takeLocks(jobID: 1, fencing: 11, [LockRequest(path: first, mode: firstMode)]),
                ]))
            let change = LedgerChange([
                .takeLocks(
                    jobID: 2, fencing: 12,
                    [LockRequest(path: "aaa/free"), LockRequest(path: second, mode: secondMode)])
            ])
            if fit {
                try await ledger.commit(change)
                #expect(try await ledger.heldLocks().count == 3)
            } else {
                await #expect(throws: LedgerError.self) { try await ledger.commit(change) }
                #expect(try await ledger.heldLocks().map(\.jobID) == [1])
                try await ledger.commit(LedgerChange([.releaseLocks(jobID: 1)]))
                try await ledger.commit(change)
                #expect(try await ledger.heldLocks().map(\.fencing) == [12, 12])
            }
        }
    }

    @Test func jobTakesItsOwnLocksAgain() async throws {
        try await withLedger { ledger in
            let locks = [LockRequest(path: "pool/a")]
            try await ledger.commit(LedgerChange([.saveJob(aJob(1)), .takeLocks(jobID: 1, fencing: 1, locks)]))
            try await ledger.commit(LedgerChange([.takeLocks(jobID: 1, fencing: 2, locks)]))
            #expect(
                try await ledger.heldLocks() == [HeldLock(request: locks[0], jobID: 1, fencing: 2)])
        }
    }
}
