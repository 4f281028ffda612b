import Domain
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore

/// A whole request to a stand-in.
struct SandboxRequest: Sendable {
    var method: String
    /// Without the query, percent-encoding as it came.
    var path: String
    /// Decoded, in order; names may repeat.
    var query: [(name: String, value: String)]
    var body: [UInt8]
    /// The authority: `127.0.0.1:8080`.
    var host: String
    private let headers: HTTPFields

    init(_ request: Request, body: [UInt8]) {
        method = request.method.rawValue
        path = request.uri.path
        query = FormCoding.decode(request.uri.query ?? "")
        self.body = body
        host = request.head.authority ?? ""
        headers = request.headers
    }

    /// A request that the sandbox makes of itself.
    init(_ method: String, _ path: String, body: JSONValue) {
        self.method = method
        self.path = path
        query = []
        self.body = body.canonicalBytes
        host = ""
        headers = [:]
    }

    /// A header by its name, of any case.
    func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { headers[$0] } }

    /// The first value of a query parameter.
    func query(_ name: String) -> String? { query.first { $0.name == name }?.value }

    /// The media type without parameters, in lower case: `application/json`.
    var mediaType: String {
        let value = header("content-type") ?? ""
        return value.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
    }

    /// The token of `Authorization: Bearer …`.
    var bearerToken: String? {
        guard let value = header("authorization"), value.lowercased().hasPrefix("bearer ") else { return nil }
        return value.dropFirst(7).trimmingCharacters(in: .whitespaces)
    }
}

/// `application/x-www-form-urlencoded` (WHATWG URL standard).
enum FormCoding {
    static func encode(_ fields: [(String, String)]) -> String {
        let kept = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._*")
        func escape(_ text: String) -> String {
            text.split(separator: " ", omittingEmptySubsequences: false)
                .map { $0.addingPercentEncoding(withAllowedCharacters: kept) ?? "" }
                .joined(separator: "+")
        }
        return fields.map { "\(escape($0.0))=\(escape($0.1))" }.joined(separator: "&")
    }

    static func decode(_ text: String) -> [(name: String, value: String)] {
        text.split(separator: "&").map { field in
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            func plain(_ part: Substring?) -> String {
                let spaced = String(part ?? "").replacing("+", with: " ")
                return spaced.removingPercentEncoding ?? spaced
            }
            return (plain(parts.first), plain(parts.dropFirst().first))
        }
    }
}
