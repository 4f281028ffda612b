import Foundation
import Synchronization

/// Ports that nobody listens on just now, nor will before the test does: they lie below those that the kernel gives to
/// whoever asks for any port (net.ipv4.ip_local_port_range begins at 32768), and none is given twice.
package enum FreePort {
    private static let range = 10_000..<32_768
    private static let given = Mutex<Set<Int>>([])

    /// A free TCP port of 127.0.0.1.
    package static func take() throws -> Int {
        for _ in 0..<1000 {
            let port = Int.random(in: range)
            guard isFree(port), given.withLock({ $0.insert(port).inserted }) else { continue }
            return port
        }
        throw POSIXError(.EADDRINUSE)
    }

    private static func isFree(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = in_port_t(port).bigEndian
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 }
        }
    }
}
