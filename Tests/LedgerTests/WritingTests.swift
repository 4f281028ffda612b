import Domain
import Foundation
import Ledger
import TestSupport
import Testing

@Suite struct WritingTests {
    @Test func deliveryComesBackAsItWas() async throws {
        let body = String(repeating: #"{"repository":"defimon","n":12345}"#, count: 200)
        try await withLedger { ledger in
            let receipt = try await ledger.insert(try verified(body, id: "id-1"))
            #expect(!receipt.isDuplicate)
            let stored = try #require(try await ledger.delivery(rowID: receipt.rowID))
            #expect(stored.delivery.body == Array(body.utf8))
            #expect(stored.delivery.source == Source("github"))
            #expect(stored.delivery.route == "push")
            #expect(stored.delivery.receivedAt == noon)
            #expect(stored.delivery.remoteAddress == "192.0.2.7")
            #expect(stored.deliveryID == "id-1")
            #expect(stored.state == .received)
            #expect(try await ledger.undecodedDeliveries(limit: 10).map(\.rowID) == [receipt.rowID])
        }
    }

    @Test(arguments: [0, 1, 511, 512, 513, 100_000]) func bodyOfAnySizeComesBack(size: Int) async throws {
        var generator = SystemRandomNumberGenerator()
        let noise = (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let delivery = Delivery(
            source: Source("slack"), route: "commands", headers: [:], body: noise, receivedAt: noon, remoteAddress: "")
        try await withLedger { ledger in
            let receipt = try await ledger.insert(try TrustingVerifier().verify(delivery))
            #expect(try await ledger.delivery(rowID: receipt.rowID)?.delivery.body == noise)
        }
    }

    @Test func onlyHarmlessHeadersAreKept() async throws {
        let headers = [
            "content-type": "application/json", "user-agent": "GitHub-Hookshot/1", "x-github-event": "push",
            "x-github-delivery": "1", "x-slack-request-timestamp": "17", "authorization": "Bearer abcdef",
            "cookie": "a=b", "x-hub-signature-256": "sha256=ab", "x-hub-signature": "sha1=ab",
            "x-slack-signature": "v0=ab", "x-signature-ed25519": "ab", "x-telegram-bot-api-secret-token": "t",
            "x-gitlab-token": "t", "x-api-key": "k", "x-forwarded-for": "192.0.2.1", "host": "bot", "accept": "*/*",
        ]
        try await withLedger { ledger in
            let receipt = try await ledger.insert(try verified(headers: headers))
            let kept = try await ledger.delivery(rowID: receipt.rowID)?.delivery.headers
            #expect(
                kept?.keys.sorted() == [
                    "content-type", "user-agent", "x-github-delivery", "x-github-event", "x-slack-request-timestamp",
                ])
            #expect(kept?["x-github-event"] == "push")
        }
    }

    @Test func duplicateOnlyRaisesACounter() async throws {
        try await withLedger { ledger in
            let first = try await ledger.insert(try verified("one", id: "same"))
            let again = try await ledger.insert(try verified("two", id: "same"))
            let other = try await ledger.insert(try verified("two", id: "same", source: Source("slack")))
            #expect(again.isDuplicate)
            #expect(again.rowID == first.rowID)
            #expect(!other.isDuplicate)
            let stored = try await ledger.delivery(rowID: first.rowID)
            #expect(stored?.repeats == 1)
            #expect(stored?.delivery.body == Array("one".utf8))
            #expect(try await ledger.audit(AuditFilter()).count == 2)
        }
    }

    @Test func deliveriesWithoutIdAllCount() async throws {
        try await withLedger { ledger in
            let first = try await ledger.insert(try verified("same"))
            let second = try await ledger.insert(try verified("same"))
            #expect(!second.isDuplicate)
            #expect(first.rowID != second.rowID)
        }
    }

    @Test func acceptedDeliveryIsInTheAudit() async throws {
        try await withLedger { ledger in
            let receipt = try await ledger.insert(try verified("hello", id: "id-1"))
            let record = try #require(try await ledger.audit(AuditFilter()).first)
            #expect(record.actor == "github")
            #expect(record.kind == "delivery.accepted")
            #expect(record.subject == "delivery/\(receipt.rowID)")
            #expect(record.time == noon)
            #expect(
                record.detail == [
                    "delivery_id": "id-1", "sender": "shared-secret", "size": 5,
                    "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
                ])
        }
    }

    @Test func eventComesBackAndIsCounted() async throws {
        let attributes: JSONValue = [
            "labels": ["instance": "geth-0"], "text": .string(String(repeating: "ä\u{0} ", count: 600)),
            "n": .double(1.5), "list": [1, .null, true],
        ]
        try await withLedger { ledger in
            let delivery = try await ledger.insert(try verified(id: "d"))
            let id = ledger.nextEventID()
            var event = anEvent("push:1", attributes: attributes)
            event.origin = .alert(
                AlertState(fingerprint: "f", isFiring: true, startsAt: noon, endsAt: nil, groupKey: "g"))
            let explanation: JSONValue = [["rule": "geth-down", "outcome": "no match"]]
            try await ledger.commit(
                LedgerChange([
                    .insertEvent(
                        id: id, deliveryRowID: delivery.rowID, uniqueKey: "github/push:1", event: event,
                        explanation: explanation),
                    .finishDelivery(rowID: delivery.rowID, state: .decoded, note: "1 event"),
                ]))
            try await ledger.commit(LedgerChange([.countEvent(uniqueKey: "github/push:1")]))
            let stored = try #require(try await ledger.event(id: id))
            #expect(stored.event == event)
            #expect(stored.explanation == explanation)
            #expect(stored.deliveryRowID == delivery.rowID)
            #expect(stored.repeats == 1)
            #expect(try await ledger.hasEvent(uniqueKey: "github/push:1"))
            #expect(try await !ledger.hasEvent(uniqueKey: "github/push:2"))
            #expect(try await ledger.eventID(uniqueKey: "github/push:1") != nil)
            #expect(try await ledger.eventID(uniqueKey: "github/push:2") == nil)
            #expect(try await ledger.events(limit: 5, before: nil).map(\.id) == [id])
            #expect(try await ledger.events(limit: 5, before: id).isEmpty)
            #expect(try await ledger.undecodedDeliveries(limit: 5).isEmpty)
            #expect(try await ledger.delivery(rowID: delivery.rowID)?.note == "1 event")
        }
    }

    @Test func eventOfAKnownKeyIsRefused() async throws {
        try await withLedger { ledger in
            let delivery = try await ledger.insert(try verified())
            func insert(_ id: Int64) async throws {
                try await ledger.commit(
                    LedgerChange([
                        .insertEvent(
                            id: id, deliveryRowID: delivery.rowID, uniqueKey: "k", event: anEvent(), explanation: [])
                    ]))
            }
            try await insert(1)
            await #expect(throws: LedgerError.self) { try await insert(2) }
            #expect(try await ledger.event(id: 2) == nil)
        }
    }

    @Test func latestEpisodeIsFound() async throws {
        try await withLedger { ledger in
            var episode = Episode(
                fingerprint: "f", number: 1, startedAt: noon, resolvedAt: nil, lastSeenAt: noon, subject: "GethDown")
            try await ledger.commit(LedgerChange([.saveEpisode(episode)]))
            episode.resolvedAt = Date(microseconds: noon.microseconds + 1)
            try await ledger.commit(LedgerChange([.saveEpisode(episode)]))
            #expect(try await ledger.episode(fingerprint: "f") == episode)
            var next = episode
            next.number = 2
            next.resolvedAt = nil
            try await ledger.commit(LedgerChange([.saveEpisode(next)]))
            #expect(try await ledger.episode(fingerprint: "f") == next)
            #expect(try await ledger.episode(fingerprint: "g") == nil)
        }
    }

    @Test(arguments: [1_790_000_000_000_001, 1_790_000_000_999_999, 0, 1, 4_102_444_799_999_999] as [Int64])
    func timesKeepTheirMicroseconds(microseconds: Int64) async throws {
        let time = Date(microseconds: microseconds)
        try await withLedger { ledger in
            var job = aJob(1)
            job.createdAt = time
            job.startedAt = time
            try await ledger.commit(LedgerChange([.saveJob(job), .enqueue(aMessage("m", at: time))]))
            #expect(try await ledger.job(id: 1)?.startedAt?.microseconds == microseconds)
            #expect(try await ledger.job(id: 1) == job)
            #expect(try await ledger.outbox(subject: "job/1").first?.notBefore.microseconds == microseconds)
        }
    }
}
