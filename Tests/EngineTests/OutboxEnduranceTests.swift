import Domain
import Engine
import Foundation
import Ledger
import Synchronization
import TestSupport
import Testing

/// Nothing that is to be said is lost: over outages, restarts, and places that take no more.
@Suite struct OutboxEnduranceTests {
    let folder: TemporaryFolder
    let actions = ScriptedActions()
    let time = VirtualTime()

    init() throws { folder = try TemporaryFolder() }

    /// What a channel was asked, and said.
    private final class Tries: Sendable {
        struct Try: Sendable {
            var at: Date
            var place: String
            var subject: String
            var error: OutletError?
        }

        private let state = Mutex<[Try]>([])
        var all: [Try] { state.withLock { $0 } }
        /// Subjects that a place took, each once, in the order of their first message.
        func taken(by place: String) -> [String] {
            all.reduce(into: []) { found, one in
                if one.place == place, one.error == nil, !found.contains(one.subject) { found.append(one.subject) }
            }
        }

        func note(_ message: OutboxMessage, _ at: Date, _ error: OutletError?) -> OutletError? {
            state.withLock {
                $0.append(Try(at: at, place: message.place.address, subject: message.subject, error: error))
                return error
            }
        }

        /// How many tries came earlier than the answer before had asked for.
        func impatient(_ place: String) -> Int {
            let tries = all.filter { $0.place == place }
            return zip(tries, tries.dropFirst()).filter { before, after in
                guard case .later(let wait?)? = before.error?.kind else { return false }
                return after.at < before.at.advanced(by: wait)
            }.count
        }
    }

    @Test func `Ten minutes of 429 and 500 with a restart in between lose nothing and keep the order`() async throws {
        let definitions = Samples.set([try Samples.command("deploy", [Samples.step("one")])])
        let outlet = RecordingOutlet()
        let tries = Tries()
        let (time, start) = (time, time.now)
        outlet.judge { message in
            let now = time.now
            guard message.place.address == "#ops", now < start.advanced(by: .seconds(600)) else {
                return tries.note(message, now, nil)
            }
            let isLimit = tries.all.count % 2 == 0
            let error =
                isLimit
                ? OutletError(.later(after: .seconds(23)), "429") : OutletError(.later(after: nil), "500")
            return tries.note(message, now, error)
        }
        for part in 0..<2 {
            try await Harness.run(
                definitions, actions: actions.types, in: folder, time: time, outlet: outlet, crashes: part == 0
            ) { bot in
                for number in 1...10 {
                    try await bot.type("deploy")
                    _ = try #require(try await bot.jobInTime(Int64(part * 10 + number), in: .succeeded))
                    time.advance(by: .seconds(20))
                }
                // Another place of the same channel has no trouble.
                try await bot.type("whoami", as: part == 0 ? "U1" : "U2")
                #expect(await bot.message("You are", in: part == 0 ? "private-U1" : "private-U2") != nil)
                #expect(time.now < start.advanced(by: .seconds(600)))
                #expect(outlet.latest(in: "#ops").isEmpty)
                guard part == 1 else { return }
                _ = await eventually { () -> Bool? in
                    time.advance(by: .seconds(5))
                    return outlet.latest(in: "#ops").filter { $0.contains("succeeded") }.count == 20 ? true : nil
                }
            }
        }
        #expect(tries.taken(by: "#ops") == (1...20).map { "job/\($0)" })
        #expect(outlet.latest(in: "#ops").count == 20)
        #expect(outlet.latest(in: "#ops").allSatisfy { $0.contains("succeeded") })
        #expect(tries.impatient("#ops") == 0)
        #expect(tries.all.filter { $0.error?.message == "429" }.count >= 5)
        #expect(tries.all.filter { $0.error?.message == "500" }.count >= 5)
    }

    @Test func `An answer that its person's place refuses for an hour is given in the channel, which fails as long`()
        async throws
    {
        let outlet = RecordingOutlet()
        let (time, end) = (time, time.now.advanced(by: .seconds(3600)))
        outlet.judge { _ in time.now < end ? OutletError(.later(after: nil), "500") : nil }
        try await Harness.run(Samples.set([]), actions: actions.types, in: folder, time: time, outlet: outlet) { bot in
            try await bot.type("whoami")
            _ = await eventually { () -> Bool? in
                time.advance(by: .seconds(30))
                return outlet.count > 0 ? true : nil
            }
            #expect(outlet.latest(in: "#ops").first?.contains("You are Olivia") == true)
            #expect(outlet.latest(in: "private-U1").isEmpty)
        }
    }

    @Test func `A private place takes five messages, counted over a restart, and the sixth goes to the channel`()
        async throws
    {
        let outlet = RecordingOutlet(messagesPerPrivatePlace: 5)
        let tried = Mutex(0)
        outlet.judge { message in
            if message.place.address == "url-1" { tried.withLock { $0 += 1 } }
            return nil
        }
        for part in 0..<2 {
            try await Harness.run(
                Samples.set([]), actions: actions.types, in: folder, time: time, outlet: outlet, crashes: part == 0
            ) { bot in
                for number in 1...3 {
                    try await bot.deliver([
                        "text": "whoami", "user": "U1", "id": .string("\(part)-\(number)"), "url": "url-1",
                    ])
                    let count = part * 3 + number
                    _ = await eventually { outlet.count == count ? true : nil }
                    _ = try await eventually { try await bot.ledger.nextOutboxDue() == nil ? true : nil }
                }
            }
        }
        #expect(outlet.latest(in: "url-1").count == 5)
        #expect(outlet.latest(in: "#ops").count == 1)
        #expect(tried.withLock { $0 } == 5)
    }

    @Test(arguments: [1800, 1801])
    func `A private place takes a message for half an hour, and not a second longer`(seconds: Int) async throws {
        try await Harness.recordOnly(folder, time: time, ["text": "whoami", "user": "U1", "id": "1"])
        time.advance(by: .seconds(seconds))
        let outlet = RecordingOutlet()
        let tried = Mutex(0)
        outlet.judge { message in
            if message.place.isPrivate { tried.withLock { $0 += 1 } }
            return nil
        }
        try await Harness.run(Samples.set([]), actions: actions.types, in: folder, time: time, outlet: outlet) { bot in
            let place = seconds == 1800 ? "private-U1" : "#ops"
            #expect(await bot.message("You are Olivia", in: place) != nil)
        }
        #expect(outlet.count == 1)
        #expect(tried.withLock { $0 } == (seconds == 1800 ? 1 : 0))
    }

    @Test func `Where the channel takes nothing, the person's own place gets one message on the way and the end`()
        async throws
    {
        let definitions = Samples.set([
            try Samples.command("deploy", [Samples.step("one"), Samples.step("two"), Samples.step("three")])
        ])
        let outlet = RecordingOutlet(messagesPerPrivatePlace: 5)
        outlet.judge { $0.place.isPrivate ? nil : OutletError(.never, "not_in_channel") }
        for name in ["one", "two", "three"] { actions.close(name) }
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time, outlet: outlet) { bot in
            try await bot.type("deploy")
            for name in ["one", "two", "three"] {
                _ = await eventually { actions.calls.contains { $0.what == name } ? true : nil }
                _ = try await eventually { try await bot.ledger.nextOutboxDue() == nil ? true : nil }
                actions.open(name)
            }
            #expect(await bot.message("succeeded", in: "private-U1") != nil)
            #expect(outlet.latest(in: "private-U1").count == 2)
        }
    }

    @Test func `However long a channel wants to be left alone, after a day it is said elsewhere`() async throws {
        let rule = try Samples.rule("down", run: "restart", escalate: [Place(channel: "chat", address: "#oncall")])
        actions.answer("one", .failure(ActionError("it burns")))
        let definitions = Samples.set([try Samples.command("restart", [Samples.step("one")])], rules: [rule])
        let outlet = RecordingOutlet()
        outlet.judge {
            $0.place.address == "#oncall" ? OutletError(.later(after: .seconds(86_400 * 10)), "much later") : nil
        }
        try await Harness.run(definitions, actions: actions.types, in: folder, time: time, outlet: outlet) { bot in
            try await bot.alert("geth-0")
            _ = try #require(try await bot.job(1, in: .failed))
            _ = await eventually { () -> Bool? in
                time.advance(by: .seconds(600))
                return outlet.latest(in: "#ops").contains { $0.contains("Not delivered to chat:#oncall") } ? true : nil
            }
            #expect(outlet.latest(in: "#ops").contains { $0.contains("Not delivered to chat:#oncall") })
        }
    }
}
