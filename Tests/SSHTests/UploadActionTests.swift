import Domain
import Foundation
import SSH
import TestSupport
import Testing

@Suite(.enabled(if: SSHServer.isThere)) struct UploadActionTests {
    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func `A file has its contents and its mode, and is not written again`() async throws {
        let scene = try await HostScene.start()
        let path = scene.server.folder.path("a file's name")
        let inputs: JSONValue = ["path": .string(path), "content": "one\ntwo", "mode": "640"]
        #expect(
            try await scene.plan("ssh.upload", inputs).changes
                == ["host web: \(path): new, 7 bytes, sha256:21066d108d53, mode 0640"])
        #expect(!FileManager.default.fileExists(atPath: path))
        let first = try await scene.perform("ssh.upload", inputs)
        #expect(first["changed"] == true)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "one\ntwo")
        #expect(try mode(path) == 0o640)
        #expect(try await scene.plan("ssh.upload", inputs).changes == [])
        #expect(try await scene.perform("ssh.upload", inputs)["changed"] == false)
        await scene.end()
    }

    @Test func `The plan tells what differs, by digest, mode and owner`() async throws {
        let scene = try await HostScene.start()
        let path = try scene.server.folder.write("old", to: "file")
        chmod(path, 0o600)
        let inputs: JSONValue = ["path": .string(path), "content": "new", "owner": "daemon"]
        let changes = try await scene.plan("ssh.upload", inputs).changes
        #expect(
            changes == [
                "host web: \(path): sha256:cba06b5736fa → sha256:11507a0e2f5e, mode 0600 → 0644, owner root:root → daemon"
            ])
        try await scene.perform("ssh.upload", inputs)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.ownerAccountName] as? String == "daemon")
        await scene.end()
    }

    @Test func `A file of the definitions is sent byte by byte, and none from outside of their folder`() async throws {
        let scene = try await HostScene.start()
        let bytes = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 / 7) })
        try scene.server.folder.write("", to: "root/files/x")
        try bytes.write(to: scene.server.folder.url.appending(path: "root/files/x"))
        let path = scene.server.folder.path("sent")
        try await scene.perform("ssh.upload", ["path": .string(path), "file": "files/x"])
        #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
        try FileManager.default.createSymbolicLink(
            atPath: scene.server.folder.path("root/link"), withDestinationPath: "/etc/passwd")
        for outside in ["../user", "/etc/passwd", "link", "files/../../user", ""] {
            let error = try await scene.error("ssh.upload", ["path": .string(path), "file": .string(outside)])
            #expect(error?.message == "'\(outside)' is outside of the folder of defimon.yaml")
        }
        await scene.end()
    }

    @Test func `What cannot be written is told, and leaves nothing behind`() async throws {
        let scene = try await HostScene.start()
        let folder = scene.server.folder.path("there")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let cases: [(JSONValue, String)] = [
            (["path": .string(folder), "content": ""], "it is no file"),
            (["path": .string(folder + "/deep/file"), "content": ""], "there is no folder \(folder)/deep"),
            (["path": .string(folder + "/file"), "content": "", "owner": "nobody-here"], "nobody-here"),
        ]
        for (inputs, words) in cases {
            let error = try await scene.error("ssh.upload", inputs)
            #expect(error?.message.contains(words) == true, "\(error.map(\.message) ?? "it was written")")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
        await scene.end()
    }

    @Test func `What was cut off on its way never gets the name`() async throws {
        let scene = try await HostScene.start()
        let path = try scene.server.folder.write("old", to: "there/file")
        // As if the connection had ended in the middle: fewer bytes than their digest is of.
        var file = HostFile(path: path, contents: Array("half".utf8), mode: "0644")
        let whole = HostFile(path: path, contents: Array("half and half".utf8), mode: "0644")
        let cut = CutShort(hosts: scene.hosts, input: file.contents)
        do throws(HostError) {
            try await cut.upload(whole, to: "web", within: .seconds(30), for: 1)
            Issue.record("it was written")
        } catch {
            #expect(error.reason == "\(path) cannot be written: not all of its 13 bytes have come")
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scene.server.folder.path("there")) == ["file"])
        file.mode = "0600"
        try await scene.hosts.upload(file, to: "web", within: .seconds(30), for: 1)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "half")
        await scene.end()
    }

    /// Lets each command read something else than it is given.
    private struct CutShort: HostAccess {
        let hosts: SSHHosts
        let input: [UInt8]
        var names: [String] { hosts.names }

        func run(_ command: HostCommand, on host: String, for job: JobID) async throws(HostError) -> HostCommandResult {
            var command = command
            command.input = input
            return try await hosts.run(command, on: host, for: job)
        }
    }
}
