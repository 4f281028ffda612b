import Domain
import Synchronization
import TestSupport
import Testing

@testable import Outbound

@Suite struct OutgoingMailTests {
    private func kind(_ message: [UInt8], recipients: Int = 1) -> MailError.Kind? {
        guard let address = MailAddress("ops@example.com") else { return nil }
        do {
            _ = try OutgoingMail(
                sender: address, recipients: Array(repeating: address, count: recipients), message: message)
            return nil
        } catch { return error.kind }
    }

    @Test func aMessageOfTheLargestSizeIsTaken() {
        let line = Array((String(repeating: "x", count: 62) + "\r\n").utf8)
        let largest = Array(repeating: line, count: OutgoingMail.maxSize / 64).flatMap(\.self)
        #expect(largest.count == OutgoingMail.maxSize)
        #expect(kind(largest) == nil)
        #expect(kind([0x78] + largest) == .invalid)
    }

    @Test(arguments: [
        "", "x", "x\n", "x\r", "x\n\r\n", "x\r\r\n", "x\ry\r\n", "x\n.\ny\r\n", "x\r\n.\r\ny\n", "\0\r\n", "größe\r\n",
        String(repeating: "x", count: 999) + "\r\n",
    ])
    func whatAServerCouldReadOtherwiseIsNotTaken(text: String) {
        #expect(kind(Array(text.utf8)) == .invalid)
    }

    @Test(arguments: ["\r\n", "x\r\n.\r\ny\r\n", String(repeating: "x", count: 998) + "\r\n"])
    func whatIsClearIsTaken(text: String) {
        #expect(kind(Array(text.utf8)) == nil)
    }

    @Test func recipientsAreBounded() {
        let message = Array("x\r\n".utf8)
        #expect(kind(message, recipients: 0) == .invalid)
        #expect(kind(message, recipients: OutgoingMail.maxRecipients) == nil)
        #expect(kind(message, recipients: OutgoingMail.maxRecipients + 1) == .invalid)
    }
}

@Suite struct MailConversationTests {
    private func conversation(_ lines: [String], handingOverAfter count: Int = .max) -> MailConversation {
        var conversation = MailConversation()
        for (index, line) in lines.enumerated() {
            if index == count { conversation.isHandedOver = true }
            conversation.hear(Array((line + "\r\n").utf8), at: .now)
        }
        return conversation
    }

    @Test func aReplyOfSeveralLinesIsOne() {
        #expect(
            conversation(["250 ok", "535-5.7.8 failed:", "535 5.7.8 really"]).reply
                == .init(code: 535, text: "535 5.7.8 failed: 5.7.8 really"))
        #expect(conversation(["250-a", "250-b"]).reply == nil)
    }

    @Test func theFarewellDoesNotTakeTheReplysPlace() {
        #expect(conversation(["550 no", "221 bye"]).reply == .init(code: 550, text: "550 no"))
    }

    @Test func theFirstReplyAfterTheMailIsItsVerdict() {
        let lines = ["354 go", "250 queued", "221 bye"]
        #expect(conversation(lines, handingOverAfter: 1).verdict == .init(code: 250, text: "250 queued"))
        #expect(conversation(lines).verdict == nil)
        #expect(conversation(["354 go"], handingOverAfter: 1).verdict == nil)
    }

    @Test(arguments: ["", "x", "ok", "99 x", "999 x", "é50 x", "2"])
    func whatIsNoReplyIsNotHeard(line: String) {
        #expect(conversation([line]).reply == nil)
    }
}

@Suite struct MailSlotsTests {
    @Test func noMoreThanTheSlotsAreUsedAtATime() async throws {
        let slots = MailSlots(3)
        let users = Users()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    try await slots.within {
                        users.come()
                        for _ in 0..<5 { await Task.yield() }
                        users.go()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(users.most == 3)
    }

    private final class Users: Sendable {
        private let counts = Mutex((now: 0, most: 0))

        var most: Int { counts.withLock { $0.most } }

        func come() {
            counts.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
        }

        func go() { counts.withLock { $0.now -= 1 } }
    }

    @Test func whoIsCancelledWhileWaitingTakesNoSlot() async throws {
        let slots = MailSlots(1)
        try await slots.within {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: CancellationError.self) { try await slots.within {} }
                }
                group.cancelAll()
            }
        }
        try await slots.within {}
    }
}
