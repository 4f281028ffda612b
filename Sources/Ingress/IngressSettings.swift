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
