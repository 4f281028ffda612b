import Domain
import Foundation
import TestSupport
import Testing

@testable import Slack

@Suite struct SlackRateLimiterTests {
    private let time = VirtualTime()
    private let limiter: SlackRateLimiter

    init() { limiter = SlackRateLimiter(time: time) }

    @Test func onePostASecondGoesToAChannel() {
        #expect(limiter.post(channel: "C1") == nil)
        #expect(limiter.post(channel: "C1") == .seconds(1))
        #expect(limiter.post(channel: "C2") == nil)
        time.advance(by: .milliseconds(999))
        #expect(limiter.post(channel: "C1") != nil)
        time.advance(by: .milliseconds(1))
        #expect(limiter.post(channel: "C1") == nil)
    }

    @Test func aChannelByItsNameIsTheSameAsByItsID() {
        #expect(limiter.post(channel: "#ops") == nil)
        limiter.know("#ops", as: "C1")
        #expect(limiter.post(channel: "C1") == .seconds(1))
        time.advance(by: .seconds(1))
        #expect(limiter.post(channel: "C1") == nil)
        #expect(limiter.post(channel: "#ops") == .seconds(1))
        limiter.holdPosts(channel: "#ops", for: .seconds(9))
        time.advance(by: .seconds(8))
        #expect(limiter.post(channel: "C1") == .seconds(1))
    }

    @Test func aMessageIsEditedOnceASecond() {
        #expect(limiter.edit(message: "C1|1") == nil)
        time.advance(by: .milliseconds(750))
        let wait = limiter.edit(message: "C1|1")
        #expect(wait?.milliseconds == 250)
        #expect(limiter.edit(message: "C1|2") == nil)
        time.advance(by: .milliseconds(250))
        #expect(limiter.edit(message: "C1|1") == nil)
    }

    @Test func fortyEditsAMinuteAreAll() {
        for number in 0..<40 { #expect(limiter.edit(message: "C1|\(number)") == nil) }
        #expect(limiter.edit(message: "C1|new") == .seconds(60))
        time.advance(by: .milliseconds(59_999))
        #expect(limiter.edit(message: "C1|new") != nil)
        time.advance(by: .milliseconds(1))
        #expect(limiter.edit(message: "C1|new") == nil)
    }

    @Test func noWindowOfAMinuteHoldsMoreThanForty() {
        var granted: [Date] = []
        for _ in 0..<1800 {  // 3 minutes, everybody as often as possible
            for message in 0..<7 where limiter.edit(message: "C1|\(message)") == nil { granted.append(time.now) }
            time.advance(by: .milliseconds(100))
        }
        for (index, start) in granted.enumerated() {
            let within = granted[index...].prefix { $0.timeIntervalSince(start) < 60 }.count
            #expect(within <= 40)
        }
        #expect(granted.count >= 100)
    }

    @Test func oneBusyMessageLeavesRoomForOthers() {
        for _ in 0..<600 {  // a minute
            _ = limiter.edit(message: "C1|busy")
            time.advance(by: .milliseconds(100))
        }
        #expect(limiter.edit(message: "C1|other") == nil)
        #expect(limiter.edit(message: "C1|third") == nil)
        #expect(limiter.edit(message: "C1|fourth") == nil)
    }

    @Test func busyMessagesShareEvenly() {
        var counts: [String: Int] = [:]
        for _ in 0..<6000 {  // ten minutes
            for message in ["a", "b", "c", "d", "e"] where limiter.edit(message: message) == nil {
                counts[message, default: 0] += 1
            }
            time.advance(by: .milliseconds(100))
        }
        let most = counts.values.max() ?? 0
        let least = counts.values.min() ?? 0
        #expect(counts.count == 5)
        #expect(most - least <= 4, "\(counts)")
        #expect(counts.values.reduce(0, +) > 250)
    }

    @Test func whatSlackAsksForIsKept() {
        limiter.holdEdits(for: .seconds(30))
        limiter.holdPosts(channel: "C1", for: .seconds(10))
        #expect(limiter.edit(message: "C1|1") == .seconds(30))
        #expect(limiter.post(channel: "C1") == .seconds(10))
        #expect(limiter.post(channel: "C2") == nil)
        time.advance(by: .seconds(30))
        #expect(limiter.edit(message: "C1|1") == nil)
        #expect(limiter.post(channel: "C1") == nil)
    }

    @Test func aClockThatIsSetBackHoldsNobodyUp() {
        #expect(limiter.post(channel: "C1") == nil)
        #expect(limiter.edit(message: "C1|1") == nil)
        time.jump(to: time.now.addingTimeInterval(-86_400))
        #expect(limiter.post(channel: "C1") == nil)
        #expect(limiter.edit(message: "C1|1") == nil)
    }
}
