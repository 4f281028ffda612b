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
        func absolute(_ name: String, _ fallback: String) -> String {
            let value = document?[name]?.text ?? fallback
            return value.hasPrefix("/") ? value : "\(folder)/\(value)"
        }
        return (absolute("socket", "defimon.sock"), absolute("ledger", "defimon.sqlite"))
    }
}
