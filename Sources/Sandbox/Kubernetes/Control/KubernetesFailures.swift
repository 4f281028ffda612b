package import Domain

/// Failures that can be switched on. Workloads are named `name` or `namespace/name`; `*` means every one.
package struct KubernetesFailures: Sendable, Hashable {
    /// A workload whose containers end soon after they start.
    package struct CrashLoop: Sendable, Hashable {
        /// What the container writes before it ends.
        package var lines: [String]
        package var exitCode: Int
        /// What the kubelet calls the end: `Error`, `OOMKilled`.
        package var reason: String

        package init(lines: [String] = ["panic: cannot go on"], exitCode: Int = 1, reason: String = "Error") {
            self.lines = lines
            self.exitCode = exitCode
            self.reason = reason
        }
    }

    /// How many of the next requests answer 429.
    package var tooManyRequests = 0
    /// What `Retry-After` says in those answers, in seconds.
    package var retryAfterSeconds = 1
    /// How many of the next requests answer 500.
    package var internalErrors = 0
    /// How long each request waits before it is served, in milliseconds.
    package var slow = 0
    /// How many of the next answers, or watches, are cut in their middle.
    package var reset = 0
    /// How many of the next watches end with the error 410 after their first event.
    package var expireWatches = 0
    /// Workloads whose new pods run and never become ready.
    package var stalledRollout: Set<String> = []
    /// Parts of the names of images that cannot be pulled.
    package var imagePull: Set<String> = []
    /// Workloads whose containers crash, with what they write.
    package var crashLoop: [String: CrashLoop] = [:]
    /// Workloads whose pods no node takes.
    package var unschedulable: Set<String> = []
    /// Jobs whose pods run on until they are ended.
    package var endless: Set<String> = []
    /// Namespaces whose quota is used up: no pod more.
    package var quota: Set<String> = []
    /// Names of claims whose filesystem grows only for a pod that starts after their volume has grown.
    package var offlineGrowth: Set<String> = []
    /// Names of claims that get no volume.
    package var unboundClaims: Set<String> = []

    package init() {}

    func isNamed(_ names: Set<String>, _ namespace: String, _ workload: String) -> Bool {
        names.contains("*") || names.contains(workload) || names.contains("\(namespace)/\(workload)")
    }

    func crash(_ namespace: String, _ workload: String) -> CrashLoop? {
        crashLoop["\(namespace)/\(workload)"] ?? crashLoop[workload] ?? crashLoop["*"]
    }
}

extension KubernetesFailures {
    /// As the control route shows it.
    package var json: JSONValue {
        func list(_ names: Set<String>) -> JSONValue { .array(names.sorted().map { .string($0) }) }
        return [
            "tooManyRequests": .int(Int64(tooManyRequests)), "retryAfterSeconds": .int(Int64(retryAfterSeconds)),
            "internalErrors": .int(Int64(internalErrors)), "slow": .int(Int64(slow)), "reset": .int(Int64(reset)),
            "expireWatches": .int(Int64(expireWatches)), "stalledRollout": list(stalledRollout),
            "imagePull": list(imagePull), "unschedulable": list(unschedulable), "quota": list(quota),
            "offlineGrowth": list(offlineGrowth), "unboundClaims": list(unboundClaims),
            "endless": list(endless),
            "crashLoop": .object(
                crashLoop.mapValues {
                    [
                        "lines": .array($0.lines.map { .string($0) }), "exitCode": .int(Int64($0.exitCode)),
                        "reason": .string($0.reason),
                    ]
                }),
        ]
    }

    /// Reads what a control request says; members that it leaves out stay as they are in `self`. Throws
    /// `KubernetesStatus` 400 for a member that is none, or has the wrong type.
    mutating func read(_ json: JSONValue) throws {
        for (name, value) in json.objectValue ?? [:] {
            func refuse(_ wanted: String) -> KubernetesStatus {
                .badRequest("\(name): \(wanted) is wanted, not \(value.canonicalText)")
            }
            func number() throws -> Int {
                guard let number = value.intValue, number >= 0 else { throw refuse("a whole number") }
                return number
            }
            func names() throws -> Set<String> {
                guard let items = value.arrayValue, items.allSatisfy({ $0.stringValue != nil }) else {
                    throw refuse("a list of names")
                }
                return Set(items.compactMap(\.stringValue))
            }
            switch name {
            case "tooManyRequests": tooManyRequests = try number()
            case "retryAfterSeconds": retryAfterSeconds = try number()
            case "internalErrors": internalErrors = try number()
            case "slow": slow = try number()
            case "reset": reset = try number()
            case "expireWatches": expireWatches = try number()
            case "stalledRollout": stalledRollout = try names()
            case "imagePull": imagePull = try names()
            case "unschedulable": unschedulable = try names()
            case "quota": quota = try names()
            case "offlineGrowth": offlineGrowth = try names()
            case "unboundClaims": unboundClaims = try names()
            case "endless": endless = try names()
            case "crashLoop": crashLoop = try KubernetesFailures.crashes(value, refuse)
            default:
                throw KubernetesStatus.badRequest(
                    "\(name) is no failure; there are \(KubernetesFailures().json.objectValue?.keys.sorted().joined(separator: ", ") ?? "")"
                )
            }
        }
    }

    private static func crashes(_ value: JSONValue, _ refuse: (String) -> KubernetesStatus) throws -> [String:
        CrashLoop]
    {
        switch value {
        case .array(let names):
            return Dictionary(
                names.compactMap(\.stringValue).map { ($0, CrashLoop()) }, uniquingKeysWith: { first, _ in first })
        case .object(let members):
            return members.mapValues { member in
                CrashLoop(
                    lines: member["lines"]?.arrayValue?.compactMap(\.stringValue) ?? CrashLoop().lines,
                    exitCode: member["exitCode"]?.intValue ?? 1, reason: member["reason"]?.stringValue ?? "Error")
            }
        default: throw refuse("a list of workloads, or a map to {lines, exitCode, reason}")
        }
    }
}
