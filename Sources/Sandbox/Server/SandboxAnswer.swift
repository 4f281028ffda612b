import Domain
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// What a stand-in answers.
struct SandboxAnswer: Sendable {
    var status: Int
    var headers: [(String, String)]
    var body: [UInt8]
    /// The connection is cut instead.
    var isReset = false

    init(_ status: Int, headers: [(String, String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    static func json(_ status: Int = 200, _ value: JSONValue, headers: [(String, String)] = []) -> SandboxAnswer {
        SandboxAnswer(
            status, headers: [("Content-Type", "application/json; charset=utf-8")] + headers,
            body: value.canonicalBytes)
    }

    static func text(_ status: Int, _ text: String, headers: [(String, String)] = []) -> SandboxAnswer {
        SandboxAnswer(
            status, headers: [("Content-Type", "text/plain; charset=utf-8")] + headers, body: Array(text.utf8))
    }

    /// No answer: the connection is cut.
    static var reset: SandboxAnswer {
        var answer = SandboxAnswer(500)
        answer.isReset = true
        return answer
    }

    var response: Response {
        var fields = HTTPFields()
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
        }
        return Response(
            status: .init(code: status), headers: fields, body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }
}
