import Domain

/// By what a load balancer or a group of instances knows that a machine is well.
struct HealthCheck: EnsuredResource {
    enum CheckType: String, CaseIterable {
        case http = "HTTP"
        case https = "HTTPS"
        case tcp = "TCP"

        /// The member that holds what is particular to it.
        var member: String { "\(rawValue.lowercased())HealthCheck" }
    }

    static let kind = ResourceKind.healthCheck
    static let action = "gcp.health-check-ensure"
    static let summary = "Makes a health check, or changes what differs of it"

    private let name: String
    private let pool: String
    private let isGlobal: Bool
    private let region: String?
    private let type: CheckType
    private let port: Int
    private let requestPath: String
    private let numbers: [(member: String, value: Int)]

    init(_ input: inout InputReader) {
        name = input.cloudName("Name of the health check")
        pool = input.pool()
        isGlobal = input.flag("global", "Whether it is for groups and load balancers of all regions")
        region = input.region()
        type = input.choice("type", "How it asks", of: CheckType.self, default: .tcp) ?? .tcp
        port = input.integer("port", "The port that it asks", in: 1...65_535)
        requestPath = input.text("path", "Of HTTP and HTTPS: the path that it asks for", default: "/")
        let interval = input.integer("interval_seconds", "Between two checks", in: 1...300, default: 10)
        let timeout = input.integer("timeout_seconds", "How long it waits for an answer", in: 1...300, default: 5)
        numbers = [
            ("checkIntervalSec", interval), ("timeoutSec", timeout),
            (
                "healthyThreshold",
                input.integer("healthy_after", "Good answers until it counts as well", in: 1...10, default: 2)
            ),
            (
                "unhealthyThreshold",
                input.integer("unhealthy_after", "Bad answers until it counts as ill", in: 1...10, default: 3)
            ),
        ]
        if timeout > interval {
            input.report(
                "a check waits no longer than until the next", field: "timeout_seconds",
                fix: "make it at most \(interval)")
        }
        if isGlobal, region != nil {
            input.report("a global check has no region", field: "region", fix: "leave out one of 'global' and 'region'")
        }
    }

    func wish(_ defaults: CloudDefaults) throws(ActionError) -> ResourceWish {
        var asks: [String: JSONValue] = ["port": .int(Int64(port))]
        if type != .tcp { asks["requestPath"] = .string(requestPath) }
        var body: [String: JSONValue] = ["type": .string(type.rawValue), type.member: .object(asks)]
        var fields = [
            WantedField(
                name: "type", wanted: .string(type.rawValue), present: Field.value("type"), change: .replacement()),
            WantedField(
                name: "port", wanted: .int(Int64(port)), present: Field.value("\(type.member).port"),
                change: .patch(member: type.member)),
        ]
        if type != .tcp {
            fields.append(
                WantedField(
                    name: "path", wanted: .string(requestPath),
                    present: Field.value("\(type.member).requestPath", usual: "/"), change: .patch(member: type.member))
            )
        }
        for number in numbers {
            body[number.member] = .int(Int64(number.value))
            fields.append(
                WantedField(
                    name: number.member, wanted: .int(Int64(number.value)), present: Field.value(number.member),
                    change: .patch(member: number.member)))
        }
        return ResourceWish(
            kind: HealthCheck.kind, project: defaults.project, place: isGlobal ? .global : try defaults.region(region),
            name: name, pool: pool, body: body, fields: fields)
    }
}
