import Domain
import Engine
import Foundation
import Logging
import ServiceLifecycle
import UnixSignals

/// Loads definitions again on SIGHUP, and when a file has changed.
struct ReloadService: Service {
    /// How often files are looked at.
    static let interval = Duration.seconds(2)

    let files: Bot.Files
    let engine: BotEngine
    let time: any TimeSource
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.onSignal() }
                group.addTask { await self.onChange() }
            }
        }
    }

    private func onSignal() async {
        for await _ in await UnixSignalsSequence(trapping: .sighup) {
            logger.notice("SIGHUP: definitions are loaded again")
            _ = await engine.reload()
        }
    }

    private func onChange() async {
        var known = fingerprint()
        while !Task.isCancelled {
            do { try await time.sleep(for: ReloadService.interval) } catch { return }
            let now = fingerprint()
            guard now != known else { continue }
            // A change that is still being written is looked at again.
            do { try await time.sleep(for: .milliseconds(300)) } catch { return }
            guard fingerprint() == now else { continue }
            known = now
            _ = await engine.reload()
        }
    }

    /// Names, sizes and times of all definition files.
    private func fingerprint() -> [String: [Int64]] {
        var found: [String: [Int64]] = [:]
        let manager = FileManager.default
        var paths = [files.settings]
        for folder in ["commands", "webhooks", "schedules"] {
            let base = "\(files.root)/\(folder)"
            for case let name as String in manager.enumerator(atPath: base) ?? .init() {
                paths.append("\(base)/\(name)")
            }
        }
        for path in paths.prefix(2000) {
            // A file that has just gone has no attributes, which is a change too.
            let attributes = try? manager.attributesOfItem(atPath: path)
            let size = (attributes?[.size] as? NSNumber)?.int64Value ?? -1
            let changed = (attributes?[.modificationDate] as? Date)?.microseconds ?? 0
            found[path] = [size, changed]
        }
        return found
    }
}
