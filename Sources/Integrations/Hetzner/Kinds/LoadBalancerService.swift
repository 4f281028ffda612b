import Domain

/// One port that a load balancer listens on.
struct LoadBalancerService: Sendable, Hashable {
    enum Transport: String, CaseIterable {
        case tcp, http, https
    }

    /// How it is known whether a target is well.
    struct Check: Sendable, Hashable {
        enum Transport: String, CaseIterable {
            case tcp, http
        }

        let transport: Transport
        let port: Int?
        let interval: Duration
        let timeout: Duration
        let retries: Int
        let path: String
        let domain: String?
        let codes: [String]
        let isTLS: Bool

        init(_ input: inout InputReader) {
            transport = input.choice("protocol", "How a target is asked", of: Transport.self, default: .tcp) ?? .tcp
            port = input.optionalInteger("port", "Where; the destination port when left out", in: 1...65_535)
            interval = input.duration("interval", "How often, 3s to 60s", default: .seconds(15))
            timeout = input.duration("timeout", "After what time it has not answered, 1s to 60s", default: .seconds(10))
            retries = input.integer("retries", "After how many failures a target is not well", in: 1...5, default: 3)
            path = input.text("path", "With http: the path that is asked for", default: "/")
            domain = input.optionalText("domain", "With http: the host that is asked for")
            let codes = input.texts("status_codes", "With http: what is well, such as 2?? and 3??")
            self.codes = codes.isEmpty ? ["2??", "3??"] : codes
            isTLS = input.flag("tls", "With http: whether it is asked by TLS")
            if !(Duration.seconds(3)...Duration.seconds(60)).contains(interval) {
                input.report("'interval' must be from 3s to 60s", field: "interval")
            }
            if !(Duration.seconds(1)...Duration.seconds(60)).contains(timeout) {
                input.report("'timeout' must be from 1s to 60s", field: "timeout")
            }
        }

        func json(_ destination: Int) -> JSONValue {
            var check: [String: JSONValue] = [
                "protocol": .string(transport.rawValue), "port": .int(Int64(port ?? destination)),
                "interval": .int(interval.milliseconds / 1000), "timeout": .int(timeout.milliseconds / 1000),
                "retries": .int(Int64(retries)),
            ]
            if transport == .http {
                var http: [String: JSONValue] = [
                    "path": .string(path), "status_codes": Field.strings(codes), "tls": .bool(isTLS),
                ]
                http["domain"] = .string(domain ?? "")
                check["http"] = .object(http)
            }
            return .object(check)
        }
    }

    let transport: Transport
    let listens: Int
    private let destination: Int
    private let hasProxyProtocol: Bool
    private let check: Check
    let certificates: [String]
    private let isRedirected: Bool
    private let isSticky: Bool

    init(_ input: inout InputReader) {
        transport = input.choice("protocol", "What it speaks", of: Transport.self, default: .tcp) ?? .tcp
        listens = input.integer("listen_port", "Where it listens", in: 1...65_535)
        destination = input.integer("destination_port", "Where its targets listen", in: 1...65_535)
        hasProxyProtocol = input.flag("proxyprotocol", "Whether targets are told who asks, by the PROXY protocol")
        var usual = InputReader.describing()
        check =
            input.section("health_check", "How it is known whether a target is well; by TCP when left out") {
                Check(&$0)
            } ?? Check(&usual)
        certificates = input.texts(
            "certificates", "With https: names of certificates", each: HetznerName.thing, "the name of a certificate")
        isRedirected = input.flag("redirect_http", "With https: whether port 80 leads there")
        isSticky = input.flag("sticky_sessions", "With http and https: whether who asks again gets the same target")
        if (transport == .https) != !certificates.isEmpty {
            input.report("https, and only https, has certificates", field: "certificates")
        }
    }

    /// `ids` are those of its certificates, by name.
    func json(_ ids: [String: Int]) -> JSONValue {
        var service: [String: JSONValue] = [
            "protocol": .string(transport.rawValue), "listen_port": .int(Int64(listens)),
            "destination_port": .int(Int64(destination)), "proxyprotocol": .bool(hasProxyProtocol),
            "health_check": check.json(destination),
        ]
        if transport != .tcp {
            var http: [String: JSONValue] = ["sticky_sessions": .bool(isSticky)]
            if transport == .https {
                http["certificates"] = .array(certificates.compactMap { ids[$0] }.sorted().map { .int(Int64($0)) })
                http["redirect_http"] = .bool(isRedirected)
            }
            service["http"] = .object(http)
        }
        return .object(service)
    }

    /// What Hetzner shows, with the members alone that we say.
    static func plain(_ there: JSONValue, like wanted: JSONValue) -> JSONValue {
        guard let members = wanted.objectValue else {
            guard let items = there.arrayValue else { return there }
            return Field.sorted(items)
        }
        var plain: [String: JSONValue] = [:]
        for (name, member) in members {
            // What is not set is shown as nothing.
            let shown = there[name] ?? .null
            plain[name] = shown == .null && member == "" ? "" : LoadBalancerService.plain(shown, like: member)
        }
        return .object(plain)
    }
}
