import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@testable import App

/// The program as the kernel sees it: SIGKILL cannot show a missing flush, since the page cache survives it.
@Suite struct FlushTests {
    private static let strace = "/usr/bin/strace"

    @Test(.enabled(if: Project.isCI || FileManager.default.isExecutableFile(atPath: strace), "strace is missing"))
    func `Between a delivery and its 2xx the write-ahead log is flushed`() async throws {
        try await BotFromOutside.run { world in
            let trace = world.folder.path("trace")
            let tracer = try await RunningProgram(
                FlushTests.strace,
                [
                    "-f", "-qq", "-y", "-s", "40", "-e", "signal=none", "-e",
                    "trace=fdatasync,fsync,read,recvfrom,recvmsg,write,writev,sendto,sendmsg", "-o", trace,
                    Project.binary, "serve", "--config", world.settings, "--root", Project.root,
                ], in: world.folder)
            try await world.ready(tracer)
            let count = 20
            for index in 0..<count {
                let body = Array(#"{"zen":"\#(index)","hook_id":1}"#.utf8)
                let code = HMACSHA256.code(for: [body], key: world.secrets.githubWebhook)
                let answer = try await world.session.send(
                    HTTPRequest(
                        method: "POST", url: world.address + "/webhooks/github",
                        headers: [
                            ("Content-Type", "application/json"), ("X-GitHub-Event", "ping"),
                            ("X-GitHub-Delivery", UUID().uuidString.lowercased()),
                            ("X-Hub-Signature-256", "sha256=" + Hex.encode(code)),
                        ], body: body), timeout: .seconds(20))
                try #require((200..<300).contains(answer.status), "\(answer.text)")
            }
            let children = "/proc/\(tracer.id)/task/\(tracer.id)/children"
            let bot = try #require(Int32(try String(contentsOfFile: children, encoding: .utf8).prefix { $0 != " " }))
            kill(bot, SIGTERM)
            #expect(await tracer.ended() == 0, "\(tracer.text.suffix(2000))")
            var answers = TracedAnswers()
            for line in try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n") { answers.read(line) }
            #expect(answers.flushed.count == count)
            #expect(!answers.flushed.contains(false), "\(answers.flushed)")
        }
    }
}

/// Which answers to deliveries came after a flush of the log, as strace saw it.
private struct TracedAnswers {
    /// One for each 2xx, in the order of their leaving.
    private(set) var flushed: [Bool] = []
    private var isWaiting = false
    private var isFlushed = false
    /// Threads in the middle of a flush of the log that began after the delivery had come.
    private var flushing: Set<Substring> = []

    mutating func read(_ line: Substring) {
        let thread = line.prefix { $0 != " " }
        if line.contains("\"POST /webhooks/github") {
            isWaiting = true
            isFlushed = false
            flushing = []
        } else if line.contains("sync("), line.contains("-wal>") {
            if line.hasSuffix("= 0") { isFlushed = true } else { flushing.insert(thread) }
        } else if line.contains("sync resumed>"), line.hasSuffix("= 0"), flushing.remove(thread) != nil {
            isFlushed = true
        } else if line.contains("\"HTTP/1.1 2"), line.contains("write") || line.contains("send"), isWaiting {
            flushed.append(isFlushed)
            isWaiting = false
        }
    }
}
