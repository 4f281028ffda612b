import Domain
import Foundation
import Ledger
import Logging
import Sandbox
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import GitHub

@Suite struct DeliverySweepTests {
    @Test func whatCameWhileTheBotWasDownIsAskedForAndSeenOnce() async throws {
        try await SweepWorld.run { world in
            try await world.open(2)
            try await world.sweep().run()
            world.answer(.nobody)
            try await world.open(5)
            world.answer(.bot)
            try await world.sweep().run()
            #expect(world.requests.count == 5)
            try #require(await world.tries(12))
            #expect(try await world.arrived() == world.guids)
            // Nothing is made twice of it, and nobody asks again.
            for _ in 0..<3 {
                world.clock.advance(by: .seconds(300))
                try await world.sweep().run()
            }
            #expect(world.requests.count == 5 && world.told.isEmpty)
            #expect(try await world.state()?.open == [])
            let rows = try await world.ledger.undecodedDeliveries(limit: 100)
            #expect(rows.count == 7 && rows.allSatisfy { $0.repeats == 0 })
            #expect(try await world.audit("delivery.redelivery-requested").count == 5)
        }
    }

    @Test func theyAreAskedForInTheOrderInWhichTheyWereMade() async throws {
        try await SweepWorld.run { world in
            try await world.sweep().run()
            world.answer(.nobody)
            try await world.open(3)
            world.answer(.bot)
            try await world.sweep().run()
            try #require(await world.tries(6))
            let rows = try await world.ledger.undecodedDeliveries(limit: 100)
            #expect(rows.map(\.deliveryID) == world.guids)
        }
    }

    @Test func whatWasSentBeforeTheFirstLookIsNotAskedFor() async throws {
        try await SweepWorld.run { world in
            world.answer(.nobody)
            try await world.open(3)
            world.answer(.bot)
            for _ in 0..<2 {
                try await world.sweep().run()
                world.clock.advance(by: .seconds(300))
            }
            #expect(world.requests.isEmpty && world.told.isEmpty)
        }
    }

    @Test(arguments: [500, 502, 503, 504, 302])
    func anAnswerThatIsNoYesIsAskedForAgain(status: Int) async throws {
        try await SweepWorld.run { world in
            try await world.sweep().run()
            world.answer(.status(status))
            try await world.open(1)
            world.answer(.bot)
            try await world.sweep().run()
            try #require(await world.tries(2))
            #expect(try await world.arrived() == world.guids)
        }
    }

    @Test(arguments: [400, 401, 403, 413, 429])
    func whatTheBotRefusedIsNotAskedFor(status: Int) async throws {
        try await SweepWorld.run { world in
            try await world.sweep().run()
            world.answer(.status(status))
            try await world.open(2)
            world.answer(.bot)
            for _ in 0..<3 {
                try await world.sweep().run()
                world.clock.advance(by: .seconds(300))
            }
            #expect(world.requests.isEmpty && world.told.isEmpty)
            let end = world.github.deliveryTries.first?.id
            #expect(try await world.state()?.cursor == end.map(Int64.init))
        }
    }

    @Test func oneThatIsRefusedWhenItComesAgainIsNotAskedForAThirdTime() async throws {
        try await SweepWorld.run { world in
            try await world.sweep().run()
            world.answer(.status(500))
            try await world.open(1)
            world.answer(.status(401))
            try await world.sweep().run()
            try #require(await world.tries(2))
            for _ in 0..<3 {
                world.clock.advance(by: .seconds(300))
                try await world.sweep().run()
            }
            #expect(world.requests.count == 1 && world.told.isEmpty)
            #expect(try await world.state()?.open == [])
        }
    }

    @Test func whatSomebodyElseTookIsAskedFor() async throws {
        try await SweepWorld.run { world in
            try await world.sweep().run()
            world.github.deliveryLoss = .takenByOther
            try await world.open(2)
            world.github.deliveryLoss = nil
            #expect(world.github.deliveryTries.allSatisfy { $0.outcome == .answered(200) })
            try await world.sweep().run()
            try #require(await world.tries(4))
            #expect(try await world.arrived() == world.guids)
        }
    }

    @Test func afterThreeRequestsItIsGivenUpAndToldOnce() async throws {
        try await SweepWorld.run { world in
            try await world.sweep().run()
            world.answer(.nobody)
            try await world.open(2)
            for round in 1...8 {
                try await world.sweep().run()
                try #require(await world.tries(2 + 2 * min(round, 3)))
                world.clock.advance(by: .seconds(300))
            }
            #expect(world.requests.count == 6)
            let told = try #require(world.told.first)
            #expect(world.told.count == 1 && told.mood == .warning)
            #expect(world.guids.allSatisfy(told.plainText.contains) && told.plainText.contains("3 times"))
            #expect(try await world.audit("delivery.given-up").count == 2)
            #expect(try await world.audit("delivery.redelivery-requested").count == 6)
            #expect(try await world.state()?.open == [])
        }
    }

    @Test func aSecondLookSoonAfterDoesNotCountWhatIsStillUnderWay() async throws {
        try await SweepWorld.run { world in
            try await world.sweep().run()
            world.answer(.nobody)
            try await world.open(1)
            for _ in 0..<5 { try await world.sweep().run() }
            #expect(world.requests.count == 1)
        }
    }

    @Test func oneThatIsGivenUpStaysSoWhenTheCursorCannotMoveYet() async throws {
        try await SweepWorld.run { world in
            try await world.sweep().run()
            world.answer(.nobody)
            try await world.open(1)
            for round in 1...4 {
                try await world.sweep().run()
                try #require(await world.tries(1 + min(round, 3)))
                world.clock.advance(by: .seconds(61))
                // Young ones hold the cursor.
                world.answer(.bot)
                try await world.open(1)
                world.answer(.nobody)
            }
            for _ in 0..<4 { try await world.sweep().run() }
            #expect(world.requests.count == 3 && world.told.count == 1)
        }
    }

    /// Writes the request down, and dies.
    private final class DyingWriter: LedgerWriter {
        struct Died: Error {}
        let ledger: any LedgerWriter
        let github: GitHubStandIn
        init(_ ledger: any LedgerWriter, _ github: GitHubStandIn) {
            self.ledger = ledger
            self.github = github
        }

        func commit(_ change: LedgerChange) async throws(LedgerError) {
            let isRequest = change.audit.contains { $0.kind == "delivery.redelivery-requested" }
            // The request is made, and what comes after it never is written.
            guard isRequest || !github.failures.received.contains(where: { $0.hasSuffix("/attempts") }) else {
                throw .closed
            }
            try await ledger.commit(change)
            if isRequest { github.failures.set(.resetAfterwards, 1) { method, _ in method == "POST" } }
        }
    }

    @Test func aCrashAfterTheRequestDoesNotMakeItFour() async throws {
        try await SweepWorld.run { world in
            try await world.sweep().run()
            world.answer(.nobody)
            try await world.open(1)
            for _ in 0..<6 {
                // GitHub takes the request; the bot never hears of it, and ends.
                await #expect(throws: (any Error).self) {
                    try await world.sweep(writer: DyingWriter(world.ledger, world.github)).run()
                    // Later ones end without a request.
                    throw DyingWriter.Died()
                }
                world.clock.advance(by: .seconds(300))
            }
            world.github.failures.clear()
            for _ in 0..<3 {
                try await world.sweep().run()
                world.clock.advance(by: .seconds(300))
            }
            #expect(world.requests.count == 3 && world.told.count == 1)
        }
    }

    @Test func aListThatFailsChangesNothingAndIsTriedAgain() async throws {
        try await SweepWorld.run { world in
            try await world.open(1)
            try await world.sweep().run()
            world.answer(.nobody)
            try await world.open(2)
            world.answer(.bot)
            let before = try await world.state()
            world.github.failures.set(.internalError)
            await #expect(throws: GitHubFailure.self) { try await world.sweep().run() }
            #expect(try await world.state() == before)
            #expect(world.told.isEmpty)
            world.github.failures.clear()
            try await world.sweep().run()
            try #require(await world.tries(5))
            #expect(try await world.arrived() == world.guids)
        }
    }

    @Test func aLimitStopsItAndItGoesOnNextTime() async throws {
        try await SweepWorld.run { world in
            try await world.sweep().run()
            world.answer(.nobody)
            try await world.open(4)
            world.answer(.bot)
            // The third request is refused.
            let count = Mutex(0)
            world.github.failures.set(.primaryRateLimit, 1) { method, _ in
                guard method == "POST" else { return false }
                return count.withLock { count in
                    count += 1
                    return count == 3
                }
            }
            await #expect(throws: GitHubFailure.self) { try await world.sweep().run() }
            #expect(world.requests.count == 3)
            #expect(try await world.state()?.open.map(\.asked) == [1, 1])
            // As long as GitHub wants it, nothing is asked at all.
            let asked = world.github.failures.received.count
            await #expect(throws: GitHubFailure.self) { try await world.sweep().run() }
            #expect(world.github.failures.received.count == asked)
            world.clock.advance(by: .seconds(300))
            try await world.sweep().run()
            try #require(await world.tries(8))
            #expect(try await world.arrived() == world.guids)
            #expect(world.told.isEmpty)
        }
    }

    @Test func whatIsOlderThanGitHubKeepsIsToldAsLostOnce() async throws {
        try await SweepWorld.run { world in
            try await world.open(1)
            try await world.sweep().run()
            let stopped = world.clock.now
            world.answer(.nobody)
            world.clock.advance(by: .seconds(3600))
            try await world.open(1)
            world.clock.advance(by: .seconds(4 * 86_400))
            try await world.open(1)
            world.answer(.bot)
            for _ in 0..<3 {
                try await world.sweep().run()
                world.clock.advance(by: .seconds(300))
            }
            let told = try #require(world.told.first)
            #expect(world.told.count == 1 && told.mood == .failure && told.plainText.contains("lost"))
            let record = try #require(try await world.audit("deliveries.lost").first)
            let until = stopped.advanced(by: .seconds(3600 + 86_400))
            #expect(
                record.detail == ["from": .string(stopped.rfc3339), "until": .string(until.rfc3339)])
            #expect(try await world.audit("deliveries.lost").count == 1)
            // What GitHub still has is asked for.
            #expect(world.requests.count == 1)
        }
    }

    @Test func anEmptyListIsNoLossWhileTheBotLooked() async throws {
        try await SweepWorld.run { world in
            try await world.open(1)
            // A quiet week: the list gets empty, and the bot looks at it all the time.
            for _ in 0..<14 {
                try await world.sweep().run()
                world.clock.advance(by: .seconds(86_400 / 2))
            }
            #expect(world.github.deliveryTries.isEmpty && world.told.isEmpty)
            world.github.failures.set(.emptyList)
            try await world.sweep().run()
            #expect(world.told.isEmpty)
        }
    }

    @Test func aLongStopWithNothingInTheListIsToldAsPossibleLoss() async throws {
        try await SweepWorld.run { world in
            try await world.sweep().run()
            world.clock.advance(by: .seconds(5 * 86_400))
            try await world.sweep().run()
            #expect(world.told.count == 1)
        }
    }

    @Test func nothingFromBeforeARestoreIsAskedFor() async throws {
        try await SweepWorld.run { world in
            try await world.sweep().run()
            world.answer(.nobody)
            try await world.open(1)
            try await world.sweep().run()
            try #require(await world.tries(2))
            try await world.open(2)
            world.clock.advance(by: .seconds(300))
            let point = RestorePoint(
                at: world.clock.now, from: "backup.sqlite", sequence: 1, madeAt: world.clock.now)
            try await world.ledger.commit(LedgerChange([.saveNote(RestorePoint.note, point.json)]))
            world.clock.advance(by: .seconds(1))
            try await world.open(1)
            world.answer(.bot)
            try await world.sweep().run()
            try #require(await world.tries(6))
            #expect(try await world.arrived() == [world.guids[3]])
            #expect(world.requests.count == 2 && world.told.isEmpty)
            #expect(try await world.state()?.open.map(\.guid) == [world.guids[3]])
        }
    }

    @Test func twoHooksAreSettledEachByItself() async throws {
        let hooks: [GitHubStandIn.Hook] = [
            .init(id: 11, secret: Secret(Fixture.webhookSecret)),
            .init(id: 12, target: .organization, secret: Secret(Fixture.webhookSecret)),
        ]
        try await SweepWorld.run(hooks: hooks) { world in
            for hook in ["acme/api/11", "acme/12"] { try await world.sweep(hook).run() }
            world.answer(.nobody)
            try await world.open(2)
            world.answer(.bot)
            try await world.sweep("acme/12").run()
            #expect(world.requests.count == 2 && world.requests.allSatisfy { $0.contains("/orgs/acme/hooks/12/") })
            try #require(await world.tries(6))
            #expect(try await world.arrived().count == 2)
            try await world.sweep("acme/api/11").run()
            try #require(await world.tries(8))
            #expect(try await world.arrived() == world.guids)
        }
    }

    @Test func anAppsOwnDeliveriesAreAskedForAsTheApp() async throws {
        let hooks: [GitHubStandIn.Hook] = [.init(id: 13, target: .integration, secret: Secret(Fixture.webhookSecret))]
        try await SweepWorld.run(hooks: hooks, asApp: true) { world in
            try await world.sweep("app").run()
            world.answer(.nobody)
            try await world.open(1)
            world.answer(.bot)
            try await world.sweep("app").run()
            try #require(await world.tries(2))
            #expect(try await world.arrived() == world.guids)
            // The app may not see a repository's hooks without the permission: people are told, once.
            for _ in 0..<2 {
                await #expect(throws: GitHubFailure.self) { try await world.sweep("acme/api/13").run() }
            }
            #expect(world.told.count == 1)
        }
    }

    @Test func manyPagesAreReadToTheCursor() async throws {
        try await SweepWorld.run { world in
            try await world.open(1)
            try await world.sweep().run()
            world.answer(.nobody)
            try await world.open(230)
            world.answer(.bot)
            var rounds = 0
            while try await world.arrived().count < 231, rounds < 8 {
                let before = world.requests.count
                try await world.sweep().run()
                let asked = world.requests.count - before
                #expect(asked <= DeliverySweep.mostRequests)
                try #require(await world.tries(231 + world.requests.count))
                world.clock.advance(by: .seconds(300))
                rounds += 1
            }
            #expect(world.requests.count == 230 && rounds == 4)
            #expect(world.github.failures.received.contains { $0.contains("cursor=v1_") })
            let note = try await world.ledger.note("sweep/github/acme/api/11")
            #expect((note?.canonicalBytes.count ?? .max) < 64 * 1024)
        }
    }

    @Test func itLooksAtTheStartAndAtIntervals() async throws {
        try await SweepWorld.run { world in
            let time = VirtualTime()
            let service = DeliverySweepService(
                [try world.sweep()], every: .seconds(300), time: time,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, untilReceiving: {})
            let group = ServiceGroup(
                services: [service], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                func lists() -> Int { world.github.failures.received.filter { $0.hasPrefix("GET") }.count }
                for count in 1...3 {
                    await time.untilSleeping(1)
                    #expect(lists() == count)
                    time.advance(by: .seconds(300))
                }
                await time.untilSleeping(1)
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
    }

    @Test(arguments: ["acme", "acme/", "acme/api", "acme/api/x", "/1", "a/b/c/1", "acme/../1", "apps", ""])
    func aTextThatNamesNoHookIsNone(text: String) { #expect(DeliveryHook(text) == nil) }

    @Test func settingsThatCannotWorkAreReported() {
        let problems = Fixture.problems([
            "token": ["env": "TOKEN"],
            "missed_deliveries": ["every": "5s", "hooks": ["app", "acme/api/11", "acme/api/11", "nonsense"]],
        ]).joined(separator: "\n")
        for words in ["there is no app", "shorter than 30s", "nonsense names no hook", "named twice"] {
            #expect(problems.contains(words), "\(problems)")
        }
    }
}
