import Domain
import Foundation
import Outbound
import SSH
import TestSupport
import Testing

/// What is refused, or cannot be reached, and how it is told: nothing ran then.
@Suite(.enabled(if: SSHServer.isThere)) struct SSHRefusalTests {
    private func expect(_ words: String, passes: Bool = false, _ scene: HostScene, on host: String = "web") async {
        let failure = await scene.failure(of: ["touch", scene.server.folder.path("ran")], on: host)
        #expect(failure?.kind == .notConnected(passes: passes))
        #expect(failure?.mayHaveRun == false)
        #expect(failure?.description.contains(words) == true, "\(failure.map(\.description) ?? "it ran")")
        #expect(!FileManager.default.fileExists(atPath: scene.server.folder.path("ran")))
    }

    private func publicKey(_ name: String, of server: SSHServer) throws -> String {
        try String(contentsOfFile: server.folder.path(name), encoding: .utf8)
    }

    @Test func `A host whose key is not known is refused`() async throws {
        let server = try await SSHServer.start()
        let empty = try server.folder.write("", to: "nobody")
        let scene = try HostScene(server, settings: ["known_hosts_file": .string(empty)])
        await expect("the host's key is not in \(empty)", scene)
        await scene.end()
    }

    @Test func `A host that shows another key than the one that is pinned is refused`() async throws {
        let server = try await SSHServer.start()
        let stranger = try publicKey("stranger.pub", of: server)
        let scene = try HostScene(server, settings: ["known_hosts_file": .null, "known_hosts": .string(stranger)])
        await expect(
            "the host shows another key than the one in 'known_hosts' of web in the settings: find out why", scene)
        await scene.end()
    }

    @Test func `A key that the settings hold alone, or as ssh-keyscan prints it, is trusted`() async throws {
        let server = try await SSHServer.start()
        let key = try publicKey("host.pub", of: server)
        let line = try publicKey("known_hosts", of: server)
        for text in [key, "# of the console\n\n" + line] {
            let scene = try HostScene(server, settings: ["known_hosts_file": .null, "known_hosts": .string(text)])
            #expect(try await scene.run(["true"]).isSuccess)
            await scene.hosts.shutdown()
        }
        await server.stop()
    }

    @Test func `A key that the host does not know is refused in words that say what to do`() async throws {
        let server = try await SSHServer.start()
        let stranger = server.folder.path("stranger")
        let scene = try HostScene(server, settings: ["key": ["file": .string(stranger)]])
        await expect(
            "the host does not let \(NSUserName()) in with the key file:\(stranger): put its public key into", scene)
        await scene.end()
    }

    @Test func `A text that is no key is refused, and is in no error`() async throws {
        let server = try await SSHServer.start()
        let file = try server.folder.write("not-a-key-but-secret", to: "text")
        let scene = try HostScene(server, settings: ["key": ["file": .string(file)]])
        await expect("the host does not let \(NSUserName()) in with the key file:\(file)", scene)
        let failure = await scene.failure(of: ["true"])
        #expect("\(String(describing: failure))".contains("not-a-key") == false)
        await scene.end()
    }

    @Test func `A key that cannot be had, and a file of host keys that is not there, are told`() async throws {
        let server = try await SSHServer.start()
        let keyless = try HostScene(server, settings: ["key": ["env": "SSH_KEY"]])
        #expect(await keyless.failure(of: ["true"])?.description == "host web: there is no env:SSH_KEY")
        let nowhere = try HostScene(server, settings: ["known_hosts_file": "nowhere"])
        let failure = await nowhere.failure(of: ["true"])
        #expect(failure?.kind == .notUsable)
        #expect(failure?.reason.hasSuffix("/nowhere cannot be read") == true)
        await server.stop()
    }

    @Test func `A host that is not there may be there later`() async throws {
        let server = try await SSHServer.start()
        await server.stop()
        let scene = try HostScene(server)
        await expect("Connection refused", passes: true, scene)
        let error = await scene.failure(of: ["true"])?.actionError(changes: true)
        #expect(error?.retry == .later(afterMilliseconds: nil))
        #expect(error?.mayHaveTakenEffect == false)
        await scene.end()
    }

    @Test func `A user whose key is for one command only is told apart from a command that failed`() async throws {
        let server = try await SSHServer.start(more: ["ForceCommand echo only this"])
        let scene = try HostScene(server)
        let failure = await scene.failure(of: ["true"])
        #expect(failure?.kind == .refused)
        #expect(failure?.reason == "the host did not run the command: only this")
        await scene.end()
    }

    @Test func `A user that may not log in is told in the host's words`() async throws {
        let server = try await SSHServer.start(more: ["ForceCommand echo 'not available'; exit 1"])
        // A login shell of this machine may say something before.
        await expect("not available", try HostScene(server))
        await server.stop()
    }

    // MARK: Hosts on the way

    @Test func `A host is reached through another one, each with its own pinned key and its own user's key`()
        async throws
    {
        let bastion = try await SSHServer.start(more: ["LogLevel VERBOSE"])
        let inner = try await SSHServer.start(more: ["LogLevel VERBOSE"])
        let scene = try HostScene(
            inner, settings: ["jump": "bastion"], others: ["bastion": .object(HostScene.host(bastion))])
        #expect(try await scene.run(["echo", "through"]).output.text == "through\n")
        #expect(bastion.log.contains("Accepted publickey"))
        #expect(inner.log.contains("Accepted publickey"))
        await scene.end()
        await bastion.stop()
    }

    @Test func `A host on the way that shows another key, or lets nobody in, is named`() async throws {
        let bastion = try await SSHServer.start()
        let inner = try await SSHServer.start()
        var way = HostScene.host(bastion)
        way["known_hosts_file"] = nil
        way["known_hosts"] = .string(try publicKey("stranger.pub", of: bastion))
        var scene = try HostScene(inner, settings: ["jump": "bastion"], others: ["bastion": .object(way)])
        await expect("host web: on the way, at bastion: the host shows another key", scene)
        await scene.hosts.shutdown()

        way = HostScene.host(bastion)
        way["user"] = "nobody-here"
        scene = try HostScene(inner, settings: ["jump": "bastion"], others: ["bastion": .object(way)])
        await expect("on the way, at bastion: the host does not let nobody-here in", scene)
        await scene.hosts.shutdown()

        // Trusting the way is not trusting the host.
        let empty = try inner.folder.write("", to: "nobody")
        scene = try HostScene(
            inner, settings: ["jump": "bastion", "known_hosts_file": .string(empty)],
            others: ["bastion": .object(HostScene.host(bastion))])
        await expect("host web: the host's key is not in \(empty)", scene)
        await scene.end()
        await bastion.stop()
    }

    // MARK: Secrets

    @Test func `The key is in no process's arguments and not in the environment of what runs there`() async throws {
        let scene = try await HostScene.start()
        let key = try String(contentsOfFile: scene.server.target.keyFile, encoding: .utf8)
        let secret = try #require(key.split(separator: "\n").dropFirst().first)
        let all = try await scene.run(["sh", "-c", "cat /proc/[0-9]*/cmdline /proc/self/environ 2>/dev/null; env"])
        #expect(all.output.text.contains("cmdline"))
        #expect(!all.output.text.contains(secret))
        #expect(!all.output.text.contains("SSH_AUTH_SOCK"))
        await scene.end()
    }

    @Test func `With sudo, commands run by it, and it asks for no password`() async throws {
        let tools = try TemporaryFolder()
        try tools.write("#!/bin/sh\necho \"sudo $1 $2\"\nshift 2\nexec \"$@\"\n", to: "sudo")
        chmod(tools.path("sudo"), 0o755)
        let scene = try await HostScene.start(
            settings: ["sudo": true], more: ["SetEnv PATH=\(tools.path("")):/usr/bin:/bin"])
        let result = try await scene.run(["sh", "-c", "echo \"as $DEFIMON_STEP\""], tag: "step-1")
        #expect(result.output.text == "sudo -n --\nas step-1\n")
        await scene.end()
    }
}
