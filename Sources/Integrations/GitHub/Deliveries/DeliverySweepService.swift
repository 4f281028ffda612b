package import Domain
import Foundation
package import Logging
import ServiceLifecycle

/// Looks for missed deliveries at the start and from then on at intervals, hook by hook.
package struct DeliverySweepService: Service {
    private let sweeps: [DeliverySweep]
    private let every: Duration
    private let time: any TimeSource
    private let logger: Logger
    private let untilReceiving: @Sendable () async throws -> Void

    /// `untilReceiving` returns when the bot can be reached: what is asked for comes at once.
    package init(
        _ sweeps: [DeliverySweep], every: Duration, time: any TimeSource, logger: Logger,
        untilReceiving: @escaping @Sendable () async throws -> Void
    ) {
        self.sweeps = sweeps
        self.every = every
        self.time = time
        self.logger = logger
        self.untilReceiving = untilReceiving
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            // Without a server there is nothing to receive with, and the bot ends for that reason.
            do { try await self.untilReceiving() } catch { return }
            while !Task.isCancelled {
                for sweep in self.sweeps where !Task.isCancelled { await self.run(sweep) }
                do { try await self.time.sleep(for: self.every) } catch { return }
            }
        }
        // A service that ends would end the bot.
        try? await gracefulShutdown()  // cancelled is stopped too
    }

    private func run(_ sweep: DeliverySweep) async {
        do { try await sweep.run() } catch is CancellationError {
            return
        } catch {
            let reason = (error as? GitHubFailure)?.message ?? "\(error)"
            logger.warning(
                "missed deliveries could not be looked for; they are next time",
                metadata: ["hook": "\(sweep.hook)", "reason": "\(reason)"])
        }
    }
}
