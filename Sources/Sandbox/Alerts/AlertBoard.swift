import Foundation
import Synchronization

/// How all alerts stand.
final class AlertBoard: Sendable {
    private struct State {
        var statuses: [String: AlertSender.Status] = [:]
        /// Alerts whose cause was seen after they fired.
        var seen: Set<String> = []
    }

    private let state = Mutex(State())

    func status(of id: String) -> AlertSender.Status { state.withLock { $0.statuses[id] ?? AlertSender.Status() } }

    /// Begins to fire; one that fires already keeps its start.
    func fire(_ id: String, at date: Date) {
        state.withLock { state in
            var status = state.statuses[id] ?? AlertSender.Status()
            if !status.isFiring {
                status = AlertSender.Status(isFiring: true, startsAt: date, endsAt: nil)
                state.seen.remove(id)
            }
            status.delivery = "waiting"
            state.statuses[id] = status
        }
    }

    /// Ends; false when it does not fire.
    func resolve(_ id: String, at date: Date) -> Bool {
        state.withLock { state in
            guard var status = state.statuses[id], status.isFiring else { return false }
            status.isFiring = false
            status.endsAt = date
            status.delivery = "waiting"
            state.statuses[id] = status
            return true
        }
    }

    func setDelivery(_ id: String, _ result: String) {
        state.withLock { $0.statuses[id]?.delivery = result }
    }

    /// Whether the cause was there after the firing and is gone now.
    func isMended(_ id: String, isOver: Bool) -> Bool {
        state.withLock { state in
            if !isOver { state.seen.insert(id) }
            return isOver && state.seen.contains(id)
        }
    }

    func firing(of alerts: [SandboxAlert]) -> [AlertmanagerBody.Alert] {
        alerts.compactMap { alert in
            let status = status(of: alert.id)
            guard status.isFiring, let startsAt = status.startsAt else { return nil }
            return .init(labels: alert.labels, annotations: alert.annotations, startsAt: startsAt, endsAt: nil)
        }
    }
}
