import AsyncHTTPClient
package import Domain
package import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Sends HTTP requests to one outside system. TLS is verified always, redirects are never followed, proxies of the
/// environment are not read. One session per system and purpose: settings of the connection belong to it.
package struct HTTPSession: Sendable {
    /// How connections are made.
    package struct Configuration: Sendable {
        /// Certificates to trust, PEM; nil: the machine's.
        package var trustedCertificates: [UInt8]?
        /// The client's certificate chain, PEM.
        package var clientCertificate: [UInt8]?
        /// The client's private key, PEM: PKCS#1, SEC1 or PKCS#8.
        package var clientKey: [UInt8]?
        /// Hosts of URLs that are connected to at another host. The certificate must be the URL's (kubeconfig's
        /// `tls-server-name`).
        package var connectTo: [String: String] = [:]
        package var connectTimeout = Duration.seconds(10)
        /// Silence within an answer.
        package var readTimeout: Duration? = .seconds(60)
        /// Connections per host.
        package var connections = 8
        /// Is told what time it is at the servers; nil: nobody asks.
        package var clock: ClockCheck?

        package init() {}
    }

    private let handle: ClientHandle
    private let clock: ClockCheck?
    private var client: HTTPClient { handle.client }

    /// Throws `HTTPError` (never sent) when certificates or keys cannot be read.
    package init(_ configuration: Configuration = Configuration()) throws(HTTPError) {
        var settings = HTTPClient.Configuration()
        settings.redirectConfiguration = .disallow
        settings.timeout.connect = .init(configuration.connectTimeout)
        settings.timeout.read = configuration.readTimeout.map(TimeAmount.init)
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = configuration.connections
        settings.connectionPool.retryConnectionEstablishment = false
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.minimumTLSVersion = .tlsv12
        do {
            if let pem = configuration.trustedCertificates {
                tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(pem))
            }
            if let pem = configuration.clientCertificate {
                tls.certificateChain = try NIOSSLCertificate.fromPEMBytes(pem).map { .certificate($0) }
            }
            if let pem = configuration.clientKey {
                tls.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: pem, format: .pem))
            }
        } catch {
            throw HTTPError(.notSent, "the certificate or key cannot be read: \(error)")
        }
        settings.tlsConfiguration = tls
        settings.dnsOverride = configuration.connectTo
        clock = configuration.clock
        handle = ClientHandle(HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings))
    }

    /// Ends all connections. Must be called once, when nobody uses the session any more.
    package func shutdown() async {
        try? await client.shutdown()  // it fails only when called twice, which changes nothing
    }

    /// Sends a request and collects its answer, of at most `maxBody` bytes, within `timeout` in all. Throws
    /// `HTTPError`, or `CancellationError` when the task is cancelled.
    package func send(_ request: HTTPRequest, maxBody: Int = 8 * 1024 * 1024, timeout: Duration = .seconds(30))
        async throws -> HTTPResponse
    {
        try await withDeadline(timeout) {
            let answer = try await stream(request, timeout: timeout)
            var body: [UInt8] = []
            do {
                for try await part in answer.body {
                    guard body.count + part.count <= maxBody else {
                        throw HTTPError(.maybeSent, "the answer is larger than \(maxBody) bytes")
                    }
                    body += part
                }
            } catch let error as HTTPError {
                throw error
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                throw HTTPError(.maybeSent, "the answer broke off: \(HTTPSession.words(error))")
            }
            return HTTPResponse(status: answer.status, headers: answer.headers, body: body)
        }
    }

    /// Sends a request and returns when the answer's header is there; `timeout` counts until then. The body ends with
    /// an error when the connection is cut.
    package func stream(_ request: HTTPRequest, timeout: Duration = .seconds(30)) async throws -> HTTPStream {
        var outgoing = HTTPClientRequest(url: request.url)
        outgoing.method = HTTPMethod(rawValue: request.method)
        for (name, value) in request.headers {
            guard !value.contains(where: { $0 == "\r" || $0 == "\n" || $0 == "\r\n" }) else {
                throw HTTPError(.notSent, "the header \(name) holds a line break")
            }
            outgoing.headers.add(name: name, value: value)
        }
        if let body = request.body { outgoing.body = .bytes(body) }
        do {
            let sent = clock?.now
            let response = try await client.execute(outgoing, timeout: TimeAmount(timeout))
            if let clock, let sent { HTTPSession.compare(clock, response, request, sent) }
            var headers: [String: String] = [:]
            for (name, value) in response.headers {
                let key = name.lowercased()
                headers[key] = headers[key].map { $0 + ", " + value } ?? value
            }
            return HTTPStream(
                status: Int(response.status.code), headers: headers,
                body: HTTPBodyParts(body: response.body))
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            if Task.isCancelled { throw CancellationError() }
            throw HTTPSession.explained(error, request)
        }
    }

    /// A server on this machine has this machine's clock, and an answer that a cache kept (`Age`) says when it was made,
    /// not what time it is.
    private static func compare(
        _ clock: ClockCheck, _ response: HTTPClientResponse, _ request: HTTPRequest, _ sent: Date
    ) {
        guard let host = URLComponents(string: request.url)?.host, !isLoopback(host), clock.wants(host),
            response.headers.first(name: "age") == nil,
            let told = response.headers.first(name: "date").flatMap(HTTPDate.parse)
        else { return }
        clock.observe(host, told: told, sent: sent)
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host.hasPrefix("127.") || host == "::1" || host == "[::1]"
    }

    func withDeadline<Value: Sendable>(
        _ timeout: Duration, _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value.self) { group in
            group.addTask(operation: body)
            group.addTask {
                try await Task.sleep(for: timeout)
                throw HTTPError(.maybeSent, "no complete answer within \(DurationText.human(timeout))")
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    private static func explained(_ error: any Error, _ request: HTTPRequest) -> HTTPError {
        let host = URLComponents(string: request.url)?.host ?? "the server"
        // Only failures before a connection exists prove that nothing was sent.
        let isBeforeConnection =
            switch error {
            case let error as HTTPClientError:
                [
                    .connectTimeout, .invalidURL, .emptyHost, .emptyScheme,
                    .unsupportedScheme(URLComponents(string: request.url)?.scheme ?? ""),
                    .getConnectionFromPoolTimeout, .tlsHandshakeTimeout, .alreadyShutdown,
                ].contains(error)
            case is NIOConnectionError: true
            case let error as IOError: [ECONNREFUSED, ENOENT, EACCES].contains(error.errnoCode)
            // Others of its cases, such as an unclean shutdown, also come when a request has been sent.
            case NIOSSLError.handshakeFailed, NIOSSLError.unableToValidateCertificate: true
            case is NIOSSLExtraError: true
            default: false
            }
        return HTTPError(isBeforeConnection ? .notSent : .maybeSent, "\(host): \(words(error))")
    }

    /// What BoringSSL says in capital letters, for people.
    private static func tlsWords(_ text: String) -> String {
        let known = [
            ("CERTIFICATE_VERIFY_FAILED", "the server's certificate is not trusted"),
            ("failedToValidateHostname", "the server's certificate is for another name"),
            ("WRONG_VERSION_NUMBER", "the server does not speak TLS"),
            ("CERTIFICATE_REQUIRED", "the server wants a client certificate"),
            ("UNKNOWN_CA", "the server does not trust the client's certificate"),
            ("BAD_CERTIFICATE", "the server refuses the client's certificate"),
            ("CERTIFICATE_EXPIRED", "the server says the client's certificate has expired"),
        ]
        return known.first { text.contains($0.0) }?.1 ?? "TLS failed: \(text)"
    }

    static func words(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout: "no connection within the time-out"
            case .deadlineExceeded, .readTimeout: "no answer within the time-out"
            case .remoteConnectionClosed: "the server closed the connection"
            default: error.shortDescription
            }
        case let error as NIOConnectionError:
            error.connectionErrors.first.map { words($0.error) } ?? "no address answers"
        case let error as IOError: String(cString: strerror(error.errnoCode)).lowercased()
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: tlsWords(String(describing: error))
        default: String(describing: error)
        }
    }
}

/// Keeps the client, and ends its connections when nobody holds a session any more and nobody has said `shutdown`.
private final class ClientHandle: Sendable {
    let client: HTTPClient

    init(_ client: HTTPClient) { self.client = client }

    deinit {
        client.shutdown(queue: .global()) { _ in }  // fails only when it is shut down already
    }
}

/// A request to send.
package struct HTTPRequest: Sendable {
    package var method: String
    /// `https://…`, `http://…`, or `http+unix://<percent-encoded socket path>/…`.
    package var url: String
    package var headers: [(String, String)]
    package var body: [UInt8]?

    package init(method: String = "GET", url: String, headers: [(String, String)] = [], body: [UInt8]? = nil) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// A whole answer.
package struct HTTPResponse: Sendable {
    package var status: Int
    /// Names in lower case; repeated ones joined by ", ".
    package var headers: [String: String]
    package var body: [UInt8]

    package init(status: Int, headers: [String: String], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The body as text.
    package var text: String { String(decoding: body, as: UTF8.self) }

    /// How long to wait before the next try, by `Retry-After` in seconds or as a date (RFC 9110 §10.2.3); never
    /// negative.
    package func retryAfter(now: Date) -> Duration? {
        guard let text = headers["retry-after"]?.trimmed else { return nil }
        if let seconds = Double(text), seconds.isFinite, seconds >= 0 { return .seconds(min(seconds, 86_400 * 7)) }
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "GMT")
        formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        return formatter.date(from: String(text)).map { .seconds(max(0, $0.timeIntervalSince(now))) }
    }
}

/// An answer whose body is still coming.
package struct HTTPStream: Sendable {
    package var status: Int
    package var headers: [String: String]
    package var body: HTTPBodyParts
}

/// The parts of a body, as they come.
package struct HTTPBodyParts: AsyncSequence, Sendable {
    package typealias Element = [UInt8]
    let body: HTTPClientResponse.Body

    package struct AsyncIterator: AsyncIteratorProtocol {
        var inner: HTTPClientResponse.Body.AsyncIterator

        package mutating func next() async throws -> [UInt8]? {
            guard let buffer = try await inner.next() else { return nil }
            return Array(buffer.readableBytesView)
        }
    }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(inner: body.makeAsyncIterator()) }
}

/// Why there is no answer. What may be repeated hangs on `kind`.
package struct HTTPError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// Nothing reached the server.
        case notSent
        /// The server may have had the request.
        case maybeSent
    }

    package var kind: Kind
    /// In words, without the URL's path, query or any header.
    package var message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var description: String { message }
}
