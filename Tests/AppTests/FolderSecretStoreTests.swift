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
        #expect(try store.all().isEmpty)
        try store.save("ml.kubeconfig", Secret("apiVersion: v1\ntoken: abcdef-123456\n"))
        #expect(try store.all()["ml.kubeconfig"]?.reveal() == "apiVersion: v1\ntoken: abcdef-123456\n")
        try store.save("join-token", Secret("first-token"))
        try store.save("join-token", Secret("second-token"))
        let all = try store.all()
        #expect(all.keys.sorted() == ["join-token", "ml.kubeconfig"])
        #expect(all["join-token"] == Secret("second-token"))
        #expect(try mode(store.folder) == 0o700)
        #expect(try mode("\(store.folder)/join-token") == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.folder).count == 2)
        #expect(redactor.redact("first-token and second-token") == "<secret> and <secret>")
    }

    @Test func `what is added never takes the place of another`() throws {
        #expect(try store.add("join-token", Secret("first-token")))
        #expect(try !store.add("join-token", Secret("second-token")))
        #expect(try store.all()["join-token"] == Secret("first-token"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.folder) == ["join-token"])
        #expect(try mode("\(store.folder)/join-token") == 0o600)
    }

    @Test func `a secret that is read after a restart is known to the redactor`() throws {
        try store.save("join-token", Secret("first-token"))
        let other = Redactor()
        #expect(try FolderSecretStore(folder: store.folder, redactor: other).all().count == 1)
        #expect(other.redact("first-token") == "<secret>")
    }

    @Test(arguments: ["", ".", "..", "../x", "a/b", ".hidden", "A", "a b", "ä", String(repeating: "a", count: 101)])
    func `a name leads nowhere else`(name: String) {
        #expect(throws: SecretStoreError.self) { try store.save(name, Secret("some-secret")) }
        #expect(SecretReference(["stored": .string(name)]) == nil)
        #expect(!FileManager.default.fileExists(atPath: store.folder))
    }

    @Test func `sizes have bounds, of one secret and of all`() throws {
        let largest = String(repeating: "x", count: StoredSecret.largest)
        #expect(throws: SecretStoreError.self) { try store.save("s", Secret("")) }
        #expect(throws: SecretStoreError.self) { try store.save("s", Secret(largest + "x")) }
        for number in 0..<16 { try store.save("s\(number)", Secret(largest)) }
        let error = #expect(throws: SecretStoreError.self) { try store.save("one-more", Secret("x")) }
        #expect(error?.description.contains("'one-more'") == true)
        try store.save("s3", Secret("short"))
        try store.save("one-more", Secret("x"))
        #expect(try store.all().count == 17)
    }

    @Test func `a folder that cannot be written is said, without the secret`() throws {
        try folder.write("a file", to: "secrets")
        let error = #expect(throws: SecretStoreError.self) { try store.save("join-token", Secret("first-token")) }
        #expect(error?.description.contains(store.folder) == true)
        #expect(error?.description.contains("first-token") == false)
    }

    @Test func `a file that others may read is refused`() throws {
        try store.save("join-token", Secret("first-token"))
        chmod("\(store.folder)/join-token", 0o644)
        let error = #expect(throws: SecretStoreError.self) { try store.all() }
        #expect(error?.description.contains("chmod 600") == true)
    }
}
