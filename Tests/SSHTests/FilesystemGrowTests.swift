import Domain
import Foundation
import SSH
import TestSupport
import Testing

/// With real disks, partitions and filesystems of this machine, reached through a real sshd.
@Suite(.serialized, .enabled(if: SSHServer.isThere && LoopDisk.isThere)) struct FilesystemGrowTests {
    private static let mebibyte = 1 << 20
    /// xfs takes no less than 300 MiB (mkfs.xfs(8)).
    private static let small = 400 * mebibyte
    private static let large = 700 * mebibyte

    private func run(
        table: String? = nil, _ body: (HostScene, LoopDisk) async throws -> Void
    ) async throws {
        let disk = try await LoopDisk(size: FilesystemGrowTests.small, table: table)
        let scene = try await HostScene.start()
        do { try await body(scene, disk) } catch {
            await scene.end()
            await disk.end()
            throw error
        }
        await scene.end()
        await disk.end()
    }

    private func size(_ output: JSONValue, _ name: String) -> Int { output[name]?.intValue ?? -1 }

    @Test func `XFS on a whole disk grows while it is mounted, once, and what is in it stays`() async throws {
        try await run { scene, disk in
            try await LoopDisk.run("mkfs.xfs", "-q", disk.device)
            try await disk.mount(disk.device)
            try Data("kept".utf8).write(to: URL(filePath: disk.mount + "/file"))
            let inputs: JSONValue = ["mount": .string(disk.mount)]
            #expect(try await scene.plan("ssh.filesystem-grow", inputs).changes == [])
            try await disk.grow(to: FilesystemGrowTests.large)
            #expect(
                try await scene.plan("ssh.filesystem-grow", inputs).changes == [
                    "host web: xfs on \(disk.device) at \(disk.mount) has 400 MiB and grows to fill 700 MiB: the "
                        + "filesystem at \(disk.mount) grows"
                ])
            let grown = try await scene.perform("ssh.filesystem-grow", inputs)
            #expect(size(grown, "before") == FilesystemGrowTests.small)
            #expect(size(grown, "after") == FilesystemGrowTests.large)
            #expect(grown["changed"] == true)
            #expect(grown["filesystem"] == "xfs")
            #expect(try String(contentsOfFile: disk.mount + "/file", encoding: .utf8) == "kept")
            let again = try await scene.perform("ssh.filesystem-grow", inputs)
            #expect(again["changed"] == false)
            #expect(size(again, "after") == FilesystemGrowTests.large)
            let usage = try await scene.perform("ssh.disk-usage", ["path": .string(disk.mount + "/file")])
            #expect(usage["mount"] == .string(disk.mount))
            #expect(usage["filesystem"] == "xfs")
            #expect(size(usage, "size") > 600 * FilesystemGrowTests.mebibyte)
        }
    }

    @Test func `A partition grows before its filesystem, whichever of the two was done already`() async throws {
        try await run(table: "label: gpt\n,350M,L\n") { scene, disk in
            let partition = disk.device + "p1"
            try await LoopDisk.run("mkfs.xfs", "-q", partition)
            try await disk.mount(partition)
            let inputs: JSONValue = ["mount": .string(disk.mount)]
            let first = try await scene.perform("ssh.filesystem-grow", inputs)
            #expect(size(first, "before") == 350 * FilesystemGrowTests.mebibyte)
            #expect(size(first, "after") > 395 * FilesystemGrowTests.mebibyte)
            #expect(
                first["details"]
                    == .string(
                        "partition \(partition) grows on \(disk.device)\nthe filesystem at \(disk.mount) grows"))
            // As after a crash between the two.
            try await disk.grow(to: FilesystemGrowTests.large)
            try await LoopDisk.run("growpart", disk.device, "1")
            let second = try await scene.perform("ssh.filesystem-grow", inputs)
            #expect(second["details"] == .string("the filesystem at \(disk.mount) grows"))
            #expect(size(second, "after") > 695 * FilesystemGrowTests.mebibyte)
            #expect(try await scene.perform("ssh.filesystem-grow", inputs)["changed"] == false)
        }
    }

    @Test func `A partition with another one behind it grows to where that begins`() async throws {
        try await run(table: "label: gpt\n,100M,L\nstart=300M,size=50M\n") { scene, disk in
            let partition = disk.device + "p1"
            try await LoopDisk.run("mkfs.ext4", "-q", partition)
            let grown = try await scene.perform("ssh.filesystem-grow", ["device": .string(partition)])
            #expect(size(grown, "before") == 100 * FilesystemGrowTests.mebibyte)
            #expect(size(grown, "after") == 299 * FilesystemGrowTests.mebibyte)
        }
    }

    @Test func `ext4 that is not mounted is checked and grows`() async throws {
        try await run { scene, disk in
            try await LoopDisk.run("mkfs.ext4", "-q", disk.device, "100M")
            let inputs: JSONValue = ["device": .string(disk.device)]
            let grown = try await scene.perform("ssh.filesystem-grow", inputs)
            #expect(size(grown, "before") == 100 * FilesystemGrowTests.mebibyte)
            #expect(size(grown, "after") == FilesystemGrowTests.small)
            #expect(grown["mount"] == "")
            #expect(try await scene.perform("ssh.filesystem-grow", inputs)["changed"] == false)
            try await LoopDisk.run("e2fsck", "-f", "-n", disk.device)
        }
    }

    @Test(.enabled(if: LoopDisk.mayGrowMountedExt))
    func `ext4 grows while it is mounted`() async throws {
        try await run { scene, disk in
            try await LoopDisk.run("mkfs.ext4", "-q", disk.device)
            try await disk.mount(disk.device)
            try await disk.grow(to: FilesystemGrowTests.large)
            let grown = try await scene.perform("ssh.filesystem-grow", ["mount": .string(disk.mount)])
            #expect(size(grown, "before") == FilesystemGrowTests.small)
            #expect(size(grown, "after") == FilesystemGrowTests.large)
        }
    }

    @Test func `A disk that should be larger by now is waited for, and the plan tells it`() async throws {
        try await run { scene, disk in
            try await LoopDisk.run("mkfs.ext4", "-q", disk.device)
            let inputs: JSONValue = ["device": .string(disk.device), "at_least": "700MiB"]
            let plan = try await scene.plan("ssh.filesystem-grow", inputs)
            #expect(plan.changes == [])
            #expect(
                plan.knownLater
                    == ["host web: ext4 on \(disk.device) grows when its disk has 700 MiB, and has 400 MiB now"])
            let action = try #require(try scene.action("ssh.filesystem-grow", inputs) as? any RepeatableAction)
            let time = VirtualTime()
            let context = ActionContext(jobID: 1, idempotencyKey: scene.key, attempt: 1, time: time) { _ in }
            async let grown = action.perform(context)
            await time.untilSleeping(1)
            try await disk.grow(to: FilesystemGrowTests.large)
            time.advance(by: .seconds(5))
            #expect(size(try await grown, "after") == FilesystemGrowTests.large)
        }
    }

    @Test func `A disk that never gets larger is told`() async throws {
        try await run { scene, disk in
            try await LoopDisk.run("mkfs.ext4", "-q", disk.device)
            let action = try #require(
                try scene.action("ssh.filesystem-grow", ["device": .string(disk.device), "at_least": "700MiB"])
                    as? any RepeatableAction)
            let time = VirtualTime()
            let context = ActionContext(jobID: 1, idempotencyKey: scene.key, attempt: 1, time: time) { _ in }
            let ended = Task { try await action.perform(context) }
            for _ in 1...23 {
                await time.untilSleeping(1)
                time.advance(by: .seconds(5))
            }
            let error = await #expect(throws: ActionError.self) { try await ended.value }
            #expect(error?.message == "host web: its disk has 400 MiB, and should have 700 MiB by now")
        }
    }

    @Test func `What cannot be grown is told, and nothing is changed`() async throws {
        try await run { scene, disk in
            let nowhere = try await scene.error("ssh.filesystem-grow", ["mount": .string(disk.mount)])
            #expect(nowhere?.message == "host web: nothing is mounted at \(disk.mount)")
            try await LoopDisk.run("mkswap", disk.device)
            let swap = try await scene.error("ssh.filesystem-grow", ["device": .string(disk.device)])
            #expect(swap?.message == "host web: \(disk.device) holds swap")
            try await LoopDisk.run("mkfs.xfs", "-q", "-f", disk.device)
            let unmounted = try await scene.error("ssh.filesystem-grow", ["device": .string(disk.device)])
            #expect(
                unmounted?.message
                    == "host web: the xfs on \(disk.device) is not mounted, and grows only when it is")
            let both = #expect(throws: HostScene.Unreadable.self) {
                try scene.action("ssh.filesystem-grow", ["mount": "/x", "device": "/dev/x"])
            }
            #expect(both?.problems.map(\.message) == ["which filesystem is meant is not clear"])
        }
    }
}
