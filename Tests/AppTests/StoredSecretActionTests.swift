import Domain
import Foundation
import Outbound
import TestSupport
import Testing

@testable import App

struct StoredSecretActionTests {
    let folder: TemporaryFolder
    let redactor = Redactor()
    let files: FolderSecretStore
    let secrets: CurrentSecrets
    let store: RunningSecretStore

    init() async throws {
        folder = try TemporaryFolder()
        files = FolderSecretStore(folder: folder.path("secrets"), redactor: redactor)
        secrets = CurrentSecrets(environment: [:], folder: folder.url.path, redactor: redactor)
        store = RunningSecretStore(store: files, secrets: secrets)
        _ = try await store.all()
    }

    private func action(_ name: String, _ kind: String) throws -> StoredSecretAction {
        var reader = InputReader.reading(LocatedValue(["name": .string(name), "kind": .string(kind)]))
        let action = StoredSecretAction(&reader, store)
        reader.finish()
        if let problem = reader.problems.first { throw problem }
        return action
    }

    private var context: ActionContext {
        ActionContext(jobID: 1, idempotencyKey: "step", attempt: 1, time: SystemTime()) { _ in }
    }

    private func perform(_ name: String, _ kind: String) async throws -> JSONValue {
        try await action(name, kind).perform(context)
    }

    private func plan(_ name: String, _ kind: String) async throws -> [String] {
        try await action(name, kind).plan(context).changes
    }

    private func refusal(_ name: String, _ kind: String) async -> ActionError? {
        await #expect(throws: ActionError.self) { try await perform(name, kind) }
    }

    @Test(arguments: [("password", "[A-Za-z][A-Za-z0-9_-]{31}"), ("hex", "[0-9a-f]{64}")])
    func `A secret is made once, holds at once for who reads it, and is told nowhere`(kind: String, form: String)
        async throws
    {
        #expect(throws: MissingSecret.self) { try secrets.secret(.stored("join-token")) }
        let planned = try await plan("join-token", kind)
        #expect(planned.count == 1 && planned[0].hasPrefix("secret join-token: new"))
        #expect(try files.all().isEmpty)
        let made = try await perform("join-token", kind)
        let value = try secrets.secret(.stored("join-token")).reveal()
        #expect(try Pattern(form).matches(value))
        #expect(made["created"] == true && !made.canonicalText.contains(value))
        #expect(redactor.redact(value) == "<secret>")
        let again = try await perform("join-token", kind)
        #expect(again["created"] == false)
        #expect(try await plan("join-token", kind).isEmpty)
        #expect(try files.all().mapValues { $0.reveal() } == ["join-token": value])
    }

    @Test func `A secret that somebody put there is left as it is and can be read without a reload`() async throws {
        try files.save("join-token", Secret("put-by-hand"))
        #expect(try await perform("join-token", "password")["created"] == false)
        #expect(try secrets.secret(.stored("join-token")).reveal() == "put-by-hand")
    }

    @Test func `Of many that make a secret at once one is first, and all have its value`() async throws {
        let made = try await withThrowingTaskGroup(of: JSONValue.self) { group in
            for _ in 0..<8 { group.addTask { try await perform("ssh-key", "ssh-key") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(made.count { $0["created"] == true } == 1)
        #expect(Set(made.compactMap { $0["public_key"]?.stringValue }).count == 1)
    }

    @Test func `A key pair is one that OpenSSH takes, and only its public key is told`() async throws {
        let made = try await perform("analytics-ssh-key", "ssh-key")
        let all = try files.all()
        #expect(all.keys.sorted() == ["analytics-ssh-key", "analytics-ssh-key.pub"])
        let key = try #require(all["analytics-ssh-key"])
        let publicKey = try await SSHKeyPair.publicKey(of: key)
        #expect(made["public_key"] == .string(publicKey))
        #expect(publicKey.hasPrefix("ssh-ed25519 ") && all["analytics-ssh-key.pub"]?.reveal() == publicKey)
        #expect(redactor.redact(publicKey) == publicKey)
        for line in key.reveal().split(separator: "\n").dropFirst().dropLast() where line.utf8.count > 20 {
            #expect(redactor.redact(String(line)) == "<secret>")
        }
        #expect(try await perform("analytics-ssh-key", "ssh-key")["public_key"] == .string(publicKey))
    }

    @Test func `A public key that a killed bot did not save any more is made of the private one`() async throws {
        let first = try await perform("k", "ssh-key")
        try FileManager.default.removeItem(atPath: "\(files.folder)/k.pub")
        #expect(try await plan("k", "ssh-key") == ["secret k.pub: new, the public key of k"])
        let second = try await perform("k", "ssh-key")
        #expect(second["created"] == false && second["public_key"] == first["public_key"])
        #expect(try await plan("k", "ssh-key").isEmpty)
    }

    @Test func `What is there and does not fit is refused, and nothing is overwritten`() async throws {
        try files.save("word", Secret("no key at all"))
        #expect(await refusal("word", "ssh-key")?.message.contains("cannot be used as an SSH key") == true)
        _ = try await perform("a", "ssh-key")
        _ = try await perform("b", "ssh-key")
        let other = try #require(try files.all()["b.pub"])
        try files.save("a.pub", other)
        #expect(await refusal("a", "ssh-key")?.message.contains("is not the public key of 'a'") == true)
        try files.save("c.pub", other)
        #expect(await refusal("c", "ssh-key")?.message.contains("'c', which it belongs to, is not") == true)
        #expect(try files.all()["a.pub"] == other)
        #expect(try files.all()["c"] == nil)
    }

    @Test(arguments: ["", "../x", "-C", "A", String(repeating: "a", count: 97)])
    func `A name leads nowhere and leaves room for the public key's`(name: String) {
        #expect(throws: Problem.self) { try action(name, "ssh-key") }
    }
}
