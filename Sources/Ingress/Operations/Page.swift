import Domain
import HTTPTypes

/// A plain page that is served beside the ingress' own: `GET` only, no arguments.
package struct Page: Sendable {
    /// `/about`.
    package var path: String
    /// The media type, with its charset.
    package var contentType: String
    /// Makes the body.
    package var body: @Sendable () async -> [UInt8]

    package init(path: String, contentType: String, body: @escaping @Sendable () async -> [UInt8]) {
        self.path = path
        self.contentType = contentType
        self.body = body
    }

    var route: Route {
        Route(method: .get, path: path, source: Source("pages")) { _, _ in
            Answer.bytes(await body(), type: contentType)
        }
    }
}
