import Foundation
import NIOCore
import NIOPosix

/// An address of a host. Addresses by which a cloud's machines are told their secrets are none of ours to ask: a check
/// is aimed by people's definitions, and its answer is shown in a chat.
package struct HostAddress: Sendable, Hashable {
    /// Why a host cannot be asked.
    package enum Failure: Error, Sendable, Hashable {
        /// Its name does not resolve, in the resolver's words.
        case unresolved(String)
        /// It has an address that is never asked.
        case refused(address: String)
    }

    /// As `getnameinfo` writes it: `192.0.2.7`, `2001:db8::7`.
    package var text: String
    /// 4 or 16 bytes, the most significant first.
    package var bytes: [UInt8]

    /// The addresses of a host, IPv4 first. Throws `Failure`; one forbidden address refuses the whole host, so that a
    /// name cannot hide it among others.
    package static func resolve(_ host: String) async throws -> [HostAddress] {
        // getaddrinfo blocks, so it runs on a thread of its own.
        let found = try await NIOThreadPool.singleton.runIfActive { try lookUp(host) }
        guard !found.isEmpty else { throw Failure.unresolved("it has no address") }
        if let bad = found.first(where: \.isForbidden) { throw Failure.refused(address: bad.text) }
        return found.filter { $0.bytes.count == 4 } + found.filter { $0.bytes.count == 16 }
    }

    /// Link-local addresses and those of the clouds' metadata services.
    package var isForbidden: Bool {
        if bytes.count == 4 { return HostAddress.isForbidden(v4: bytes[...]) }
        guard bytes.count == 16 else { return true }
        let zeros = [UInt8](repeating: 0, count: 10)
        // IPv4 inside IPv6: mapped (RFC 4291 §2.5.5), compatible, NAT64 (RFC 6052), 6to4 (RFC 3056).
        if bytes.starts(with: zeros), bytes[10...11] == [0xff, 0xff] || bytes[10...11] == [0, 0] {
            return HostAddress.isForbidden(v4: bytes[12...])
        }
        if bytes.starts(with: [0, 0x64, 0xff, 0x9b]) { return HostAddress.isForbidden(v4: bytes[12...]) }
        if bytes.starts(with: [0x20, 0x02]) { return HostAddress.isForbidden(v4: bytes[2...5]) }
        return bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80  // fe80::/10
            || bytes.starts(with: [0xfd, 0x00, 0x0e, 0xc2])  // fd00:ec2::/32, Amazon
            || bytes.starts(with: [0xfd, 0x20, 0x00, 0xce])  // fd20:ce::/32, Google
    }

    private static func isForbidden(v4 bytes: ArraySlice<UInt8>) -> Bool {
        let address = Array(bytes)
        return address.starts(with: [169, 254])  // link-local, metadata of most clouds
            || [[100, 100, 100, 200], [168, 63, 129, 16], [192, 0, 0, 192]].contains(address)  // Alibaba, Azure, Oracle
    }

    private static func lookUp(_ host: String) throws -> [HostAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_family = AF_UNSPEC
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else { throw Failure.unresolved(String(cString: gai_strerror(code)).lowercased()) }
        defer { freeaddrinfo(list) }
        var found: [HostAddress] = []
        for entry in sequence(first: list, next: { $0?.pointee.ai_next }).prefix(64) {
            guard let info = entry?.pointee, let address = HostAddress(info), !found.contains(address) else { continue }
            found.append(address)
        }
        return found
    }

    private init?(_ info: addrinfo) {
        guard let raw = UnsafeRawPointer(info.ai_addr) else { return nil }
        let offset: Int?
        let size: Int
        switch info.ai_family {
        case AF_INET: (offset, size) = (MemoryLayout<sockaddr_in>.offset(of: \.sin_addr), 4)
        case AF_INET6: (offset, size) = (MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr), 16)
        default: return nil
        }
        guard let offset, Int(info.ai_addrlen) >= offset + size else { return nil }
        bytes = Array(UnsafeRawBufferPointer(start: raw + offset, count: size))
        var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        guard getnameinfo(info.ai_addr, info.ai_addrlen, &name, socklen_t(name.count), nil, 0, NI_NUMERICHOST) == 0
        else { return nil }
        text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// For tests of the rules.
    package init(bytes: [UInt8]) {
        self.bytes = bytes
        text = bytes.map(String.init).joined(separator: ".")
    }
}
