import Domain
import Foundation
import Synchronization

/// The second address of a tarball, which GitHub has on another host: a token in the query is the proof.
final class GitHubArchives: Sendable {
    /// How long an address holds.
    static let life = Duration.seconds(300)
    /// Addresses that hold at a time; the oldest go first.
    static let keptTokens = 1000

    private let world: GitHubWorld
    private let tokens = Mutex<[(token: String, until: Int64)]>([])
    private let replaced = Mutex<[String: [UInt8]]>([:])

    init(world: GitHubWorld) { self.world = world }

    func token() throws -> String {
        let token = (0..<16).map { _ in String(UInt8.random(in: 0...15), radix: 16, uppercase: true) }.joined()
        let until = world.time.now.advanced(by: GitHubArchives.life).microseconds
        tokens.withLock { tokens in
            tokens.append((token, until))
            if tokens.count > GitHubArchives.keptTokens { tokens.removeFirst() }
        }
        return token
    }

    /// Serves these bytes instead of a commit's files; nil: the files again.
    func replace(_ sha: String, with bytes: [UInt8]?) { replaced.withLock { $0[sha] = bytes } }

    /// Answers `GET /codeload/{owner}/{repo}/legacy.tar.gz/{ref}?token=…`.
    func answer(_ request: SandboxRequest) -> SandboxAnswer {
        let parts = request.path.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
        let now = world.now
        let isKnown = tokens.withLock { $0.contains { $0.token == request.query("token") && $0.until > now } }
        guard parts.count >= 5, isKnown, parts[3] == "legacy.tar.gz",
            let repository = world.snapshot.repository("\(parts[1])/\(parts[2])"),
            let sha = repository.sha(of: parts[4...].joined(separator: "/"))
        else { return .text(404, "404: Not Found") }
        let name = "\(repository.owner.login)-\(repository.name)-\(sha.prefix(7))"
        let bytes = replaced.withLock { $0[sha] } ?? GitHubArchives.tarball(repository, sha, folder: name)
        return SandboxAnswer(
            200,
            headers: [
                ("Content-Type", "application/x-gzip"),
                ("Content-Disposition", "attachment; filename=\(name).tar.gz"), ("ETag", "\"\(sha)\""),
            ], body: bytes)
    }

    private static func tarball(_ repository: GitHubRepository, _ sha: String, folder: String) -> [UInt8] {
        var archive = TarArchive(commit: sha)
        var folders: Set<String> = []
        archive.folder(folder)
        for (path, file) in (repository.files[sha] ?? repository.seed.files).sorted(by: { $0.key < $1.key }) {
            let parts = path.split(separator: "/").dropLast()
            for count in parts.indices.map({ $0 + 1 }) {
                let parent = parts.prefix(count).joined(separator: "/")
                if folders.insert(parent).inserted { archive.folder("\(folder)/\(parent)") }
            }
            switch file {
            case .bytes(let bytes): archive.file("\(folder)/\(path)", bytes)
            case .program(let bytes): archive.file("\(folder)/\(path)", bytes, isProgram: true)
            case .link(let target): archive.link("\(folder)/\(path)", to: target)
            }
        }
        archive.finish()
        return StoredGzip.wrap(archive.bytes)
    }
}
