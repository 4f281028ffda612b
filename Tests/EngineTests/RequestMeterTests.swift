import Domain
import Foundation
import TestSupport
import Testing

@testable import Engine

@Suite struct RequestMeterTests {
    let start = Date(timeIntervalSince1970: 1_790_000_000)

    private func at(_ seconds: Double) -> Date { start.addingTimeInterval(seconds) }

    @Test func `The last of the count is taken, one more is refused until the first is old enough`() {
        let meter = RequestMeter(rate: RequestRate(count: 3, per: .seconds(60)))
        for second in [0.0, 10, 20] { #expect(meter.take(person: "a", at: at(second)) == .taken) }
        #expect(meter.take(person: "a", at: at(30)) == .refused(until: at(60), isFirst: true))
        #expect(meter.take(person: "a", at: at(59.999)) == .refused(until: at(60), isFirst: false))
        // What was refused does not count.
        #expect(meter.take(person: "a", at: at(60)) == .taken)
        #expect(meter.take(person: "a", at: at(60)) == .refused(until: at(70), isFirst: true))
        #expect(meter.take(person: "b", at: at(60)) == .taken)
    }

    @Test func `A clock that was a year ahead locks nobody out when it is set right`() {
        let meter = RequestMeter(rate: RequestRate(count: 1, per: .seconds(60)))
        #expect(meter.take(person: "a", at: at(365 * 86_400)) == .taken)
        #expect(meter.take(person: "a", at: at(0)) == .taken)
        #expect(meter.take(person: "a", at: at(1)) == .refused(until: at(60), isFirst: true))
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `Never more than the count are taken within the time, and whoever waits until then is taken`(seed: UInt64) {
        var dice = Dice(seed: seed)
        let rate = RequestRate(count: dice.number(1...6), per: .seconds(30))
        let meter = RequestMeter(rate: rate)
        var (now, taken, wait) = (0.0, [Double](), 0.0)
        for _ in 0..<500 {
            now += Double(dice.number(0...12))
            switch meter.take(person: "a", at: at(now)) {
            case .taken: taken.append(now)
            case .refused(let until, _):
                #expect(now < until.timeIntervalSince(start))
                wait = until.timeIntervalSince(start)
                if dice.happens(30) {
                    now = wait
                    #expect(meter.take(person: "a", at: at(now)) == .taken)
                    taken.append(now)
                }
            }
        }
        for (index, time) in taken.enumerated() where index >= rate.count {
            #expect(time - taken[index - rate.count] >= 30)
        }
        #expect(taken.count > 50)
    }

    @Test func `People of whom nothing counts any more are forgotten`() {
        let meter = RequestMeter(rate: RequestRate(count: 1, per: .seconds(60)))
        for number in 0..<RequestMeter.remembered { _ = meter.take(person: "p\(number)", at: at(0)) }
        #expect(meter.rememberedCount == RequestMeter.remembered)
        _ = meter.take(person: "a", at: at(60))
        #expect(meter.rememberedCount == 1)
    }
}
