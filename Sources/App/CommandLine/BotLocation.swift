import ArgumentParser
import Domain
import Foundation
import YAML

/// Where a bot's settings, socket and ledger are; the same for every command.
struct BotLocation: ParsableArguments {
    @Option(
        name: .long,
        help: "The settings. Else DEFIMON_CONFIG, ./defimon.yaml, .sandbox/defimon.yaml, /etc/defimon/defimon.yaml.")
    var config: String?

    /// The settings file that is meant. Throws when there is none.
    func configPath() throws -> String {
        if let config {
            guard FileManager.default.fileExists(atPath: config) else {
                throw Complaint("there is no file \(config)", .usage)
            }
            return config
        }
        let named = ProcessInfo.processInfo.environment["DEFIMON_CONFIG"].map { [$0] }
        let candidates = named ?? ["defimon.yaml", ".sandbox/defimon.yaml", "/etc/defimon/defimon.yaml"]
        guard let found = candidates.first(where: FileManager.default.fileExists(atPath:)) else {
            throw Complaint(
                "no settings found: looked for \(candidates.joined(separator: ", ")). Name them with --config, or start"
                    + " the sandbox with: defimon sandbox", .unreachable)
        }
        return found
    }

    /// The folder from which relative paths of the settings start.
    static func folder(of path: String) -> String {
        URL(filePath: path).deletingLastPathComponent().path
    }

    /// The socket and the ledger that the settings name, without judging the rest of them.
    func paths() throws -> (socket: String, ledger: String) {
        let path = try configPath()
        let text: String
        do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
            throw Complaint("\(path) cannot be read", .usage)
        }
        let document: LocatedValue?
        do { document = try YAMLReader.documents(text, file: path).first } catch {
            throw Complaint(error.description, .usage)
        }
        let folder = BotLocation.folder(of: path)
        var variables = document?["variables"]?.json.objectValue ?? [:]
        for (name, value) in ProcessInfo.processInfo.environment { variables[name] = .string(value) }
        let scope: JSONValue = ["env": .object(variables)]
        func absolute(_ name: String) throws -> String? {
            guard let text = document?[name]?.text else { return nil }
            do {
                let value = try Template(parsing: text).render(scope).plainText
                return value.hasPrefix("/") ? value : "\(folder)/\(value)"
            } catch { throw Complaint("\(path): '\(name)' cannot be filled in from the environment", .usage) }
        }
        let ledger = try absolute("ledger") ?? "\(folder)/defimon.sqlite"
        let beside = URL(filePath: ledger).deletingLastPathComponent().appending(path: "defimon.sock").path
        return (try absolute("socket") ?? beside, ledger)
    }
}
