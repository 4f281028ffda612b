package import Domain
package import Foundation
import ServiceLifecycle

/// Alertmanager as the bot meets it: posts alerts to its webhook, with Alertmanager's own way of trying again, and
/// serves the API in which the firing ones can be looked up.
package final class AlertSender: Service {
    package struct Configuration: Sendable {
        /// The bot's bearer token.
        package var token: Secret
        package var alerts: [SandboxAlert]
        package var receiver = "defimon"
        package var path = "/webhooks/alertmanager"
        /// How long an alert has been firing when it is sent, so that a guard which waits for that is satisfied.
        package var firingFor: Duration = .zero
        /// How often is looked whether an alert's cause is gone.
        package var lookEvery: Duration = .seconds(1)
        /// Pauses between the tries of one notification; real Alertmanager's, shortened at the end.
        package var retryAfter: [Duration] = [0.4, 0.8, 1.7, 3.5, 6.7, 9.5, 16.7].map { .seconds($0) }

        package init(token: Secret, alerts: [SandboxAlert]) {
            self.token = token
            self.alerts = alerts
        }
    }

    /// How an alert stands, for the page and tests.
    package struct Status: Sendable, Hashable {
        package var isFiring = false
        package var startsAt: Date?
        package var endsAt: Date?
        /// What became of the last notification: `sent`, `waiting`, `refused with 401`.
        package var delivery = ""
    }

    private struct Notification: Sendable {
        var alertID: String
        var body: [UInt8]
    }

    private let configuration: Configuration
    private let time: any TimeSource
    private let send: BotConnection
    private let board = AlertBoard()
    private let queue = AsyncStream.makeStream(of: Notification.self, bufferingPolicy: .bufferingNewest(1000))
    private let server: SandboxServer
    package let changes = ChangeCounter()

    package init(_ configuration: Configuration, time: any TimeSource = SystemTime(), send: @escaping BotConnection) {
        self.configuration = configuration
        self.time = time
        self.send = send
        let (board, alerts) = (board, configuration.alerts)
        let api = AlertmanagerAPI(
            receiver: configuration.receiver, firing: { board.firing(of: alerts) }, now: { time.now })
        server = SandboxServer("alertmanager") { request in api.answer(request) }
    }

    /// Serves the API, sends notifications and watches for causes that are gone, until the service group ends.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.server.run() }
            group.addTask { await self.sendQueue() }
            group.addTask { await self.watchCauses() }
            try await group.waitForAll()
        }
    }

    /// `http://127.0.0.1:PORT`, to which `/api/v2/alerts` is added; waits until it listens.
    package func url() async throws -> String { try await server.url() }

    package var alerts: [SandboxAlert] { configuration.alerts }

    package func status(of id: String) -> Status { board.status(of: id) }

    /// Fires an alert; one that fires already is sent again, unchanged. Throws `SandboxInputError` for an unknown id.
    package func fire(_ id: String) async throws {
        let alert = try known(id)
        await alert.onFire()
        board.fire(id, at: time.now.advanced(by: .zero - configuration.firingFor))
        // The cause is looked for at once, so that it counts as seen also when it is mended fast.
        if let isOver = alert.isOver { _ = board.isMended(id, isOver: await isOver()) }
        enqueue(alert)
    }

    /// Resolves a firing alert, with the start it had; does nothing to one that does not fire. Throws
    /// `SandboxInputError` for an unknown id.
    package func resolve(_ id: String) throws {
        let alert = try known(id)
        if board.resolve(id, at: time.now) { enqueue(alert) }
    }

    /// The body that is posted for an alert as it stands now; nil when it never fired.
    private func body(of alert: SandboxAlert) -> [UInt8]? {
        let status = status(of: alert.id)
        guard let startsAt = status.startsAt else { return nil }
        return AlertmanagerBody.bytes(
            .init(labels: alert.labels, annotations: alert.annotations, startsAt: startsAt, endsAt: status.endsAt),
            groupBy: alert.groupBy, receiver: configuration.receiver,
            externalURL: "http://alertmanager.sandbox.example:9093")
    }

    private func known(_ id: String) throws -> SandboxAlert {
        guard let alert = configuration.alerts.first(where: { $0.id == id }) else {
            throw SandboxInputError("there is no alert '\(id)'; there are \(configuration.alerts.map(\.id))")
        }
        return alert
    }

    private func enqueue(_ alert: SandboxAlert) {
        changes.bump()
        if let body = body(of: alert) { queue.continuation.yield(Notification(alertID: alert.id, body: body)) }
    }
}

extension AlertSender {
    private func sendQueue() async {
        await cancelWhenGracefulShutdown {
            for await notification in self.queue.stream {
                self.board.setDelivery(notification.alertID, await self.notify(notification.body))
                self.changes.bump()
            }
        }
    }

    /// Posts one notification; 5xx and no answer are tried again, other refusals are not. Returns what became of it.
    private func notify(_ body: [UInt8]) async -> String {
        let headers = [
            ("Content-Type", "application/json"), ("User-Agent", "Alertmanager/0.28.1"),
            ("Authorization", "Bearer \(configuration.token.reveal())"),
        ]
        var last = ""
        for pause in configuration.retryAfter + [nil] {
            do {
                let answer = try await send(configuration.path, headers, body)
                if (200..<300).contains(answer.status) { return "sent" }
                last = "refused with \(answer.status)"
                guard answer.status >= 500 else { return last }
            } catch {
                last = "no answer"
            }
            guard let pause else { break }
            // A cancelled sleep means that the sandbox ends.
            do { try await time.sleep(for: pause) } catch { break }
        }
        return last
    }

    private func watchCauses() async {
        // A cancelled sleep means that the sandbox ends.
        try? await cancelWhenGracefulShutdown {
            while true {
                try await self.time.sleep(for: self.configuration.lookEvery)
                for alert in self.configuration.alerts { try await self.look(at: alert) }
            }
        }
    }

    private func look(at alert: SandboxAlert) async throws {
        guard let isOver = alert.isOver, status(of: alert.id).isFiring else { return }
        if board.isMended(alert.id, isOver: await isOver()) { try resolve(alert.id) }
    }
}
