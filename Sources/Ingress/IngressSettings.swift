package import Domain

/// What the ingress needs of the settings.
package struct IngressSettings: Sendable {
    /// Where webhooks come in.
    package var listen: ListenAddress
    /// Where `/healthz`, `/readyz`, `/metrics` and pages are served; nil: on `listen` too.
    package var adminListen: ListenAddress?
    /// Where certificate authorities ask for proofs of control over a name (port 80); nil: on `listen` only.
    package var challengeListen: ListenAddress?
    /// What `listen` shows in TLS; nil: it speaks plain HTTP.
    package var tls: ServedCertificate?
    /// The Unix socket of the API.
    package var socketPath: String
    package var limits: Limits

    package init(
        listen: ListenAddress, adminListen: ListenAddress?, challengeListen: ListenAddress? = nil,
        tls: ServedCertificate? = nil, socketPath: String, limits: Limits
    ) {
        self.listen = listen
        self.adminListen = adminListen
        self.challengeListen = challengeListen
        self.tls = tls
        self.socketPath = socketPath
        self.limits = limits
    }

    /// `challengeListen` and `tls` stand in sections of their own.
    package init(_ settings: Settings, challengeListen: ListenAddress? = nil, tls: ServedCertificate? = nil) {
        self.init(
            listen: settings.listen, adminListen: settings.adminListen, challengeListen: challengeListen, tls: tls,
            socketPath: settings.socketPath, limits: settings.limits)
    }
}
