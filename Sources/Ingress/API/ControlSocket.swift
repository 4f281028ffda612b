import Domain
import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// The file of the API's Unix socket. Whoever may open it may do everything, so it is never there with wider
/// permissions than 0600: the server binds it in a folder that is open to its own user only, and it is moved into its
/// place when its mode is set. That also replaces what a dead bot left, at once.
final class ControlSocket: Sendable {
    /// The kernel takes paths of up to 107 bytes (unix(7)); the folder's name needs some of them.
    static let longestPath = 95

    let path: String
    /// Where the server binds.
    let bindPath: String
    private let folder: String
    /// The file's own number, once it is in its place.
    private let published = Mutex<UInt64?>(nil)

    /// Throws `IngressError` when a bot is listening there, when something else is there, or when it cannot be made.
    init(path: String) async throws {
        guard path.utf8.count <= ControlSocket.longestPath else {
            throw IngressError(
                "the socket's path is too long: \(path) has \(path.utf8.count) bytes, at most "
                    + "\(ControlSocket.longestPath) are possible")
        }
        try await ControlSocket.check(path)
        self.path = path
        let parent = (path as NSString).deletingLastPathComponent
        folder = (parent.isEmpty ? "." : parent) + "/.s" + String(UInt32.random(in: 0...UInt32.max), radix: 36)
        bindPath = folder + "/s"
        guard bindPath.utf8.count <= 107 else {
            throw IngressError("the socket's path is too long: \(path); put it into a folder with a shorter path")
        }
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch {
            throw IngressError("the socket \(path) cannot be made: \(error.localizedDescription)")
        }
    }

    /// Moves the bound socket into its place.
    func publish() throws {
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: bindPath)
        guard rename(bindPath, path) == 0 else {
            throw IngressError("the socket cannot be moved to \(path): \(String(cString: strerror(errno)))")
        }
        published.withLock { $0 = ControlSocket.number(path) }
        try FileManager.default.removeItem(atPath: folder)
    }

    /// Removes what is left. Called when the server has stopped.
    func remove() {
        try? FileManager.default.removeItem(atPath: folder)  // it is gone when the socket was published
        // A bot that was started meanwhile has its own socket there.
        guard let mine = published.withLock({ $0 }), mine == ControlSocket.number(path) else { return }
        try? FileManager.default.removeItem(atPath: path)  // what is left is replaced at the next start
    }

    private static func number(_ path: String) -> UInt64? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)  // nil: it is not there
        return (attributes?[.systemFileNumber] as? NSNumber)?.uint64Value
    }

    private static func check(_ path: String) async throws {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else { return }  // nothing there
        guard attributes[.type] as? FileAttributeType == .typeSocket else {
            throw IngressError("\(path) is there and is no socket; remove it, or set another socket path")
        }
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(unixDomainSocketPath: path).get()
            channel.close(promise: nil)
        } catch let error as IOError where [ECONNREFUSED, ENOENT].contains(error.errnoCode) {
            return  // left by a bot that is gone
        } catch {
            throw IngressError("the socket \(path) is there and cannot be tried: \(error)")
        }
        throw IngressError("another bot is listening on \(path); stop it first, or set another socket path")
    }
}
