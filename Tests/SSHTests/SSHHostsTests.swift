import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@testable import SSH

/// Against Debian's OpenSSH server.
@Suite(.enabled(if: SSHServer.isThere)) struct SSHHostsTests {
    @Test func `A command gets its arguments and its input as they are, and gives back both streams and its code`()
        async throws
    {
        let scene = try await HostScene.start()
        let result = try await scene.run(
            ["sh", "-c", "cat; echo \"$1\" >&2; exit 3", "sh", "an argument"], input: "the input")
        #expect(result.ending == .exited(3))
        #expect(result.output == .init("the input"))
        #expect(result.errors == .init("an argument\n"))
        await scene.end()
    }

    @Test func `No sign in an argument means anything to a shell on the way`() async throws {
        let scene = try await HostScene.start()
        // Every byte but NUL that is a character of its own, and what shells are fond of.
        let nasty =
            [String((1...127).map { Character(Unicode.Scalar(UInt8($0))) })] + [
                "", " ", "'", "''", "\\'", "$(touch /tmp/defimon-nasty)", "`id`", "a\nb", "*", "~", "-n", "--", "!!",
                "%d%s", "{a,b}", "ß→𝄞", "; exit 9", "\r\n", "$HOME", "#", "a=b",
            ]
        let result = try await scene.run(["printf", "%s\\001"] + nasty)
        #expect(result.isSuccess)
        #expect(Array(result.output.text.utf8) == nasty.flatMap { Array($0.utf8) + [1] })
        #expect(!FileManager.default.fileExists(atPath: "/tmp/defimon-nasty"))
        await scene.end()
    }

    @Test(arguments: [1, 124, 126, 128, 137, 254, 255])
    func `A code is the command's own, also where ssh or a shell has a meaning for it`(code: Int) async throws {
        let scene = try await HostScene.start()
        let result = try await scene.run(["sh", "-c", "exit \(code)"])
        #expect(result.ending.shellStatus == code)
        #expect(result.errors == .init(""))
        await scene.end()
    }

    @Test func `A command that a signal ends says so`() async throws {
        let scene = try await HostScene.start()
        #expect(try await scene.run(["sh", "-c", "kill -KILL $$"]).ending == .signaled(9))
        #expect(try await scene.run(["sh", "-c", "kill -TERM $$"]).ending == .signaled(15))
        await scene.end()
    }

    @Test func `What a login shell says by itself is not the command's`() async throws {
        let noise = "echo noise; echo noise >&2; eval \"$SSH_ORIGINAL_COMMAND\""
        let scene = try await HostScene.start(more: ["ForceCommand \(noise)"])
        let result = try await scene.run(["sh", "-c", "echo out; echo err >&2; exit 4"])
        #expect(result == HostCommandResult(.exited(4), output: .init("out\n"), errors: .init("err\n")))
        await scene.end()
    }

    @Test func `A program that is not there ends with 127, as a shell says it`() async throws {
        let scene = try await HostScene.start()
        let result = try await scene.run(["no-such-program-there"])
        #expect(result.ending == .exited(127))
        #expect(result.lastWords.contains("no-such-program-there"))
        await scene.end()
    }

    @Test func `Of a huge output the beginning and the end are kept, and what is missing is told`() async throws {
        let scene = try await HostScene.start()
        let script = "echo first; head -c 50000000 /dev/zero | tr '\\0' x; echo; echo last; echo own >&2; exit 7"
        let result = try await scene.run(["sh", "-c", script])
        #expect(result.ending == .exited(7))
        #expect(result.output.text.hasPrefix("first\n") && result.output.text.hasSuffix("x\nlast\n"))
        #expect(result.output.leftOut > 49_000_000)
        #expect(result.output.text.contains("… (\(result.output.leftOut) bytes left out) …"))
        #expect(result.output.text.utf8.count < 132 * 1024)
        #expect(result.errors == .init("own\n"))
        let errors = try await scene.run(["sh", "-c", "head -c 5000000 /dev/zero | tr '\\0' y >&2; exit 8"])
        #expect(errors.ending == .exited(8))
        #expect(errors.errors.leftOut > 4_000_000)
        await scene.end()
    }

    @Test func `A command that takes too long is ended there too`() async throws {
        let scene = try await HostScene.start()
        let file = scene.server.folder.path("child")
        let failure = await scene.failure(
            of: ["sh", "-c", "echo begun; echo $$ >\(file); exec sleep 600"], limit: .seconds(1))
        #expect(failure?.kind == .tookTooLong)
        #expect(failure?.reason == "the command took longer than 1 s, its limit, and was ended")
        #expect(failure?.output == "begun\n")
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let child = try #require(Int32(text.trimmingCharacters(in: .newlines)))
        #expect(kill(child, 0) != 0)
        await scene.end()
    }

    @Test func `A job has one connection for all its commands, and another job one of its own`() async throws {
        let scene = try await HostScene.start(more: ["LogLevel VERBOSE"])
        for _ in 1...3 { #expect(try await scene.run(["true"]).isSuccess) }
        func accepted() -> Int { scene.server.log.components(separatedBy: "Accepted publickey").count - 1 }
        #expect(accepted() == 1)
        _ = try await scene.hosts.run(HostCommand(["true"], limit: .seconds(30)), on: "web", for: 2)
        #expect(accepted() == 2)
        await scene.end()
    }

    @Test func `More commands at once than a connection carries are all run`() async throws {
        let scene = try await HostScene.start(more: ["MaxSessions 2"])
        #expect(try await scene.run(["true"]).isSuccess)
        let codes = try await withThrowingTaskGroup(of: Int.self) { group in
            for code in 1...6 {
                group.addTask { try await scene.run(["sh", "-c", "sleep 1; exit \(code)"]).ending.shellStatus }
            }
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(codes == [1, 2, 3, 4, 5, 6])
        await scene.end()
    }

    @Test func `A connection that has ended between two commands is made anew`() async throws {
        let scene = try await HostScene.start()
        #expect(try await scene.run(["true"]).isSuccess)
        try await scene.endSessions()
        #expect(try await scene.run(["echo", "again"]).output.text == "again\n")
        await scene.end()
    }

    @Test func `A connection that dies while a command runs is told as such: it may have run`() async throws {
        let scene = try await HostScene.start()
        let file = scene.server.folder.path("begun")
        async let failure = scene.failure(of: ["sh", "-c", "echo begun; touch \(file); sleep 30"])
        let hasBegun: Bool? = await eventually { FileManager.default.fileExists(atPath: file) ? true : nil }
        #expect(hasBegun == true)
        try await scene.endSessions()
        let lost = await failure
        #expect(lost?.kind == .lost)
        #expect(lost?.mayHaveRun == true)
        #expect(lost?.actionError(changes: true).mayHaveTakenEffect == true)
        await scene.end()
    }

    @Test func `What a command leaves behind, holding its output, is not waited for`() async throws {
        let scene = try await HostScene.start()
        let result = try await scene.run(["sh", "-c", "sleep 611 & exit 5"], limit: .seconds(600), tag: "left")
        try await scene.hosts.end("left", on: "web", for: 1)
        #expect(result.ending == .exited(5))
        await scene.end()
    }

    @Test func `When it is over no connection, no key and no folder is left`() async throws {
        let scene = try await HostScene.start()
        let folders = { try FileManager.default.contentsOfDirectory(atPath: NSTemporaryDirectory()) }
        let before = Set(try folders().filter { $0.hasPrefix("defimon-ssh-") })
        #expect(try await scene.run(["true"]).isSuccess)
        let made = Set(try folders().filter { $0.hasPrefix("defimon-ssh-") }).subtracting(before)
        // Other tests run beside this one.
        let mine = made.filter { name in
            let names =
                (try? FileManager.default.contentsOfDirectory(atPath: NSTemporaryDirectory() + "/" + name)) ?? []
            return names.sorted() == ["1.s", "lock"]
        }
        #expect(!mine.isEmpty)
        await scene.end()
        let isGone: Bool? = try await eventually {
            Set(try folders()).intersection(mine).count < mine.count ? true : nil
        }
        #expect(isGone == true)
    }

    @Test func `What a bot that was killed has left is removed by the next one, and what one holds is not`()
        async throws
    {
        let parent = try TemporaryFolder()
        let held = try PrivateFolder(in: parent.path(""))
        _ = try held.write("a key".utf8, to: "1-key-0")
        try parent.write("a key", to: "defimon-ssh-killed/1-key-0")
        try parent.write("", to: "defimon-ssh-killed/lock")
        try parent.write("a key", to: "defimon-ssh-young/1-key-0")
        for name in ["defimon-ssh-killed", URL(filePath: held.path).lastPathComponent] {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -61)], ofItemAtPath: parent.path(name))
        }
        let next = try PrivateFolder(in: parent.path(""))
        #expect(FileManager.default.fileExists(atPath: held.path("1-key-0")))
        #expect(FileManager.default.fileExists(atPath: parent.path("defimon-ssh-young/1-key-0")))
        #expect(!FileManager.default.fileExists(atPath: parent.path("defimon-ssh-killed")))
        withExtendedLifetime((held, next)) {}
    }

    @Test func `A host that the settings do not name is told, with the nearest`() async throws {
        let scene = try await HostScene.start()
        let failure = await scene.failure(of: ["true"], on: "wbe")
        #expect(failure?.description == "host wbe: there is no such host; set are: web")
        #expect(failure?.hint == "did you mean 'web'?")
        await scene.end()
    }
}

extension HostScene {
    /// Kills the processes of the server that serve connections, but not the one that takes new ones.
    func endSessions() async throws {
        guard let listener = server.id else { return }
        let all = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }
        for id in all {
            // A process may be gone by now.
            guard let stat = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8),
                let parent = stat.split(separator: ")").last?.split(separator: " ").dropFirst().first
            else { continue }
            if Int32(parent) == listener { kill(id, SIGKILL) }
        }
    }
}
