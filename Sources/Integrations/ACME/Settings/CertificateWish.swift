package import Domain

/// A certificate as the settings want it: one member of `certificates`.
package struct CertificateWish: Sendable {
    /// Names of one certificate: Let's Encrypt's bound (letsencrypt.org/docs/rate-limits).
    package static let mostNames = 100
    /// Places of one certificate.
    package static let mostDestinations = 20

    /// How control over its names is proven.
    package enum Proof: Sendable {
        /// By an answer of the bot's own server (RFC 8555 §8.3), to which a route leads where one is set.
        case http((any ChallengeRoute)?)
        /// By a TXT record (§8.4) at this provider: `hetzner`.
        case dns(String)

        /// For people.
        var words: String {
            switch self {
            case .http: "HTTP-01"
            case .dns: "DNS-01"
            }
        }
    }

    /// One place where it goes.
    package struct Destination: Sendable {
        package var name: String
        package var place: any CertificateDestination
        /// Where it must be seen at work.
        package var endpoints: [Endpoint]
    }

    package var name: String
    package var names: [String]
    package var key: CertificateKey.Kind
    /// Nil: what `acme` says.
    package var profile: String?
    /// The name of a root to which its chain should lead.
    package var preferredIssuer: String?
    package var proof: Proof
    package var destinations: [Destination]

    /// Whether it is good for a host by one of its names.
    func covers(_ host: String) -> Bool {
        let host = host.lowercased()
        return names.contains { name in
            guard name.hasPrefix("*.") else { return name == host }
            return host.split(separator: ".", maxSplits: 1).last.map { "*.\($0)" == name } ?? false
        }
    }
}

extension CertificateWish {
    /// What reads the settings of destinations and routes, each outside system's own.
    package struct Types: Sendable {
        package var destinations: [CertificateDestinationType]
        package var routes: [ChallengeRouteType]
        /// Names of the providers whose DNS records can be set.
        package var zones: [String]

        package init(destinations: [CertificateDestinationType], routes: [ChallengeRouteType], zones: [String]) {
            self.destinations = destinations
            self.routes = routes
            self.zones = zones
        }
    }

    // Nil is never seen: the patterns are constants that compile, which a test shows.
    static let namePattern = try? Pattern("[a-z]([a-z0-9-]{0,38}[a-z0-9])?")
    static let hostPattern = try? Pattern(
        "(\\*\\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")

    init(_ name: String, _ input: inout InputReader, _ types: Types) {
        self.name = name
        names = input.texts(
            "names", "The host names, the first of which is shown; *.example.org for all below one", isRequired: true
        )
        .map { $0.lowercased() }
        key = input.choice("key", "What kind of key it has", of: CertificateKey.Kind.self, default: .p256) ?? .p256
        profile = input.optionalText("profile", "Which of the CA's profiles it has")
        preferredIssuer = input.optionalText("preferred_issuer", "The name of the root to which its chain should lead")
        let provider: String?? = input.section("dns", "Names are proven by a DNS record; by HTTP unless said") {
            section in
            let provider = section.text(
                "provider", "Whose zones the names are in: \(types.zones.joined(separator: ", "))")
            if !provider.isEmpty, !types.zones.contains(provider) {
                section.report(
                    "there is no DNS provider '\(provider.prefix(40))'", field: "provider",
                    fix: "write one of \(types.zones.joined(separator: ", "))")
            }
            return provider
        }
        var route: (any ChallengeRoute)?
        var isRouteGiven = false
        for type in types.routes {
            let found = input.section(type.name, type.help, read: type.make)
            if found != nil { (route, isRouteGiven) = (found, true) }
        }
        proof = provider.flatMap { $0 }.map(Proof.dns) ?? .http(route)
        let hosts = names.filter { !$0.hasPrefix("*.") }
        destinations = input.named("destinations", "Where it goes, each by a name of yours") { name, section in
            Destination(name, &section, types, hosts: hosts)
        }.compactMap(\.value).sorted { $0.name < $1.name }
        check(&input, isRouteGiven: isRouteGiven)
    }

    private func check(_ input: inout InputReader, isRouteGiven: Bool) {
        if !name.isEmpty, CertificateWish.namePattern?.matches(name) == false {
            input.report(
                "'\(name.prefix(60))' is no name of a certificate", field: "names",
                fix: "at most 40 of a-z, 0-9 and '-', a letter first")
        }
        for host in names where CertificateWish.hostPattern?.matches(host) == false || host.utf8.count > 253 {
            input.report("'\(host.prefix(80))' is no host name", field: "names", fix: "such as api.example.org")
        }
        if Set(names).count < names.count { input.report("a host name is there twice", field: "names") }
        if names.count > CertificateWish.mostNames {
            input.report("'names' are at most \(CertificateWish.mostNames)", field: "names")
        }
        if case .http = proof, let wildcard = names.first(where: { $0.hasPrefix("*.") }) {
            input.report(
                "'\(wildcard)' cannot be proven by HTTP", field: "names",
                fix: "add dns: {provider: …} (RFC 8555 §7.1.3)")
        }
        if case .dns = proof, isRouteGiven {
            input.report(
                "names are proven by DNS or by HTTP", field: "dns", fix: "leave one of 'dns' and the route out")
        }
        if destinations.count > CertificateWish.mostDestinations {
            input.report("'destinations' are at most \(CertificateWish.mostDestinations)", field: "destinations")
        }
    }
}

extension CertificateWish.Destination {
    /// Nil when its kind is not told, which is a problem in the reader.
    fileprivate init?(_ name: String, _ input: inout InputReader, _ types: CertificateWish.Types, hosts: [String]) {
        var places: [(type: String, place: any CertificateDestination)] = []
        for type in types.destinations {
            if let place = input.section(type.name, type.help, read: type.make) { places.append((type.name, place)) }
        }
        let given = input.texts(
            "endpoints",
            "Where it must be seen by a TLS handshake, such as api.example.org:443 or 10.0.0.5:443=api.example.org; every name at port 443 unless said, [] for nowhere"
        )
        var endpoints: [Endpoint] = []
        for text in input.isGiven("endpoints") ? given : hosts.map({ "\($0):443" }) {
            do { endpoints.append(try Endpoint(text)) } catch {
                input.report(error.message, field: "endpoints", fix: error.fix)
            }
        }
        if endpoints.count > 20 { input.report("'endpoints' are at most 20", field: "endpoints") }
        let kinds = types.destinations.map(\.name).joined(separator: ", ")
        if places.count != 1 {
            let what = places.isEmpty ? "does not say where it goes" : "says more than one place"
            input.report(
                "the destination '\(name.prefix(60))' \(what)", field: "endpoints", fix: "write one of \(kinds)")
            guard places.count > 1 else { return nil }
        }
        guard let place = places.first?.place else { return nil }
        self.init(name: name, place: place, endpoints: endpoints)
    }
}
