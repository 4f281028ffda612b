import Domain
import Foundation
import Ledger
import TestSupport
import Testing

@Suite struct OutboxTests {
    private func titles(_ messages: [OutboxMessage]) -> [String] { messages.map(\.report.title) }

    @Test func reportComesBackAsItWas() async throws {
        try await withLedger { ledger in
            var message = aMessage("started")
            message.fallbacks = [Place(channel: "email", address: "admin")]
            try await ledger.commit(LedgerChange([.enqueue(message)]))
            let stored = try #require(try await ledger.outbox(subject: "job/1").first)
            message.id = stored.id
            #expect(stored.id > 0)
            #expect(stored == message)
            #expect(try await ledger.dueOutbox(now: noon, limit: 10) == [message])
            #expect(try await ledger.dueOutbox(now: noon.addingTimeInterval(-1), limit: 10).isEmpty)
            #expect(try await ledger.nextOutboxDue() == noon)
        }
    }

    @Test func newerMainMessageReplacesTheWaitingOne() async throws {
        try await withLedger { ledger in
            try await ledger.commit(
                LedgerChange([
                    .enqueue(aMessage("step 1")), .enqueue(aMessage("detail", slot: .thread)),
                    .enqueue(aMessage("other job", subject: "job/2")), .enqueue(aMessage("other place", to: "#dev")),
                ]))
            try await ledger.commit(LedgerChange([.enqueue(aMessage("step 2"))]))
            #expect(
                titles(try await ledger.dueOutbox(now: noon, limit: 10))
                    == ["step 2", "detail", "other job", "other place"])
            #expect(
                try await ledger.outbox(subject: "job/1").map(\.state) == [.merged, .pending, .pending, .pending])
        }
    }

    @Test func replacementWaitsAsLongAsTheOneItReplaced() async throws {
        let later = noon.addingTimeInterval(60)
        try await withLedger { ledger in
            try await ledger.commit(LedgerChange([.enqueue(aMessage("step 1"))]))
            var first = try #require(try await ledger.dueOutbox(now: noon, limit: 1).first)
            first.notBefore = later
            first.attempts = 1
            first.lastError = "rate limited"
            try await ledger.commit(LedgerChange([.saveOutbox(first, reference: nil)]))
            try await ledger.commit(LedgerChange([.enqueue(aMessage("step 2"))]))
            #expect(try await ledger.dueOutbox(now: noon, limit: 10).isEmpty)
            #expect(try await ledger.nextOutboxDue() == later)
            #expect(titles(try await ledger.dueOutbox(now: later, limit: 10)) == ["step 2"])
        }
    }

    @Test func messageReplacedWhileItIsTriedStaysReplaced() async throws {
        let later = noon.addingTimeInterval(60)
        try await withLedger { ledger in
            try await ledger.commit(LedgerChange([.enqueue(aMessage("step 1"))]))
            var tried = try #require(try await ledger.dueOutbox(now: noon, limit: 1).first)
            try await ledger.commit(LedgerChange([.enqueue(aMessage("step 2"))]))
            tried.notBefore = later
            try await ledger.commit(LedgerChange([.saveOutbox(tried, reference: nil)]))
            #expect(try await ledger.dueOutbox(now: noon, limit: 10).isEmpty)
            #expect(titles(try await ledger.dueOutbox(now: later, limit: 10)) == ["step 2"])
            #expect(try await ledger.outbox(subject: "job/1").map(\.state) == [.merged, .pending])
            tried.state = .delivered
            try await ledger.commit(LedgerChange([.saveOutbox(tried, reference: "ts-1")]))
            #expect(try await ledger.outbox(subject: "job/1").map(\.state) == [.delivered, .pending])
        }
    }

    @Test func messageThatIsNotDueHoldsLaterOnesOfItsPlaceOnly() async throws {
        try await withLedger { ledger in
            let later = noon.addingTimeInterval(5)
            try await ledger.commit(
                LedgerChange([
                    .enqueue(aMessage("a1", slot: .single)), .enqueue(aMessage("a2", slot: .single, at: later)),
                    .enqueue(aMessage("a3", slot: .single)), .enqueue(aMessage("b1", slot: .single, to: "#dev")),
                ]))
            #expect(titles(try await ledger.dueOutbox(now: noon, limit: 10)) == ["a1", "b1"])
            #expect(titles(try await ledger.dueOutbox(now: noon, limit: 1)) == ["a1"])
            for var message in try await ledger.dueOutbox(now: noon, limit: 10) {
                message.state = .delivered
                try await ledger.commit(LedgerChange([.saveOutbox(message, reference: nil)]))
            }
            #expect(try await ledger.nextOutboxDue() == later)
            #expect(titles(try await ledger.dueOutbox(now: later, limit: 10)) == ["a2", "a3"])
        }
    }

    @Test func referenceOfTheMainMessageIsKept() async throws {
        let place = Place(channel: "slack", address: "#ops")
        try await withLedger { ledger in
            try await ledger.commit(LedgerChange([.enqueue(aMessage("one"))]))
            var message = try #require(try await ledger.dueOutbox(now: noon, limit: 1).first)
            message.state = .delivered
            for reference in ["C1/1.5", "C1/1.6"] {
                try await ledger.commit(LedgerChange([.saveOutbox(message, reference: reference)]))
                #expect(try await ledger.messageReference(place: place, subject: "job/1") == reference)
            }
            #expect(try await ledger.messageReference(place: place, subject: "job/2") == nil)
            let privately = Place(channel: "slack", address: "#ops", isPrivate: true)
            #expect(try await ledger.messageReference(place: privately, subject: "job/1") == nil)
            #expect(try await ledger.nextOutboxDue() == nil)
        }
    }

    @Test func unknownReportIsRefused() async throws {
        try await withLedger { ledger in
            var message = aMessage("never enqueued")
            message.id = 77
            let change = LedgerChange([.saveOutbox(message, reference: nil)])
            await #expect(throws: LedgerError.conflict("there is no report 77")) { try await ledger.commit(change) }
        }
    }
}
