import Domain
import Foundation

/// Where a certificate is to be seen at work: `api.example.org`, `api.example.org:8443`, or one address and the name that
/// is asked for there, `192.0.2.7:443=api.example.org`.
package struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    /// Why a text names none.
    package struct Complaint: Error, Sendable, Hashable, CustomStringConvertible {
        package var message: String
        /// What would be right.
        package var fix: String
        package var description: String { "\(message): \(fix)" }
    }

    /// A host's name in lower case, or an address.
    package var host: String
    package var port: Int
    /// The name that is asked for (RFC 6066 §3); nil where only an address is given.
    package var serverName: String?

    init(host: String, port: Int, serverName: String?) {
        self.host = host
        self.port = port
        self.serverName = serverName
    }

    /// Throws `Complaint`.
    package init(_ text: String) throws(Complaint) {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
        guard parts.count <= 2 else { throw Endpoint.complaint(text, "it has more than one '='") }
        (host, port) = try Endpoint.place(parts[0], of: text)
        let named = parts.count == 2 ? parts[1].lowercased() : nil
        if let named, !Endpoint.isName(named) {
            throw Endpoint.complaint(text, "'\(named.prefix(100))' is no name of a host")
        }
        let isAddress = host.contains(":") || Endpoint.isIPv4(host)
        guard isAddress || Endpoint.isName(host) else {
            throw Endpoint.complaint(text, "'\(host.prefix(100))' is no name of a host and no address")
        }
        serverName = named ?? (isAddress ? nil : host)
    }

    package var description: String {
        let place = ListenAddress(host: host, port: port).description
        guard let serverName, serverName != host else { return place }
        return "\(place)=\(serverName)"
    }

    /// The host, and the port behind the last colon, 443 where there is none.
    private static func place(_ place: String, of text: String) throws(Complaint) -> (String, Int) {
        let isBare = place.hasPrefix("[") ? place.hasSuffix("]") : !place.contains(":")
        let whole = isBare ? place + ":443" : place
        guard let address = ListenAddress(whole), address.port > 0 else {
            throw complaint(text, "the port is no number from 1 to 65535")
        }
        if address.host.contains(":"), !place.hasPrefix("[") {
            throw complaint(text, "an IPv6 address stands in brackets")
        }
        return (address.host.lowercased(), address.port)
    }

    private static func complaint(_ text: String, _ why: String) -> Complaint {
        Complaint(
            message: "'\(text.prefix(100))' is no endpoint: \(why)",
            fix: "write it as host, host:port or address:port=host")
    }

    /// A DNS name of one host (RFC 1123 §2.1), so none with a wildcard.
    private static func isName(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= 253 else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.utf8.count <= 63 && !label.hasPrefix("-") && !label.hasSuffix("-")
                && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        }
    }

    private static func isIPv4(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }
}
