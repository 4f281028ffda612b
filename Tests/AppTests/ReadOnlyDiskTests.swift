import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@testable import App

/// The file system under the ledger takes no writes any more: senders are told to send again, people see why, and what
/// was acknowledged is there afterwards.
///
/// A file system of its own, ext4 in a file: `mount -o remount,ro` is refused while the ledger is open, as it is on every
/// file system, so it becomes read-only in the two ways that a running bot can meet.
@Suite(.serialized, .enabled(if: LoopDevice.canMount, "a loop device and ext4 need root"))
struct ReadOnlyDiskTests {
    /// A small ext4 that is mounted on a folder.
    private struct Disk {
        let image: String
        let path: String
        var ledger: String { "\(path)/defimon.sqlite" }

        init(in folder: TemporaryFolder) async throws {
            (image, path) = (folder.path("image"), folder.path("disk"))
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try await run("/usr/bin/truncate", "-s", "32M", image)
            try await run(Project.program("mkfs.ext4") ?? "", "-q", image)
            try await mount()
        }

        func mount() async throws { try await run("/bin/mount", "-o", "loop,errors=remount-ro", image, path) }

        func unmount() async throws { try await run("/bin/umount", path) }

        /// Nothing that is open already can be written, nothing new opened for it; it goes by when `isOn` is false.
        func setImmutable(_ isOn: Bool) async throws {
            let files = [ledger, "\(ledger)-wal"]
            let answer = try await RunningProgram.run("/usr/bin/chattr", [isOn ? "+i" : "-i"] + files)
            try #require(answer.code == 0, "\(answer.text)")
        }

        /// What the kernel does with `errors=remount-ro` when it finds an error in the file system: whatever is open, it
        /// is read-only until it is unmounted.
        func fail() async throws {
            let device = try await run("/usr/bin/findmnt", "-n", "-o", "SOURCE", path)
            let name = URL(filePath: device.trimmed.description).lastPathComponent
            try Data("1".utf8).write(to: URL(filePath: "/sys/fs/ext4/\(name)/trigger_fs_error"))
        }

        /// The file system's own check, as an operator runs it before it is mounted again.
        func repair() async throws {
            let answer = try await RunningProgram.run(Project.program("e2fsck") ?? "", ["-f", "-y", image])
            // 1: errors were corrected.
            try #require([0, 1].contains(answer.code), "\(answer.text)")
        }

        @discardableResult
        private func run(_ program: String, _ arguments: String...) async throws -> String {
            let answer = try await RunningProgram.run(program, arguments)
            try #require(answer.code == 0, "\(program) \(arguments): \(answer.text)")
            return answer.text
        }
    }

    private func run(_ body: (BotFromOutside, Disk) async throws -> Void) async throws {
        try await BotFromOutside.run { world in
            let disk = try await Disk(in: world.folder)
            let outcome: Result<Void, any Error>
            do {
                try world.changeSettings("ledger: defimon.sqlite\n", to: "ledger: \(disk.ledger)\n")
                try await body(world, disk)
                outcome = .success(())
            } catch { outcome = .failure(error) }
            let unmounted = try await RunningProgram.run("/bin/umount", ["-l", disk.path])
            #expect(unmounted.code == 0, "\(unmounted.text)")
            try outcome.get()
        }
    }

    /// All that is sent is refused, `/readyz` says why, and the log says it once for each reason.
    private func expectRefusals(_ world: BotFromOutside, _ bot: RunningProgram, saying reason: String) async throws {
        for index in 0..<6 {
            let answer = try await InboxFaultTests.send("refused-\(index)", to: world)
            #expect(answer.status == 503, "\(answer.text)")
            #expect(answer.headers["retry-after"] == "1")
        }
        let red = try #require(await world.readiness())
        #expect(red.status == 503)
        #expect(red.text.contains("cannot be written") && red.text.contains(reason), "\(red.text)")
        // Once that the flush failed, once that the write did.
        let loud = InboxFaultTests.loudLines(bot)
        #expect((1...2).contains(loud.count) && loud.allSatisfy { $0.contains(reason) }, "\(loud)")
    }

    @Test func `A ledger that may not be written refuses deliveries, and takes them again without a restart`()
        async throws
    {
        try await run { world, disk in
            let bot = try await world.start()
            #expect(try await InboxFaultTests.send("before", to: world).status == 200)
            try await disk.setImmutable(true)
            let outcome: Result<Void, any Error>
            do {
                try await expectRefusals(world, bot, saying: "the file system reports an error")
                outcome = .success(())
            } catch { outcome = .failure(error) }
            // In any case, or the folder cannot be removed.
            try await disk.setImmutable(false)
            try outcome.get()
            #expect(await InboxFaultTests.isReady(world) == true, "\(bot.text.suffix(2000))")
            #expect(bot.text.contains("the ledger can be written again"))
            #expect(try await InboxFaultTests.send("after", to: world).status == 200)
            let isThere = try await eventually {
                try await InboxFaultTests.alerts(disk.ledger) == ["before", "after"] ? true : nil
            }
            let found = try await InboxFaultTests.alerts(disk.ledger)
            #expect(isThere == true, "\(found)")
            #expect(await bot.end() == 0, "\(bot.text.suffix(2000))")
        }
    }

    @Test func `A file system that the kernel made read-only refuses deliveries, and keeps all that was acknowledged`()
        async throws
    {
        try await run { world, disk in
            let first = try await world.start()
            var acknowledged: [String] = []
            for index in 0..<20 {
                let answer = try await InboxFaultTests.send("n\(index)", to: world)
                try #require(answer.status == 200, "\(answer.text)")
                acknowledged.append("n\(index)")
            }
            try await disk.fail()
            try await expectRefusals(world, first, saying: "its file system is read-only")
            await first.end()
            let refused = try await world.launch()
            #expect(await refused.ended() == 3, "\(refused.text)")
            #expect(refused.text.contains("Read-only file system"), "\(refused.text)")
            try await disk.unmount()
            try await disk.repair()
            try await disk.mount()
            let second = try await world.start()
            #expect(try await InboxFaultTests.send("after", to: world).status == 200)
            acknowledged.append("after")
            let isThere = try await eventually {
                try await InboxFaultTests.alerts(disk.ledger) == acknowledged ? true : nil
            }
            let found = try await InboxFaultTests.alerts(disk.ledger)
            #expect(isThere == true, "\(found)")
            let proof = try await world.command("audit", "verify")
            #expect(proof.code == 0, "\(proof.text)")
            #expect(await second.end() == 0, "\(second.text.suffix(2000))")
        }
    }
}

private enum LoopDevice {
    static var canMount: Bool {
        let isThere = access("/dev/loop-control", R_OK | W_OK) == 0 && Project.program("mkfs.ext4") != nil
        return Project.isCI || geteuid() == 0 && isThere
    }
}
