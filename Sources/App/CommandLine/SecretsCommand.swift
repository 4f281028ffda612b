import ArgumentParser
import Definitions
import Domain
import Foundation
import Kubernetes

/// `defimon secrets`.
struct SecretsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secrets",
        abstract: "Put secrets where the settings read them as {stored: name}; list their names.",
        subcommands: [SecretsPutCommand.self, SecretsListCommand.self])
}

/// `defimon secrets put NAME < file`.
struct SecretsPutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "put", abstract: "Save a secret, read from standard input; one of the same name is replaced.")

    @Argument(help: "Its name, as in {stored: name}.")
    var name: String

    @OptionGroup var location: BotLocation

    func run() async throws {
        if isatty(STDIN_FILENO) == 1 {
            throw Complaint(
                "the secret is read from standard input, so that no list of processes shows it: "
                    + "defimon secrets put \(name) < file", .usage)
        }
        let data = try FileHandle.standardInput.read(upToCount: StoredSecret.largest + 2) ?? Data()
        var text = String(decoding: data, as: UTF8.self)
        if text.hasSuffix("\n") { text.removeLast() }
        let secret = Secret(text)
        do { try StoredSecret.check(name, secret) } catch { throw Complaint("nothing was saved: \(error)", .usage) }
        try await SecretsCommand.withStore(location) { store in
            try await store.save(name, secret)
            Terminal.say("'\(name)' is in \(store.place). A running bot takes it after: defimon reload")
        }
    }
}

/// `defimon secrets list`.
struct SecretsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the names of all stored secrets; never a value.")

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var location: BotLocation

    func run() async throws {
        try await SecretsCommand.withStore(location) { store in
            let names = try await store.all().keys.sorted()
            if json { return try Terminal.json(names) }
            Terminal.say(names.isEmpty ? "there is none in \(store.place)" : names.joined(separator: "\n"))
        }
    }
}

extension SecretsCommand {
    /// Calls `body` with the store that the settings ask for.
    static func withStore(_ location: BotLocation, _ body: (any SecretStore) async throws -> Void) async throws {
        let path = URL(filePath: try location.configPath()).path
        let folder = BotLocation.folder(of: path)
        let environment: BotEnvironment
        do { environment = try await BotEnvironment(folder: folder) } catch { throw Complaint("\(error)", .usage) }
        let loaded = try Bot.loader(Bot.Files(settings: path, root: folder), environment).loadSettings()
        guard let settings = loaded.settings else {
            throw Complaint(loaded.problems.map(\.description).joined(separator: "\n"), .usage)
        }
        let redactor = Redactor()
        let clusters = ClusterDirectory(
            ClusterSettings(section: settings.sections["clusters"]), base: folder,
            secrets: CurrentSecrets(environment: environment.variables, folder: folder, redactor: redactor),
            environment: environment.variables, onSecret: { redactor.add($0) })
        let store = SecretStoreSettings.store(of: settings, clusters: clusters, base: folder, redactor: redactor)
        do {
            try await body(store)
            await clusters.shutdown()
        } catch {
            await clusters.shutdown()
            guard let error = error as? SecretStoreError else { throw error }
            throw Complaint(redactor.redact(error.description), .failed)
        }
    }
}
