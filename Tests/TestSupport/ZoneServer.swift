package import Domain
import Foundation

/// A DNS server on a free port of 127.0.0.1 (Tests/ACMETests/zone_server.py, which says what the options are).
package final class ZoneServer: Sendable {
    /// What went wrong while it was started.
    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    package let address: ListenAddress
    private let program: RunningProgram
    private let folder: TemporaryFolder

    private init(_ address: ListenAddress, _ program: RunningProgram, _ folder: TemporaryFolder) {
        self.address = address
        self.program = program
        self.folder = folder
    }

    /// Starts one with zones (`["example.org": ["www 60 IN A 192.0.2.1"]]`) and further options. Throws when it does not
    /// start. It ends with the value.
    package static func start(
        _ zones: [String: [String]] = [:], _ options: [String: JSONValue] = [:]
    ) async throws -> ZoneServer {
        let folder = try TemporaryFolder()
        guard let python = Project.program("python3") else { throw Failure(description: "there is no python3") }
        var all: [String: JSONValue] = [
            "zones": .object(zones.mapValues { .array($0.map { .string($0) }) }),
            "switches": .string(folder.path("switches")),
        ]
        all.merge(options) { $1 }
        let program = try await RunningProgram(
            python, ["\(Project.root)/Tests/ACMETests/zone_server.py", JSONValue.object(all).canonicalText], in: folder)
        let port = await eventually { () -> Int?? in
            if let port = lines(program.output).first?["port"]?.intValue { return port }
            return program.isRunning ? nil : .some(nil)
        }
        guard let port, let port else { throw Failure(description: program.text) }
        let host = options["host"]?.stringValue ?? "127.0.0.1"
        return ZoneServer(ListenAddress(host: host, port: port), program, folder)
    }

    /// From the next question on: `refuse`, `fail`, `silent`, `old`, `cut`, `strange`; nothing: as it should.
    package func `switch`(_ words: String...) throws {
        try folder.write(words.joined(separator: " "), to: "switches")
    }

    /// The questions that were asked so far: `name`, `type`, `udp`, `recursive`.
    package var questions: [JSONValue] { ZoneServer.lines(program.output).filter { $0["name"] != nil } }

    package func stop() async { await program.end() }

    private static func lines(_ text: String) -> [JSONValue] {
        // A line that is half written is read the next time.
        text.split(separator: "\n").compactMap { try? JSONValue(parsing: Array($0.utf8)) }
    }
}
