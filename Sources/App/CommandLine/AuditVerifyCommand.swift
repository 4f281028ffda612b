import ArgumentParser
import Domain
import Foundation
import Ledger

/// `defimon audit verify`.
struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Prove that the audit is what was written, or name the first record that is wrong.",
        discussion: """
            Needs nothing but the ledger's file and the public key. Without --ledger and --export, the files are those of \
            the settings. A public key that lies beside the ledger could be replaced together with it: keep a copy \
            elsewhere.
            """)
    @Option(help: "The ledger's file.") var ledger: String?
    @Option(help: "An export, which is proven alone.") var export: String?
    @Option(help: "The public key (PEM) that is believed.") var publicKey: String?
    @Option(help: "The file of signed checkpoints; else the one beside the ledger.") var checkpoints: String?
    @Flag(help: "Print JSON.") var json = false
    @OptionGroup var location: BotLocation

    func validate() throws {
        if export != nil, ledger != nil || checkpoints != nil {
            throw ValidationError("--export is proven alone: leave out --ledger and --checkpoints")
        }
    }

    func run() async throws {
        let (proof, keyPath) = try await prove()
        if json {
            Terminal.say(AuditProofText.json(proof).canonicalText)
        } else {
            for line in AuditProofText.lines(proof, key: keyPath, isExport: export != nil) { Terminal.say(line) }
            if let problem = proof.problem {
                Terminal.complain("broken at record \(problem.sequence), \(problem.kind.rawValue): \(problem.what)")
            }
        }
        if proof.problem != nil { throw ExitStatus.failed.code }
    }

    private func prove() async throws -> (AuditProof, keyPath: String?) {
        do {
            if let export {
                guard let data = FileManager.default.contents(atPath: export) else {
                    throw Complaint("\(export) cannot be read", .usage)
                }
                return (try AuditProving.export(Array(data), key: try publicKey.map(key)), publicKey)
            }
            let files = try AuditFiles(location, ledger: ledger)
            let lines = checkpoints ?? AuditVerifyCommand.existing(files.checkpoints)
            let keyPath = publicKey ?? AuditVerifyCommand.existing(AuditKeyFile.publicPath(of: files.key))
            return (
                try await AuditProving.ledger(files.ledger, checkpoints: lines, key: try keyPath.map(key)), keyPath
            )
        } catch let complaint as Complaint {
            throw complaint
        } catch let error as LedgerOpenError {
            throw Complaint("\(error)", .unreachable)
        } catch {
            throw Complaint("\(error)", .usage)
        }
    }

    private func key(_ path: String) throws -> Ed25519PublicKey {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Complaint("the public key \(path) cannot be read", .usage)
        }
        guard let key = Ed25519PublicKey(pem: text) else {
            throw Complaint("\(path) is no public key of Ed25519 in PEM", .usage)
        }
        return key
    }

    private static func existing(_ path: String) -> String? {
        FileManager.default.fileExists(atPath: path) ? path : nil
    }
}
