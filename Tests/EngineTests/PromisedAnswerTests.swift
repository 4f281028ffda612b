import Domain
import Engine
import Foundation
import Ledger
import Synchronization
import TestSupport
import Testing

/// Whoever asks is answered, or told why not.
@Suite struct PromisedAnswerTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    /// Does not answer until the gate is open.
    private final class SlowStatus: PoolStatusSource {
        private let state = Mutex((asked: 0, isOpen: false))
        var asked: Int { state.withLock { $0.asked } }
        func open() { state.withLock { $0.isOpen = true } }

        func status(of pool: String, settings: JSONValue) async throws -> [Report.Block] {
            state.withLock { $0.asked += 1 }
            while !state.withLock({ $0.isOpen }) { try await Task.sleep(for: .milliseconds(5)) }
            return [.text("pool \(pool) is fine")]
        }
    }

    @Test func `An answer that a crash took away is replaced by a word about it, once`() async throws {
        let outlet = RecordingOutlet()
        let status = SlowStatus()
        try await Harness.run(
            Samples.set([]), actions: actions.types, in: folder, time: time, outlet: outlet, status: status,
            crashes: true
        ) { bot in
            try await bot.type("whoami")
            #expect(await bot.message("You are", in: "private-U1") != nil)
            try await bot.type("status analytics")
            _ = await eventually { status.asked == 1 ? true : nil }
        }
        for _ in 0..<2 {
            try await Harness.run(Samples.set([]), actions: actions.types, in: folder, time: time, outlet: outlet) {
                bot in
                _ = await bot.message("type it again", in: "private-U1")
                try await bot.type("jobs", as: "U2")
                #expect(await bot.message("Jobs", in: "private-U2") != nil)
            }
        }
        let told = outlet.latest(in: "private-U1").filter { !$0.contains("You are") }
        #expect(told == ["The bot restarted before it answered `/defimon status analytics`; type it again."])
    }

    @Test func `Beyond a thousand waiting answers people are told to type again, and all others are answered`()
        async throws
    {
        let status = SlowStatus()
        let outlet = RecordingOutlet()
        var limits = Limits()
        limits.requestsPerPerson.count = 2000
        try await Harness.run(
            Samples.set([]), actions: actions.types, in: folder, time: time, outlet: outlet, limits: limits,
            status: status
        ) { bot in
            let asked = 1030
            // A thousand messages take a while where other tests run beside.
            let patience = Duration.seconds(300)
            // Fewer at a time than the inbox takes.
            for _ in 0..<10 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<asked / 10 { group.addTask { try await bot.type("status analytics") } }
                    try await group.waitForAll()
                }
            }
            let busy = await eventually(within: patience) { () -> Int? in
                let count = outlet.latest(in: "private-U1").filter { $0.hasPrefix("Busy: 1000 answers wait") }.count
                return count > 0 ? count : nil
            }
            #expect(busy != nil)
            status.open()
            _ = await eventually(within: patience) { outlet.latest(in: "private-U1").count == asked ? true : nil }
            let said = outlet.latest(in: "private-U1")
            #expect(said.count == asked)
            #expect(said.filter { $0.hasPrefix("Busy") }.count <= 30)
            #expect(said.filter { $0.contains("pool analytics is fine") }.count >= 1000)
            #expect(try await bot.ledger.notes(under: "answer/").isEmpty)
        }
    }
}
