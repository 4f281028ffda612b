import Domain
import Foundation
import TestSupport

@testable import App

/// What happens in one round, as the dice fell.
struct CrashPlan: Sendable {
    /// When the bot is killed; times in milliseconds.
    enum Moment: Sendable {
        case startUp(Int)
        case twice(Int, Int)
        case afterReady(Int)
        /// As soon as a delivery was acknowledged, and that much later.
        case acknowledged(Int)
        /// As soon as an effect is to be seen, and that much later: its answer may not have arrived.
        case effect(Int)
        /// Told to stop, and killed within the grace.
        case inGrace(Int)
        /// Told to stop, and left to it.
        case stop
    }

    var moment: Moment
    var deliveries: [CrashDelivery]
    /// Seconds by which the bot's clock is wrong at its start, and from the middle of the round; nil: right.
    var clock: (start: Int, later: Int)?
    /// Milliseconds that each request to the cluster takes.
    var slow: Int
    /// How many answers of the cluster are cut after their request took effect, and how many say 500.
    var cut: Int
    var errors: Int
    /// How many requests to GitHub take effect and are not answered.
    var cutAtGitHub: Int

    /// `next` counts the effects of a run.
    init(_ dice: inout Dice, next: inout Int, _ secrets: SandboxSettings.Secrets) {
        moment =
            switch dice.number(0...9) {
            case 0: .startUp(dice.number(0...1200))
            case 1: .twice(dice.number(0...300), dice.number(0...1000))
            case 2, 3: .afterReady(dice.number(0...900))
            case 4, 5: .acknowledged(dice.number(0...40))
            case 6, 7: .effect(dice.number(0...30))
            case 8: .inGrace(dice.number(0...300))
            default: .stop
            }
        slow = dice.happens(50) ? 0 : dice.number(10...150)
        cut = dice.happens(70) ? 0 : dice.number(1...3)
        errors = dice.happens(85) ? 0 : dice.number(1...2)
        cutAtGitHub = dice.happens(70) ? 0 : dice.number(1...2)
        clock = dice.happens(30) ? (dice.number(-30...30), dice.number(-30...30)) : nil
        deliveries = []
        func effect() -> CrashDelivery.Effect {
            next += 1
            return CrashDelivery.Effect(
                id: "d\(next)", workload: "w\(dice.number(0...2))", isWide: dice.happens(50))
        }
        for _ in 0..<dice.number(1...3) {
            let index = deliveries.count
            switch dice.number(0...2) {
            case 0:
                deliveries.append(.slack(effect(), channel: dice.happens(50) ? "C0OPS" : "C0ONCALL", secrets))
            case 1:
                let effects = dice.happens(30) ? [effect(), effect()] : [effect()]
                deliveries.append(.alerts(effects, secrets))
            default:
                let push = effect()
                deliveries.append(.push(push, deliveryID: UUID(), secrets))
                // A hook of the repository and one of an app.
                if dice.happens(30) { deliveries.append(.push(push, deliveryID: UUID(), secrets)) }
            }
            for each in index..<deliveries.count {
                deliveries[each].pause = dice.number(40...200)
                deliveries[each].comesAgain = dice.happens(25)
            }
        }
    }
}
