package import Domain
package import Logging
import ServiceLifecycle
import Synchronization

/// Tells somebody outside that the bot is well: while it is ready, at each interval, and never more often. Silence is
/// what they notice.
package final class HeartbeatService: Service {
    private struct Counts {
        var sent = 0
        var failed = 0
        var withheld = 0
    }

    private let every: Duration
    private let notReadyReasons: @Sendable () async -> [String]
    private let send: @Sendable () async throws -> Int
    private let time: any TimeSource
    private let logger: Logger
    private let counts = Mutex(Counts())

    /// `send` fetches the address and returns the status of the answer; its errors do not hold the address.
    package init(
        every: Duration, notReadyReasons: @escaping @Sendable () async -> [String],
        send: @escaping @Sendable () async throws -> Int, time: any TimeSource, logger: Logger
    ) {
        self.every = every
        self.notReadyReasons = notReadyReasons
        self.send = send
        self.time = time
        self.logger = logger
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.beat()
                do { try await self.time.sleep(for: self.every) } catch { return }
            }
        }
    }

    private func beat() async {
        let reasons = await notReadyReasons()
        guard reasons.isEmpty else {
            counts.withLock { $0.withheld += 1 }
            logger.warning("no heartbeat: the bot is not ready", metadata: ["reasons": "\(reasons)"])
            return
        }
        do {
            let status = try await send()
            guard (200...299).contains(status) else { return failed("the answer is \(status)") }
            counts.withLock { $0.sent += 1 }
        } catch is CancellationError {
            return
        } catch {
            failed("\(error)")
        }
    }

    private func failed(_ reason: String) {
        counts.withLock { $0.failed += 1 }
        logger.warning("a heartbeat did not arrive", metadata: ["reason": "\(reason)"])
    }

    /// How many were sent, did not arrive, and were withheld because the bot was not ready.
    package var readings: [MetricReading] {
        let counts = counts.withLock { $0 }
        return [("sent", counts.sent), ("failed", counts.failed), ("withheld", counts.withheld)].map {
            MetricReading(
                "defimon_heartbeats_total", "Heartbeats, by outcome.", labels: ["outcome": $0.0],
                Double($0.1))
        }
    }
}
