import Domain
import Foundation
import Kubernetes
import Synchronization

/// Ends the process when it may not write any more, on a thread of its own: also when everything else hangs, and at once
/// when the process wakes after a pause.
final class LeaseDeadline: Sendable {
    /// From one look at the clock to the next.
    static let interval = Duration.milliseconds(100)

    private let isArmed = Mutex(true)

    /// Begins to watch. The process ends with the status `leaseLost`.
    init(_ keeper: LeaseKeeper) {
        Thread.detachNewThread { [self] in
            while isArmed.withLock({ $0 }) {
                if !keeper.mayWrite {
                    // The lock is kept: whoever disarms it now waits for the end.
                    isArmed.withLock { isArmed in
                        guard isArmed else { return }
                        Terminal.complain("defimon: \(keeper.loss); the bot has ended, so that another may start")
                        _exit(ExitStatus.leaseLost.rawValue)
                    }
                }
                Thread.sleep(forTimeInterval: LeaseDeadline.interval.secondsValue)
            }
        }
    }

    /// Called when nothing is written any more.
    func disarm() { isArmed.withLock { $0 = false } }
}
