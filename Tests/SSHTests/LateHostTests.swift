import Domain
import Foundation
import Outbound
import Synchronization
import TestSupport
import Testing

@testable import SSH

/// Servers that say where they are, as a provider would.
private final class ScriptedAddresses: HostAddresses {
    let asked = Mutex<[String]>([])
    let answer = Mutex<Result<String, ActionError>>(.failure(ActionError("there is no server of that name")))

    func address(of server: String, inside isInside: Bool) async throws(ActionError) -> String {
        asked.withLock { $0.append("\(server)\(isInside ? " inside" : "")") }
        return try answer.withLock { $0 }.get()
    }
}

/// Secrets that a test puts there while the hosts are in use.
private final class LateSecrets: SecretSource {
    let values = Mutex<[String: String]>([:])

    func secret(_ reference: SecretReference) throws(MissingSecret) -> Secret {
        guard let value = values.withLock({ $0[reference.description] }) else {
            throw MissingSecret("there is no \(reference)")
        }
        return Secret(value)
    }
}

/// Hosts whose address and whose keys come later than the bot.
@Suite(.enabled(if: SSHServer.isThere)) struct LateHostTests {
    private func failure(_ hosts: SSHHosts, job: JobID = 1) async -> HostError? {
        do throws(HostError) {
            _ = try await hosts.run(HostCommand(["true"], limit: .seconds(60)), on: "control", for: job)
            return nil
        } catch { return error }
    }

    @Test func `A server is reached where its provider says that it is, asked before each new connection`() async throws
    {
        let server = try await SSHServer.start()
        var host = HostScene.host(server)
        host["address"] = nil
        host["hetzner"] = "analytics-control-1"
        host["inside"] = true
        host["known_hosts_file"] = nil
        host["known_hosts"] = ["stored": "host-key.pub"]
        host["key"] = ["stored": "ssh-key"]
        let addresses = ScriptedAddresses()
        let secrets = LateSecrets()
        let hosts = SSHHosts(
            try HostScene.read(["control": .object(host)]), base: "/", secrets: secrets, addresses: addresses)
        // Nothing is there yet, and it is said what.
        #expect(await failure(hosts)?.reason.contains("there is no server of that name") == true)
        #expect(await failure(hosts)?.kind == .notUsable)
        addresses.answer.withLock { $0 = .failure(ActionError("it starts", retry: .later(afterMilliseconds: nil))) }
        #expect(await failure(hosts)?.kind == .notConnected(passes: true))
        addresses.answer.withLock { $0 = .success("127.0.0.1") }
        #expect(await failure(hosts)?.reason == "there is no stored:host-key.pub")
        let hostKey = try String(contentsOfFile: server.folder.path("host.pub"), encoding: .utf8)
        secrets.values.withLock { $0["stored:host-key.pub"] = hostKey }
        #expect(await failure(hosts)?.reason == "there is no stored:ssh-key")
        let key = try String(contentsOfFile: server.target.keyFile, encoding: .utf8)
        secrets.values.withLock { $0["stored:ssh-key"] = key.trimmingCharacters(in: .newlines) }
        #expect(await failure(hosts) == nil)
        let before = addresses.asked.withLock { $0.count }
        #expect(await failure(hosts) == nil)
        #expect(addresses.asked.withLock { $0.count } == before)  // by the connection that stands
        #expect(await failure(hosts, job: 2) == nil)
        #expect(addresses.asked.withLock { $0.count } == before + 1)
        #expect(addresses.asked.withLock { Set($0) } == ["analytics-control-1 inside"])
        await hosts.shutdown()
        await server.stop()
    }

    @Test func `A host whose key is another than the one that is kept is refused, and told where that is`() async throws
    {
        let server = try await SSHServer.start()
        var host = HostScene.host(server)
        host["known_hosts_file"] = nil
        host["known_hosts"] = ["stored": "host-key.pub"]
        let secrets = LateSecrets()
        let stranger = try String(contentsOfFile: server.folder.path("stranger.pub"), encoding: .utf8)
        let key = try String(contentsOfFile: server.target.keyFile, encoding: .utf8)
        secrets.values.withLock {
            $0["stored:host-key.pub"] = stranger
            $0["file:\(server.target.keyFile)"] = key
        }
        let hosts = SSHHosts(try HostScene.read(["control": .object(host)]), base: "/", secrets: secrets)
        let refusal = await failure(hosts)
        #expect(refusal?.kind == .notConnected(passes: false))
        #expect(refusal?.reason.contains("stored:host-key.pub") == true)
        await hosts.shutdown()
        await server.stop()
    }

    @Test(arguments: ["-oProxyCommand=id", "a b", "10.0.0.1\nProxyCommand id"])
    func `An address that ssh would read as more than a word is refused`(address: String) async throws {
        let addresses = ScriptedAddresses()
        addresses.answer.withLock { $0 = .success(address) }
        let settings = try HostScene.read([
            "control": [
                "hetzner": "s", "user": "root", "key": ["stored": "k"], "known_hosts": ["stored": "k.pub"],
            ]
        ])
        let hosts = SSHHosts(settings, base: "/", secrets: LateSecrets(), addresses: addresses)
        #expect(await failure(hosts)?.reason.contains("signs that it may not") == true)
    }

    @Test func `Without the provider's section it is said which one is missing`() async throws {
        let settings = try HostScene.read([
            "control": ["hetzner": "s", "user": "root", "key": ["stored": "k"], "known_hosts": ["stored": "k.pub"]]
        ])
        let error = await failure(SSHHosts(settings, base: "/", secrets: LateSecrets()))
        #expect(error?.kind == .notUsable && error?.hint?.contains("'hetzner'") == true)
    }
}
