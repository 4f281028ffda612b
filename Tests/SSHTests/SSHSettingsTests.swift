import Domain
import TestSupport
import Testing

@testable import SSH

struct SSHSettingsTests {
    private static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHt8fVNlE3Kx4pVq1Z2m3n4o5p6q7r8s9t0u1v2w3x4y"

    private func host(_ more: [String: JSONValue] = [:]) -> JSONValue {
        .object(
            [
                "address": "10.0.0.5", "user": "deploy", "key": ["file": "ssh.key"],
                "known_hosts": .string(SSHSettingsTests.key),
            ].merging(more) { $1 })
    }

    private func problems(_ value: JSONValue) -> [String] {
        do {
            _ = try HostScene.read(value)
            return []
        } catch let error as HostScene.Unreadable {
            return error.problems.map(\.message)
        } catch {
            return ["\(error)"]
        }
    }

    @Test func `a host has its defaults`() throws {
        let read = try #require(try HostScene.read(["web": host()]).hosts["web"])
        #expect(read.port == 22)
        #expect(!read.usesSudo)
        #expect(read.jump == nil)
    }

    @Test func `a host without a pinned key is refused`() {
        #expect(
            problems(["web": host(["known_hosts": .null])])
                == ["no key of the host is given, and none is trusted at first sight"])
        #expect(problems(["web": host(["known_hosts_file": "hosts"])]) == ["known_hosts is given twice"])
    }

    @Test func `a host is named by its address or by its server at Hetzner`() throws {
        let server: JSONValue = .object(
            (host().objectValue ?? [:]).filter { $0.key != "address" }.merging(["hetzner": "analytics-control-1"]) {
                $1
            })
        #expect(
            try HostScene.read(["web": server]).hosts["web"]?.place
                == .hetzner(server: "analytics-control-1", isInside: false))
        #expect(problems(["web": host(["address": .null])]) == ["nothing says where the host is"])
        #expect(problems(["web": host(["hetzner": "s"])]) == ["two things say where the host is"])
        #expect(problems(["web": host(["inside": true])]) == ["'inside' is for 'hetzner' only"])
        #expect(problems(["web": host(["address": .null, "hetzner": "Web 1"])]).first?.contains("hetzner") == true)
    }

    @Test func `a host's keys may be kept as a secret, which nobody looks for yet`() throws {
        #expect(
            try HostScene.read(["web": host(["known_hosts": ["stored": "host-key.pub"]])]).hosts["web"]?.knownHosts
                == .secret(.stored("host-key.pub")))
        #expect(
            problems(["web": host(["known_hosts": ["store": "host-key.pub"]])])
                == ["'known_hosts' is neither a text nor where one is kept"])
    }

    @Test(arguments: ["", "# none\n", "ssh-ed25519", "ssh-ed25519 short", "web AAAA", "10.0.0.5 ssh-ed25519 !"])
    func `what holds no host key is refused`(text: String) {
        #expect(problems(["web": host(["known_hosts": .string(text)])]).first?.contains("known_hosts") == true)
    }

    @Test(arguments: ["-oProxyCommand=id", "a b", "a\"b", "%h", "a;b", "$(id)", "a\nb"])
    func `nothing that ssh would read as more than a word is taken`(text: String) {
        for field in ["address", "user"] {
            #expect(
                problems(["web": host([field: .string(text)])]) == ["'\(field)' holds signs that it may not"])
        }
    }

    @Test(arguments: ["Web", "*", "a b", "-web", "web!", "we?b", ""])
    func `a name means nothing to ssh but itself`(name: String) {
        #expect(problems(.object([name: host()])).first?.hasSuffix("is no name for a host") == true)
    }

    @Test func `hosts on the way must be there, must not go in circles, and are few`() throws {
        #expect(
            problems(["web": host(["jump": "bastoin"]), "bastion": host()])
                == ["host 'web' is reached through 'bastoin', and there is no such host"])
        #expect(problems(["web": host(["jump": "web"])]) == ["host 'web' is reached in a circle: web → web"])
        #expect(
            problems(["a": host(["jump": "b"]), "b": host(["jump": "a"])]) == [
                "host 'a' is reached in a circle: a → b → a", "host 'b' is reached in a circle: b → a → b",
            ])
        func row(_ count: Int) -> JSONValue {
            .object(
                Dictionary(
                    uniqueKeysWithValues: (0...count).map { index in
                        ("h\(index)", host(index < count ? ["jump": .string("h\(index + 1)")] : [:]))
                    }))
        }
        #expect(problems(row(4)) == [])
        #expect(problems(row(5)) == ["host 'h0' is reached through more than 4 others"])
        #expect(try HostScene.read(row(4)).chain(to: "h0")?.map(\.name) == ["h4", "h3", "h2", "h1", "h0"])
    }

    @Test func `a key alone gets the name by which ssh looks for it, and a whole line stays`() throws {
        let key = SSHSettingsTests.key
        #expect(try KnownHosts(key).file(address: "10.0.0.5", port: 22) == "10.0.0.5 \(key)\n")
        #expect(try KnownHosts(key).file(address: "10.0.0.5", port: 2222) == "[10.0.0.5]:2222 \(key)\n")
        let authority = "@cert-authority *.example.com \(key) comment"
        #expect(try KnownHosts("  \(authority)  \n\n").file(address: "x", port: 22) == authority + "\n")
    }

    @Test func `more lines than the bound are refused`() throws {
        let lines = { (count: Int) in Array(repeating: SSHSettingsTests.key, count: count).joined(separator: "\n") }
        #expect(try KnownHosts(lines(KnownHosts.mostLines)).lines.count == 50)
        #expect(throws: KnownHosts.Complaint(description: "it holds 51 lines, more than 50")) {
            try KnownHosts(lines(51))
        }
    }
}
