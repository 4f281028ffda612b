package import Domain

/// What the ingress needs of the settings.
package struct IngressSettings: Sendable {
    /// Where webhooks come in.
    package var listen: ListenAddress
    /// Where `/healthz`, `/readyz`, `/metrics` and pages are served; nil: on `listen` too.
    package var adminListen: ListenAddress?
    /// The Unix socket of the API.
    package var socketPath: String
    package var limits: Limits

    package init(listen: ListenAddress, adminListen: ListenAddress?, socketPath: String, limits: Limits) {
        self.listen = listen
        self.adminListen = adminListen
        self.socketPath = socketPath
        self.limits = limits
    }

    package init(_ settings: Settings) {
        self.init(
            listen: settings.listen, adminListen: settings.adminListen, socketPath: settings.socketPath,
            limits: settings.limits)
    }
}

/// Why the ingress did not start; for the person who starts the bot.
package struct IngressError: Error, Sendable, CustomStringConvertible {
    package var description: String
    package init(_ description: String) { self.description = description }
}

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
}
