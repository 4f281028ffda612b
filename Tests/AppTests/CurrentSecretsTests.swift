import Domain
import Foundation
import SystemPackage
import TestSupport
import Testing

@testable import App

@Suite struct CurrentSecretsTests {
    let folder: TemporaryFolder
    let redactor = Redactor()

    init() throws { folder = try TemporaryFolder() }

    private func put(_ text: String, _ name: String, mode: mode_t = 0o600) throws {
        try folder.write(text, to: name)
        chmod(folder.path(name), mode)
    }

    private func secrets(_ environment: [String: String] = [:]) -> CurrentSecrets {
        CurrentSecrets(environment: environment, folder: folder.url.path, redactor: redactor)
    }

    @Test func `a rotated file and a rotated variable hold at once, and both values are known to the redactor`() throws
    {
        try put("first-file-value\n", "token")
        let secrets = secrets(["TOKEN": "first-variable"])
        let file = try secrets.secret(.file("token"))
        let variable = try secrets.secret(.environment("TOKEN"))
        #expect(secrets.readAgain(environment: ["TOKEN": "first-variable"]) == SecretRereading())
        try put("second-file-value\n", "token")
        let found = secrets.readAgain(environment: ["TOKEN": "second-variable"])
        #expect(found.rotated == ["env:TOKEN", "file:token"])
        #expect(found.failures.isEmpty)
        #expect(file.reveal() == "second-file-value")
        #expect(variable.reveal() == "second-variable")
        for value in ["first-file-value", "second-file-value", "first-variable", "second-variable"] {
            #expect(redactor.redact(value) == "<secret>")
        }
    }

    @Test func `what is saved while the bot runs holds at once, for who has it already too`() async throws {
        let files = FolderSecretStore(folder: folder.path("store"), redactor: redactor)
        let secrets = secrets()
        let store = RunningSecretStore(store: files, secrets: secrets)
        _ = try await store.all()
        #expect(throws: MissingSecret.self) { try secrets.secret(.stored("kubeconfig")) }
        try await store.save("kubeconfig", Secret("first-kubeconfig"))
        let held = try secrets.secret(.stored("kubeconfig"))
        #expect(held.reveal() == "first-kubeconfig")
        try await store.save("kubeconfig", Secret("second-kubeconfig"))
        #expect(held.reveal() == "second-kubeconfig")
        #expect(secrets.readAgain(environment: [:], stored: try await store.all()) == SecretRereading())
    }

    @Test(arguments: ["removed", "emptied", "opened"])
    func `a secret that cannot be read keeps its value and is said, by its name alone`(how: String) throws {
        try put("first-file-value", "token")
        try put("other-value", "other")
        let secrets = secrets()
        let held = try secrets.secret(.file("token"))
        let other = try secrets.secret(.file("other"))
        switch how {
        case "removed": try FileManager.default.removeItem(atPath: folder.path("token"))
        case "emptied": try put("", "token")
        default: try put("second-file-value", "token", mode: 0o644)
        }
        try put("another-value", "other")
        let found = secrets.readAgain(environment: [:])
        #expect(found.failures.map(\.name) == ["file:token"])
        #expect(found.rotated == ["file:other"])
        #expect(held.reveal() == "first-file-value")
        #expect(other.reveal() == "another-value")
        #expect(!"\(found)".contains("-value"))
    }

    @Test func `a stored secret has the value of its store, and keeps it where the store cannot be asked`() throws {
        let secrets = secrets()
        let early = #expect(throws: MissingSecret.self) { try secrets.secret(.stored("token")) }
        #expect(early?.description.contains("not read yet") == true)
        secrets.take(["token": Secret("first-stored")], from: "the folder /s")
        let held = try secrets.secret(.stored("token"))
        #expect(held.reveal() == "first-stored")
        let missing = #expect(throws: MissingSecret.self) { try secrets.secret(.stored("other")) }
        #expect(missing?.description.contains("defimon secrets put other") == true)
        #expect(missing?.description.contains("the folder /s") == true)
        #expect(secrets.readAgain(environment: nil, stored: nil) == SecretRereading())
        #expect(
            secrets.readAgain(environment: nil, stored: ["token": Secret("second-stored")]).rotated == ["stored:token"])
        #expect(held.reveal() == "second-stored")
        #expect(secrets.readAgain(environment: nil, stored: [:]).failures.map(\.name) == ["stored:token"])
        #expect(held.reveal() == "second-stored")
        #expect(redactor.redact("first-stored second-stored") == "<secret> <secret>")
    }

    /// As the kubelet mounts a Secret: `token` → `..data/token`, `..data` → `..2026_01`, and `..data` is replaced.
    @Test func `a mounted Kubernetes Secret is followed through its links`() throws {
        let manager = FileManager.default
        for (name, value) in [("..2026_01", "first-mounted"), ("..2026_02", "second-mounted")] {
            try manager.createDirectory(atPath: folder.path(name), withIntermediateDirectories: true)
            try put(value, "\(name)/token", mode: 0o400)
        }
        try manager.createSymbolicLink(atPath: folder.path("..data"), withDestinationPath: "..2026_01")
        try manager.createSymbolicLink(atPath: folder.path("token"), withDestinationPath: "..data/token")
        let secrets = secrets()
        let held = try secrets.secret(.file("token"))
        #expect(held.reveal() == "first-mounted")
        try manager.removeItem(atPath: folder.path("..data"))
        try manager.createSymbolicLink(atPath: folder.path("..data"), withDestinationPath: "..2026_02")
        #expect(secrets.readAgain(environment: [:]).rotated == ["file:token"])
        #expect(held.reveal() == "second-mounted")
    }

    @Test(
        arguments: [
            (0o600, 1000, 1000, true), (0o400, 1000, 1000, true), (0o640, 1000, 1000, false),
            (0o644, 0, 1000, false), (0o440, 0, 1000, true), (0o460, 0, 1000, false), (0o440, 0, 0, false),
            (0o604, 0, 1000, false),
        ] as [(mode_t, uid_t, uid_t, Bool)])
    func `who may read a secret's file decides whether it is taken`(
        mode: mode_t, owner: uid_t, reader: uid_t, isTaken: Bool
    ) {
        let complaint = SecretReader.complaint(
            mode: FilePermissions(rawValue: 0o100000 | mode), owner: owner, reader: reader)
        #expect((complaint == nil) == isTaken)
        #expect(complaint?.contains("defaultMode") ?? true)
    }

    @Test func `a token that ends is known by its name`() async throws {
        let body = Data(#"{"exp":1800000000}"#.utf8).base64EncodedString()
        let secrets = secrets(["JWT": "e30.\(body.replacing("=", with: "")).c2ln", "OTHER": "no-token-at-all"])
        for name in ["JWT", "OTHER"] { _ = try secrets.secret(.environment(name)) }
        let end = Date(timeIntervalSince1970: 1_800_000_000)
        #expect(await secrets.expiries() == [Expiry(name: "token env:JWT", endsAt: end)])
    }
}
