import Foundation
import Testing

/// The program killed at random moments. `DEFIMON_CRASH_ROUNDS` says how often, `DEFIMON_CRASH_SEED` repeats a run.
@Suite(.serialized) struct CrashTests {
    /// A world is small enough that its stand-ins forget nothing.
    private static let roundsOfAWorld = 25

    @Test func `Killed at any moment, the bot loses nothing that it acknowledged and does nothing twice`() async throws
    {
        let environment = ProcessInfo.processInfo.environment
        let rounds = environment["DEFIMON_CRASH_ROUNDS"].flatMap { Int($0) } ?? 10
        let seed = environment["DEFIMON_CRASH_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999)
        CrashTally.say("crash: seed \(seed)")
        var total = CrashTally()
        var world: UInt64 = 0
        while total.rounds < rounds {
            let run = CrashRun(seed: seed &+ world, rounds: min(CrashTests.roundsOfAWorld, rounds - total.rounds))
            let tally: CrashTally
            do { tally = try await run.run() } catch {
                CrashTally.say("crash: failed with seed \(run.seed) and \(run.rounds) rounds: \(error)")
                throw error
            }
            total += tally
            world += 1
            CrashTally.say("crash: seed \(run.seed), \(tally.text)")
        }
        CrashTally.say("crash: all in all, from seed \(seed), \(total.text)")
        #expect(total.acknowledged > 0)
        #expect(total.lost == [])
        #expect(total.doubled == [])
    }
}
