import Domain

/// A service of a load balancer, with what Hetzner fills in.
enum HetznerService {
    /// A service as it is kept; for a change, `old` is what it was. Throws what Hetzner refuses it with.
    static func read(
        _ value: JSONValue, of balancer: HetznerResource, _ state: HetznerState, old: JSONValue? = nil
    ) throws -> JSONValue {
        func member(_ name: String) -> JSONValue? { value[name] ?? old?[name] }
        let proto = member("protocol")?.stringValue ?? ""
        guard ["tcp", "http", "https"].contains(proto) else {
            throw HetznerError.invalid("protocol", "must be one of tcp, http, https")
        }
        let usual = ["http": 80, "https": 443][proto]
        let listens = try port("listen_port", member("listen_port"), proto == "tcp" ? nil : usual)
        let destination = try port("destination_port", member("destination_port"), proto == "tcp" ? nil : 80)
        var service: [String: JSONValue] = [
            "protocol": .string(proto), "listen_port": .int(Int64(listens)),
            "destination_port": .int(Int64(destination)), "proxyprotocol": member("proxyprotocol") ?? false,
        ]
        service["health_check"] = try check(value["health_check"], old?["health_check"], proto, destination)
        if proto != "tcp" {
            service["http"] = try http(value["http"] ?? [:], old?["http"], proto, balancer, state)
        }
        return .object(service)
    }

    private static func port(_ name: String, _ value: JSONValue?, _ usual: Int?) throws -> Int {
        let port = try HetznerCall.needed(HetznerCall.number(value, name) ?? usual, name)
        guard (1...65535).contains(port) else { throw HetznerError.invalid(name, "must be a port") }
        return port
    }

    private static func number(
        _ name: String, _ value: JSONValue?, _ range: ClosedRange<Int>, _ usual: Int
    ) throws -> JSONValue {
        let number = try HetznerCall.number(value, name) ?? usual
        guard range.contains(number) else {
            throw HetznerError.invalid(name, "must be between \(range.lowerBound) and \(range.upperBound)")
        }
        return .int(Int64(number))
    }

    private static func check(
        _ value: JSONValue?, _ old: JSONValue?, _ service: String, _ port: Int
    ) throws -> JSONValue {
        func member(_ name: String) -> JSONValue? { value?[name] ?? old?[name] }
        let proto = member("protocol")?.stringValue ?? (service == "tcp" ? "tcp" : "http")
        guard ["tcp", "http"].contains(proto) else {
            throw HetznerError.invalid("health_check.protocol", "must be one of tcp, http")
        }
        var check: [String: JSONValue] = [
            "protocol": .string(proto),
            "port": try number("health_check.port", member("port"), 1...65535, port),
            "interval": try number("health_check.interval", member("interval"), 3...60, 15),
            "timeout": try number("health_check.timeout", member("timeout"), 1...60, 10),
            "retries": try number("health_check.retries", member("retries"), 1...5, 3),
        ]
        if proto == "http" {
            let usual: [String: JSONValue] = [
                "domain": "", "path": "/", "response": "", "status_codes": ["2??", "3??"], "tls": false,
            ]
            check["http"] = .object(
                usual.merging(old?["http"]?.objectValue ?? [:]) { $1 }
                    .merging(value?["http"]?.objectValue ?? [:]) { $1 })
        }
        return .object(check)
    }

    private static func http(
        _ value: JSONValue, _ old: JSONValue?, _ proto: String, _ balancer: HetznerResource, _ state: HetznerState
    ) throws -> JSONValue {
        var usual: [String: JSONValue] = [
            "cookie_name": "HCLBSTICKY", "cookie_lifetime": 300, "timeout_idle": 50, "sticky_sessions": false,
        ]
        if proto == "https" { usual["redirect_http"] = false }
        let http = usual.merging(old?.objectValue ?? [:]) { $1 }.merging(value.objectValue ?? [:]) { $1 }
        guard proto == "https" else { return .object(http) }
        let certificates = http["certificates"]?.arrayValue ?? []
        guard !certificates.isEmpty else { throw HetznerError.invalid("http.certificates", "is required") }
        for certificate in certificates { _ = try state.numbered(.certificates, certificate.intValue ?? 0) }
        let type = state.resources[.loadBalancerTypes]?[balancer.links["load_balancer_type"] ?? 0]
        guard certificates.count <= type?.number("max_assigned_certificates") ?? 0 else {
            throw HetznerError.invalid("http.certificates", "are too many for the load balancer's type")
        }
        return .object(http)
    }
}
