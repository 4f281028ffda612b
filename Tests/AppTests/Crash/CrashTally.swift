import Foundation

/// What a crash test has counted.
struct CrashTally: Sendable {
    var rounds = 0
    var acknowledged = 0
    /// How often a sender had to send again, or did so for no reason.
    var sentAgain = 0
    var effects = 0
    /// In words, one for each.
    var lost: [String] = []
    var doubled: [String] = []
    /// Jobs that ended as unknown, which people were told of.
    var unknown = 0
    /// Messages of a job that were posted a second time: a channel that takes no key is told at least once.
    var messagesTwice = 0

    static func += (left: inout CrashTally, right: CrashTally) {
        left.rounds += right.rounds
        left.acknowledged += right.acknowledged
        left.sentAgain += right.sentAgain
        left.effects += right.effects
        left.lost += right.lost
        left.doubled += right.doubled
        left.unknown += right.unknown
        left.messagesTwice += right.messagesTwice
    }

    var text: String {
        "\(rounds) rounds: \(acknowledged) deliveries acknowledged, \(sentAgain) sent again, \(effects) effects, "
            + "\(unknown) unknown, \(messagesTwice) messages twice, \(lost.count) lost, \(doubled.count) doubled"
    }

    /// Says it at once: who watches a long run waits for it.
    static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
