import Domain
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// Makes answers.
enum Answer {
    /// 200 without a body.
    static let empty = Response(status: .ok)

    /// Bytes of a media type.
    static func bytes(_ bytes: some Sequence<UInt8>, type: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: type], body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// One line of JSON.
    static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Response {
        bytes((value.canonicalText + "\n").utf8, type: "application/json", status: status)
    }

    /// `{"error":"…"}`.
    static func error(_ message: String, status: HTTPResponse.Status) -> Response {
        json(["error": .string(message)], status: status)
    }
}
