/// The validated `defimon.yaml`, but for people and pools, which are in the `DefinitionSet`.
package struct Settings: Sendable {
    /// Where webhooks come in.
    package var listen: ListenAddress
    /// Where `/metrics`, the API and the console are served; nil: on `listen` too.
    package var adminListen: ListenAddress?
    /// The ledger's file.
    package var ledgerPath: String
    /// The Unix socket by which the command line reaches a running bot.
    package var socketPath: String
    package var limits: Limits
    /// Where the audit's proof is kept.
    package var audit: AuditSettings
    /// What each outside system's folder reads by itself: `slack`, `alertmanager`, `clusters`, `ethereum`.
    package var sections: [String: LocatedValue]

    package init(
        listen: ListenAddress, adminListen: ListenAddress?, ledgerPath: String, socketPath: String, limits: Limits,
        audit: AuditSettings, sections: [String: LocatedValue]
    ) {
        self.listen = listen
        self.adminListen = adminListen
        self.ledgerPath = ledgerPath
        self.socketPath = socketPath
        self.limits = limits
        self.audit = audit
        self.sections = sections
    }
}

/// An address to listen on. Port 0 takes a free one.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `127.0.0.1:8080` or `[::1]:8080`; nil for anything else.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = String(text[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { return nil }
        self.init(host: host, port: port)
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// The bounds that may be set.
package struct Limits: Sendable, Hashable {
    /// Jobs that run side by side.
    package var concurrentJobs = 16
    /// Jobs that wait; a further one is refused with a report.
    package var waitingJobs = 10_000
    /// What one person may ask for; more is refused until it is less again.
    package var requestsPerPerson = RequestRate(count: 60, per: .seconds(60))
    /// The sum of bodies that are being received, in bytes; beyond it senders get 503.
    package var bodiesInFlight = 64 * 1024 * 1024
    /// Connections that are open at a time.
    package var connections = 4096
    /// From the first byte of a request to the end of its header.
    package var headerTimeout = Duration.seconds(10)
    /// From the end of the header to the end of the body.
    package var bodyTimeout = Duration.seconds(30)
    /// Silence on an open connection.
    package var idleTimeout = Duration.seconds(60)
    /// Deliveries that wait to be written; beyond it senders get 503.
    package var inboxQueue = 2048
    /// How long bodies of deliveries are kept.
    package var keepBodies = Duration.seconds(90 * 86_400)
    /// How long running steps may go on when the bot is told to stop.
    package var shutdownGrace = Duration.seconds(20)

    package init() {}
}

/// A section of `defimon.yaml` that an outside system's folder reads by itself.
package struct SettingsSection: Sendable {
    package var name: String
    /// One sentence for the reference page.
    package var summary: String
    /// Reads the section; problems are in the reader.
    package var read: @Sendable (inout InputReader) -> Void
    /// What is wrong between this section and others, all by name. Called when each is right by itself.
    package var compare: @Sendable ([String: LocatedValue]) -> [Problem]

    package init(
        name: String, summary: String, compare: @escaping @Sendable ([String: LocatedValue]) -> [Problem] = { _ in [] },
        read: @escaping @Sendable (inout InputReader) -> Void
    ) {
        self.name = name
        self.summary = summary
        self.compare = compare
        self.read = read
    }
}
