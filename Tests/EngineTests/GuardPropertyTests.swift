import Domain
import Engine
import Foundation
import Ledger
import TestSupport
import Testing

/// Whatever comes, and whenever the bot dies: the guards hold.
@Suite struct GuardPropertyTests {
    private static let limit = StartLimit(count: 3, perMilliseconds: 1_800_000)
    private static let cooldown = Duration.seconds(120)
    private static let nodes = ["geth-0", "geth-1", "geth-2"]

    private func definitions() throws -> DefinitionSet {
        Samples.set(
            [try Samples.command("restart", [Samples.step("node")], lock: "ethereum")],
            rules: [
                try Samples.rule("down", run: "restart") {
                    $0.per = "{{node}}"
                    $0.cooldownMilliseconds = GuardPropertyTests.cooldown.milliseconds
                    $0.limit = GuardPropertyTests.limit
                    $0.cancelOnResolve = true
                    $0.startWithinMilliseconds = 86_400_000
                }
            ])
    }

    /// Spans in which the bot was frozen.
    private struct Spans {
        var all: [(from: Date, to: Date)] = []
        var since: Date?
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
    func `Never more starts than the limit, none in a cooldown or a freeze, never two on one lock`(seed: UInt64)
        async throws
    {
        let folder = try TemporaryFolder()
        let actions = ScriptedActions()
        let time = VirtualTime()
        let outlet = RecordingOutlet()
        let definitions = try definitions()
        var dice = Dice(seed: seed)
        var frozen = Spans()
        var settledEvents: Int64 = 0
        for _ in 0..<4 {
            let crashes = dice.happens(50)
            try await Harness.run(
                definitions, actions: actions.types, in: folder, time: time, outlet: outlet, crashes: crashes
            ) { bot in
                for _ in 0..<12 {
                    switch dice.number(0...7) {
                    case 0, 1, 2: try await bot.alert(GuardPropertyTests.nodes[dice.number(0...2)])
                    case 3, 4: try await bot.alert(GuardPropertyTests.nodes[dice.number(0...2)], isFiring: false)
                    case 5: time.advance(by: .seconds(dice.number(0...600)))
                    // A clock that jumps.
                    case 6 where dice.happens(30): time.advance(by: .seconds(dice.number(0...7200)))
                    default:
                        if let since = frozen.since {
                            try await bot.type("thaw")
                            try await isFrozen(bot, false)
                            frozen.all.append((since, time.now))
                            frozen.since = nil
                        } else {
                            try await bot.type("freeze the dice say so")
                            try await isFrozen(bot, true)
                            frozen.since = time.now
                        }
                    }
                    time.advance(by: .seconds(1))
                    _ = try await eventually {
                        try await bot.ledger.undecodedDeliveries(limit: 1).isEmpty ? true : nil
                    }
                }
                settledEvents = try await bot.ledger.events(limit: 1, before: nil).first?.id ?? settledEvents
            }
        }
        if let since = frozen.since { frozen.all.append((since, .distantFuture)) }
        try await Harness.change(folder, time: time) { ledger in
            let jobs = try await ledger.jobs(JobFilter(command: "restart", limit: 1000))
            #expect(settledEvents > 0)
            check(jobs, frozen.all)
        }
    }

    private func isFrozen(_ bot: Harness, _ wanted: Bool) async throws {
        let isSo: Bool? = try await eventually {
            let freeze = Freeze(try await bot.ledger.note(Freeze.note))
            return (freeze != nil) == wanted ? true : nil
        }
        #expect(isSo == true)
    }

    private func check(_ jobs: [Job], _ frozen: [(from: Date, to: Date)]) {
        let started = jobs.filter { $0.startedAt != nil }.sorted { ($0.fencing ?? 0) < ($1.fencing ?? 0) }
        for (index, job) in started.enumerated() {
            guard let start = job.startedAt else { continue }
            let same = started.filter { $0.guardKey == job.guardKey }
            let span = Duration.milliseconds(GuardPropertyTests.limit.perMilliseconds)
            let inTime = same.count { other in other.startedAt.map { $0 <= start && start.since($0) <= span } ?? false }
            #expect(inTime <= GuardPropertyTests.limit.count, "\(job.id) at \(start)")
            for other in same where other.id != job.id {
                guard let end = other.endedAt, let began = other.startedAt, began < start else { continue }
                #expect(start.since(end) >= GuardPropertyTests.cooldown, "\(job.id) after \(other.id)")
            }
            for span in frozen { #expect(!(span.from < start && start < span.to), "\(job.id) at \(start) in a freeze") }
            // Who was held by a freeze before its first change gave its lock back in between.
            for other in started[..<index]
            where job.waitedMilliseconds == 0 && other.waitedMilliseconds == 0
                && other.fencing != nil
            {
                // One lock for all: whoever began earlier has ended.
                #expect(other.endedAt.map { $0 <= start } ?? false, "\(other.id) and \(job.id) at once")
            }
        }
    }
}
