import Domain
import Foundation
import Testing

@testable import Engine

/// How many breakers are kept.
@Suite struct BreakerTableTests {
    private func breaker(_ number: Int, _ state: Breaker.State) -> Breaker {
        Breaker(command: "restart", key: "geth-\(number)", state: state, resetAfterMilliseconds: nil)
    }

    private func date(_ seconds: Int) -> Date { Date(timeIntervalSince1970: Double(seconds)) }

    @Test func `For one too many the one that has been closed for longest is forgotten, and never an open one`() {
        let table = BreakerTable()
        table.replace(with: (0..<Breaker.most).map { breaker($0, .open(at: date($0))) })
        guard case .full = table.set(breaker(Breaker.most, .open(at: date(0)))) else {
            Issue.record("an open breaker was forgotten")
            return
        }
        // One that is there already needs no room.
        _ = table.set(breaker(7, .closed(at: date(20), by: "olivia")))
        _ = table.set(breaker(8, .closed(at: date(10), by: "olivia")))
        guard case .set(let forgotten?) = table.set(breaker(Breaker.most, .open(at: date(0)))) else {
            Issue.record("no room was made")
            return
        }
        #expect(forgotten.key == "geth-8")
        #expect(table.all.count == Breaker.most)
        #expect(table.breaker(command: "restart", key: "geth-8") == nil)
        #expect(table.breaker(command: "restart", key: "geth-\(Breaker.most)")?.openedAt == date(0))
    }

    @Test func `What two guards leave to people is asked at once`() {
        var check = GuardCheck()
        check.ask(.alert, "nobody can say")
        check.ask(.maintenance, "in maintenance")
        guard case .asks(let reason) = check.decision else {
            Issue.record("nobody is asked")
            return
        }
        #expect(reason == "nobody can say; in maintenance")
        check.hold(.windows, until: date(1), "in the window")
        check.ask(.alert, "nobody can say")
        guard case .holds = check.decision else {
            Issue.record("it is not held")
            return
        }
    }
}
