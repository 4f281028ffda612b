import Domain
import Hummingbird
import HummingbirdCore
import NIOCore

/// One request with its connection.
struct RequestScope: Sendable {
    let request: Request
    let channel: any Channel

    /// The path without the query, still percent-encoded.
    var path: String { request.uri.path }

    /// The sender's network address; empty on a Unix socket.
    var remoteAddress: String { channel.remoteAddress?.ipAddress ?? "" }

    /// The declared length of the body, in bytes.
    var contentLength: Int? { request.headers[.contentLength].flatMap { Int($0) } }

    /// Whether a body was announced.
    var hasBody: Bool { (contentLength ?? 0) > 0 || request.headers[.transferEncoding] != nil }

    /// Names in lower case; repeated fields joined by ", " (RFC 9110 §5.3).
    var headers: [String: String] {
        var headers: [String: String] = [:]
        headers.reserveCapacity(request.headers.count)
        for field in request.headers {
            if let earlier = headers.updateValue(field.value, forKey: field.name.canonicalName) {
                headers[field.name.canonicalName] = earlier + ", " + field.value
            }
        }
        return headers
    }

    /// What has not come of this request is not read.
    func stopReading() {
        channel.triggerUserOutboundEvent(ConnectionGuard.Event.stopReading, promise: nil)
    }

    /// Lets a sender that asked first send its body.
    func letBodyCome() {
        guard request.headers[.expect]?.lowercased() == "100-continue" else { return }
        channel.triggerUserOutboundEvent(ConnectionGuard.Event.sendContinue, promise: nil)
    }
}
