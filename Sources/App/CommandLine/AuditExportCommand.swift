import ArgumentParser
import Domain
import Foundation
import Ledger

/// `defimon audit export`.
struct AuditExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract:
            "Write records with their proof: `defimon audit verify --export` needs nothing else but the public key.")
    @Option(help: "jsonl or csv.") var format = "jsonl"
    @Option(help: "From then on: a time (2026-09-21T14:13:20Z), or how long ago (30d).") var since: String?
    @Option(help: "Until just before then, likewise.") var until: String?
    @Option(help: "The file to write, which must not be there yet; else standard output.") var output: String?
    @OptionGroup var location: BotLocation

    func run() async throws {
        guard let format = AuditExport.Format(rawValue: format) else {
            throw Complaint("--format must be jsonl or csv, not '\(self.format)'", .usage)
        }
        let export = AuditExport(
            since: try since.map { try MomentText.read($0, "--since") },
            until: try until.map { try MomentText.read($0, "--until") }, format: format)
        let path = try location.paths().ledger
        let file = try handle()
        let summary: AuditExport.Summary
        do {
            summary = try await export.write(of: path) { bytes in try file.write(contentsOf: Data(bytes)) }
            if output != nil { try file.synchronize() }
        } catch {
            if let output { try? FileManager.default.removeItem(atPath: output) }  // half an export is none
            throw Complaint("\(error)", error is LedgerOpenError ? .unreachable : .failed)
        }
        let proof =
            summary.provenThrough.map { "signed up to record \($0)" }
            ?? "not signed yet: there is no checkpoint of these records"
        Terminal.complain("records \(summary.first) to \(summary.last), \(proof)")
    }

    private func handle() throws -> FileHandle {
        guard let output else { return .standardOutput }
        let descriptor = open(output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Complaint("\(output) cannot be made: \(String(cString: strerror(errno)))", .usage)
        }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
}
