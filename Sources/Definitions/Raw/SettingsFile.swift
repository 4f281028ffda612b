import Domain

/// `defimon.yaml` as it is written, with the environment's values filled in.
struct SettingsFile: Sendable {
    var listen: Located<ListenAddress>?
    var adminListen: Located<ListenAddress>?
    var ledger: Located<String>?
    var socket: Located<String>?
    var limits: Limits
    var audit: AuditFile?
    var people: [PersonFile]
    var roles: [RoleFile]
    var pools: [(name: Located<String>, settings: [LocatedValue.Member])]
    var report: [Located<Place>]
    var onCall: [OnCallFile]
    var variables: [LocatedValue.Member]
    /// What the outside systems' folders read by themselves.
    var sections: [LocatedValue.Member]

    /// Reads the file; `sections` are the names that outside systems' folders know.
    init(_ reader: inout KeyReader, sections known: [SettingsSection]) {
        listen = reader.one(
            "listen", .address, "Where webhooks come in", default: "127.0.0.1:8080", Convert.address("'listen'"))
        adminListen = reader.one(
            "admin_listen", .address, "Where metrics, the API and the console are served", default: "as listen",
            Convert.address("'admin_listen'"))
        ledger = reader.one(
            "ledger", .text(nil), "The ledger's file", default: "defimon.sqlite", Convert.text(nil, "'ledger'"))
        socket = reader.one(
            "socket", .text(nil), "The Unix socket by which the command line reaches a running bot",
            default: "defimon.sock beside the ledger", Convert.text(nil, "'socket'"))
        limits = reader.section("limits", "limits", "The bounds", Limits.read) ?? Limits()
        audit = reader.section("audit", "audit", "Where the audit's proof is kept", AuditFile.init)
        people = reader.named("people", "person", "Who may do what, by ids of your own") {
            PersonFile(&$1, id: $0)
        }
        roles = reader.named(
            "roles", "role", "What people of a role may run; a role that is not here may run what names it", atMost: 100
        ) {
            RoleFile(&$1, name: $0)
        }
        pools = reader.named("pools", "pool", "Names, each with settings that templates read as pools.<name>.<setting>")
        {
            let settings = $1.rest(
                "setting", .either([.text(nil), .integer(Int.min...Int.max)]), "A setting of the pool")
            return (name: $0, settings: settings)
        }
        report =
            reader.many(
                "report", .place, "Where automatic jobs are reported when their rule names no place", atMost: 10,
                Convert.place) ?? []
        onCall = reader.named(
            "on_call", "on_call", "Lists of people on call, which rules name as on_call:<name> under escalate"
        ) { OnCallFile(&$1, name: $0) }
        variables =
            reader.map("variables", .anything, "Environment variables that templates may read, each with its default") {
                value throws(Problem) in value
            }.map { LocatedValue.Member(name: $0.name.value, location: $0.name.location, value: $0.value.value) }
        var sections: [LocatedValue.Member] = []
        for section in known.sorted(by: { $0.name < $1.name }) {
            let found = reader.one(section.name, .shape(section.name), section.summary) { value throws(Problem) in value
            }
            if let found, let member = reader.value.member(section.name) {
                sections.append(LocatedValue.Member(name: section.name, location: member.location, value: found.value))
            }
        }
        self.sections = sections
    }
}

/// One of the people.
struct PersonFile: Sendable {
    var id: Located<String>
    var name: Located<String>?
    var roles: [Located<String>]
    var identities: [(channel: String, userID: Located<String>)]

    /// Reads the map under a person's id.
    init(_ reader: inout KeyReader, id: Located<String>) {
        self.id = id
        name = reader.one("name", .text(nil), "What others call them", isRequired: true, Convert.text(nil, "'name'"))
        roles = reader.many("roles", .text(.name), "Their roles", Convert.text(.name, "a role")) ?? []
        var identities: [(String, Located<String>)] = []
        for channel in Channels.identities {
            let found = reader.one(
                channel, .text(nil),
                channel == "cli"
                    ? "Their user name on this machine" : "Their user id in \(channel), never a display name",
                Convert.text(nil, "'\(channel)'"))
            if let found { identities.append((channel, found)) }
        }
        self.identities = identities.map { (channel: $0.0, userID: $0.1) }
    }
}

extension Limits {
    /// Reads the map under `limits`.
    fileprivate static func read(_ reader: inout KeyReader) -> Limits {
        var limits = Limits()
        func count(_ name: String, _ range: ClosedRange<Int>, _ help: String, _ member: WritableKeyPath<Limits, Int>) {
            let found = reader.one(
                name, .integer(range), help, default: String(limits[keyPath: member]),
                Convert.integer("'\(name)'", in: range))
            if let found { limits[keyPath: member] = found.value }
        }
        func time(_ name: String, _ help: String, _ member: WritableKeyPath<Limits, Duration>) {
            let found = reader.one(
                name, .duration, help, default: DurationText.canonical(limits[keyPath: member]),
                Convert.duration("'\(name)'", atLeast: .milliseconds(100)))
            if let found { limits[keyPath: member] = found.value }
        }
        count("concurrent_jobs", 1...10_000, "Jobs that run side by side", \.concurrentJobs)
        count("waiting_jobs", 1...1_000_000, "Jobs that wait; a further one is refused", \.waitingJobs)
        let rate = reader.section(
            "requests_per_person", "rate",
            "What one person may ask for; more is refused, but for cancel and freeze; \(limits.requestsPerPerson.count) within \(DurationText.canonical(limits.requestsPerPerson.per)) when it is left out",
            RequestRate.read)
        if let rate { limits.requestsPerPerson = rate }
        let bodies = reader.one(
            "bodies_in_flight", .quantity, "The sum of bodies that are being received",
            default: Quantity(bytes: Int64(limits.bodiesInFlight)).description, Convert.quantity("'bodies_in_flight'"))
        if let bodies {
            limits.bodiesInFlight = Int(bodies.value.bytes)
            if bodies.value.bytes < 1024 * 1024 {
                reader.report("'bodies_in_flight' must be at least 1MiB", at: bodies.location)
            }
        }
        count("connections", 1...1_000_000, "Connections that are open at a time", \.connections)
        time("header_timeout", "From the first byte of a request to the end of its header", \.headerTimeout)
        time("body_timeout", "From the end of the header to the end of the body", \.bodyTimeout)
        time("idle_timeout", "Silence on an open connection", \.idleTimeout)
        count("inbox_queue", 1...1_000_000, "Deliveries that wait to be written", \.inboxQueue)
        time("keep_bodies", "How long bodies of deliveries are kept", \.keepBodies)
        time("shutdown_grace", "How long running steps may go on when the bot is told to stop", \.shutdownGrace)
        return limits
    }
}

extension RequestRate {
    /// Reads the map under `requests_per_person`.
    fileprivate static func read(_ reader: inout KeyReader) -> RequestRate {
        let usual = Limits().requestsPerPerson
        let count = reader.one(
            "count", .integer(RequestRate.counts), "How many requests", isRequired: true,
            Convert.integer("'count'", in: RequestRate.counts))
        let per = reader.one(
            "per", .duration, "Within how long, 1s to 1d", isRequired: true,
            Convert.duration("'per'", in: RequestRate.spans))
        return RequestRate(count: count?.value ?? usual.count, per: per?.value ?? usual.per)
    }
}
