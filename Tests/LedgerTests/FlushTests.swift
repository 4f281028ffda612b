import Domain
import Foundation
import Ledger
import TestSupport
import Testing

/// Looks at this process from outside, as the kernel sees it: SIGKILL cannot show a missing flush, since the page cache
/// survives it.
@Suite struct FlushTests {
    private static let strace = "/usr/bin/strace"
    private static let hasStrace = FileManager.default.isExecutableFile(atPath: strace) && canTrace

    /// Whether a child may attach to this process at all.
    private static let canTrace: Bool = {
        let status = (try? String(contentsOfFile: "/proc/sys/kernel/yama/ptrace_scope", encoding: .utf8)) ?? "0"
        return getuid() == 0 || status.hasPrefix("0")
    }()

    @Test(.enabled(if: hasStrace, "strace is missing or may not attach"), .timeLimit(.minutes(1)))
    func everyCommitReachesTheDisk() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("ledger.sqlite")
        let trace = folder.path("trace")
        let count = 20
        try await withLedger(at: path) { ledger in
            _ = try await ledger.insert(try verified("first"))
            let tracer = try await RunningProgram(
                FlushTests.strace,
                [
                    "-f", "-y", "-e", "trace=fdatasync,fsync", "-o", trace, "-p",
                    "\(ProcessInfo.processInfo.processIdentifier)",
                ], in: folder)
            let isAttached = await eventually { tracer.errors.contains("attached") ? true : nil }
            try #require(isAttached == true, "\(tracer.errors)")
            for index in 0..<count { _ = try await ledger.insert(try verified("body \(index)", id: "\(index)")) }
            let flushes = try await eventually(within: .seconds(10)) {
                let lines = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
                let flushes = lines.count { $0.contains("sync(") && $0.contains(path + "-wal") }
                return flushes >= count ? flushes : nil
            }
            #expect(flushes != nil, "fewer flushes of the log than commits")
            // The kernel then lets go of us.
            await tracer.end(SIGKILL)
        }
    }
}
