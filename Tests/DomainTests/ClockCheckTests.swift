import Domain
import Foundation
import TestSupport
import Testing

@Suite struct ClockCheckTests {
    private let time = VirtualTime()
    private let check: ClockCheck

    init() { check = ClockCheck(time: time) }

    /// A provider whose clock is that far ahead answers at once.
    private func look(_ host: String, ahead seconds: Double) {
        check.observe(host, told: time.now.addingTimeInterval(seconds), sent: time.now)
    }

    @Test func `clocks that agree are no complaint`() {
        look("a", ahead: 0)
        look("b", ahead: -0.9)
        #expect(check.offset == .zero)
        #expect(check.complaint == nil)
        #expect(!check.isUnusable)
    }

    @Test func `one provider alone says nothing`() {
        look("a", ahead: 4000)
        #expect(check.offset == nil)
        #expect(check.complaint == nil)
    }

    @Test func `one broken server does not count`() {
        look("a", ahead: 0)
        look("broken", ahead: 4000)
        #expect(check.complaint == nil)
        look("b", ahead: 1)
        #expect(check.complaint == nil)
    }

    @Test(arguments: [(45.0, "45 s behind"), (-46.0, "45 s ahead of")])
    func `half a minute is a warning`(ahead: Double, words: String) throws {
        look("a", ahead: ahead)
        look("b", ahead: ahead)
        #expect(try #require(check.complaint).contains(words))
        #expect(!check.isUnusable)
    }

    @Test func `five minutes are too much, and a clock that was set is right at the next answer`() {
        for host in ["a", "b", "c"] { look(host, ahead: 301) }
        #expect(check.isUnusable)
        time.jump(to: time.now.addingTimeInterval(301))
        #expect(check.wants("a"))
        for host in ["a", "b"] { look(host, ahead: 0) }
        #expect(!check.isUnusable)
        #expect(check.complaint == nil)
    }

    @Test func `an answer that took long is no wrong clock`() {
        let sent = time.now
        time.advance(by: .seconds(120))
        for host in ["a", "b"] { check.observe(host, told: sent.addingTimeInterval(60), sent: sent) }
        #expect(check.offset == .zero)
    }

    @Test func `old answers count no more, and a host is asked once a minute`() {
        for host in ["a", "b"] { look(host, ahead: 100) }
        #expect(!check.wants("a"))
        time.advance(by: .seconds(60))
        #expect(check.wants("a"))
        time.advance(by: .seconds(3600))
        #expect(check.complaint == nil)
    }
}
