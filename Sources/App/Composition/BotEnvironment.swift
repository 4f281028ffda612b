import Configuration
import Domain
import Foundation
import SystemPackage

/// The environment's variables, with those of a `.env` file below them.
struct BotEnvironment: Sendable {
    /// Lines that a `.env` file may have in all.
    static let longestFile = 64 * 1024

    let variables: [String: String]

    /// Reads the process's environment and `.env` of a folder, if there is one. Throws a `Problem` for a line that would
    /// be read otherwise than people mean it: quotes and `export` are not understood by the reader.
    init(process: [String: String] = ProcessInfo.processInfo.environment, folder: String) async throws {
        let path = folder + "/.env"
        var variables = process
        if FileManager.default.fileExists(atPath: path) {
            let names = try BotEnvironment.names(path)
            let provider = try await EnvironmentVariablesProvider(environmentFilePath: FilePath(path))
            for name in names where variables[name] == nil {
                variables[name] = try provider.environmentValue(forName: name)
            }
        }
        self.variables = variables
    }

    /// The names that the file sets, after a look at every line.
    private static func names(_ path: String) throws -> [String] {
        let data = try Data(contentsOf: URL(filePath: path))
        guard data.count <= longestFile else {
            throw Problem(
                "the file is larger than \(longestFile) bytes", at: SourceLocation(file: path, line: 1, column: 1))
        }
        var names: [String] = []
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let text = line.trimmed
            if text.isEmpty || text.hasPrefix("#") { continue }
            let place = SourceLocation(file: path, line: index + 1, column: 1)
            guard let equals = text.firstIndex(of: "=") else {
                throw Problem("this line sets nothing", at: place, fix: "write NAME=value")
            }
            let name = text[..<equals].trimmed
            guard !name.hasPrefix("export "), name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }),
                !name.isEmpty
            else {
                throw Problem("'\(name)' is not a variable's name", at: place, fix: "write NAME=value, without export")
            }
            let value = text[text.index(after: equals)...].trimmed
            if let first = value.first, "\"'".contains(first), value.last == first {
                throw Problem(
                    "the value of \(name) is in quotes, which would become part of it", at: place,
                    fix: "write it without quotes")
            }
            names.append(String(name))
        }
        return names
    }
}
