import Domain
import Foundation
import TestSupport
import Testing

@testable import App

@Suite struct FolderSecretStoreTests {
    let folder: TemporaryFolder
    let redactor = Redactor()
    let store: FolderSecretStore

    init() throws {
        folder = try TemporaryFolder()
        store = FolderSecretStore(folder: folder.path("secrets"), redactor: redactor)
    }

    private func mode(_ path: String) throws -> Int? {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.posixPermissions] as? NSNumber)?.intValue
    }

    @Test func `what is saved can be read, is nobody else's to read, and is known to the redactor`() throws {
        #expect(try store.names().isEmpty)
        #expect(try store.secret(named: "ml.kubeconfig") == nil)
        try store.save("ml.kubeconfig", Secret("apiVersion: v1\ntoken: abcdef-123456\n"))
        #expect(try store.secret(named: "ml.kubeconfig")?.reveal() == "apiVersion: v1\ntoken: abcdef-123456\n")
        try store.save("join-token", Secret("first-token"))
        try store.save("join-token", Secret("second-token"))
        #expect(try store.names() == ["join-token", "ml.kubeconfig"])
        #expect(try store.secret(named: "join-token") == Secret("second-token"))
        #expect(try mode(store.folder) == 0o700)
        #expect(try mode("\(store.folder)/join-token") == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.folder).count == 2)
        #expect(redactor.redact("first-token and second-token") == "<secret> and <secret>")
    }

    @Test func `a secret that is read after a restart is known to the redactor`() throws {
        try store.save("join-token", Secret("first-token"))
        let other = Redactor()
        #expect(try FolderSecretStore(folder: store.folder, redactor: other).secret(named: "join-token") != nil)
        #expect(other.redact("first-token") == "<secret>")
    }

    @Test(arguments: ["", ".", "..", "../x", "a/b", ".hidden", "A", "a b", "ä", String(repeating: "a", count: 101)])
    func `a name leads nowhere else`(name: String) {
        #expect(throws: SecretStoreError.self) { try store.save(name, Secret("some-secret")) }
        #expect(throws: SecretStoreError.self) { try store.secret(named: name) }
        #expect(!FileManager.default.fileExists(atPath: store.folder))
    }

    @Test func `a folder that cannot be written is said, without the secret`() throws {
        try folder.write("a file", to: "secrets")
        let error = #expect(throws: SecretStoreError.self) { try store.save("join-token", Secret("first-token")) }
        #expect(error?.description.contains("join-token") == true)
        #expect(error?.description.contains("first-token") == false)
    }

    @Test func `a file that others may read is refused`() throws {
        try store.save("join-token", Secret("first-token"))
        chmod("\(store.folder)/join-token", 0o644)
        #expect(throws: SecretStoreError.self) { try store.secret(named: "join-token") }
    }
}
