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
        let ledger =
            try path("ledger") ?? "\(BotLocation.folder(of: try configPath()))/defimon.sqlite"
        let beside = URL(filePath: ledger).deletingLastPathComponent().appending(path: "defimon.sock").path
        return (try path("socket") ?? beside, ledger)
    }

    /// A path that the settings name, absolute, without judging the rest of them; nil when they name none.
    func path(_ name: String, in section: String? = nil) throws -> String? {
        let path = try configPath()
        let text: String
        do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
            throw Complaint("\(path) cannot be read", .usage)
        }
        let document: LocatedValue?
        do { document = try YAMLReader.documents(text, file: path).first } catch {
            throw Complaint(error.description, .usage)
        }
        let map = section.map { document?[$0] } ?? document
        guard let written = map?[name]?.text else { return nil }
        var variables = document?["variables"]?.json.objectValue ?? [:]
        for (name, value) in ProcessInfo.processInfo.environment { variables[name] = .string(value) }
        do {
            let value = try Template(parsing: written).render(["env": .object(variables)]).plainText
            return value.hasPrefix("/") ? value : "\(BotLocation.folder(of: path))/\(value)"
        } catch { throw Complaint("\(path): '\(name)' cannot be filled in from the environment", .usage) }
    }
}
