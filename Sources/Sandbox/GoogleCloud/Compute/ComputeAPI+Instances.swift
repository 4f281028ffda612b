import Domain
import Foundation

extension ComputeAPI {
    var instanceKind: ComputeKind {
        ComputeKind("instances", "instance", .zone, [.get, .list, .aggregatedList, .insert, .delete]).with { kind in
            kind.isLabelled = true
            kind.status = ("PROVISIONING", "RUNNING")
            kind.prepare = { try ComputeInstance.prepare(&$0, $1) }
            kind.insertPermissions = ComputeInstance.insertPermissions
            kind.mayGo = { instance in
                guard instance.body["deletionProtection"] != true else {
                    throw GoogleError(
                        412, "conditionNotMet",
                        "Invalid resource usage: 'Resource cannot be deleted if it's protected against deletion.'.")
                }
            }
            kind.leaves = { state, instance, _ in
                for disk in ComputeInstance.attached(to: instance.path, state) {
                    state.detach(disk, from: instance.path, deletes: true)
                }
                let link = ComputeReference.json(instance.path)
                for address in state.resources.values
                where address.body["users"]?.arrayValue?.contains(link) == true {
                    state.use(address.path, by: instance.path, false)
                }
            }
        }
    }

    var instanceMethods: [GoogleMethod] { lifeMethods + settingMethods + attachmentMethods + [serialMethod] }

    private var lifeMethods: [GoogleMethod] {
        let kind = instanceKind
        return [
            method(kind, "start", "POST", "/start", permission: "start") { call in
                try mutate(call) { try start(kind.path(call), call, &$0, $1) }
            },
            method(kind, "stop", "POST", "/stop", permission: "stop") { call in
                try mutate(call) { try stop(kind.path(call), call, &$0, $1) }
            },
            method(kind, "reset", "POST", "/reset", permission: "reset") { call in
                try mutate(call) { state, now in
                    let path = kind.path(call)
                    let instance = try state.ready(path, now)
                    guard instance.status == "RUNNING" else { throw GoogleError.notReady(path) }
                    return state.begin("reset", on: path, id: instance.id, call, now) { state, now in
                        state.boot(path, now)
                    }
                }
            },
            method(kind, "setMachineType", "POST", "/setMachineType", permission: "setMachineType") { call in
                try mutate(call) { try setMachineType(kind.path(call), call, &$0, $1) }
            },
        ]
    }

    private func start(
        _ path: String, _ call: GoogleCall, _ state: inout GoogleState, _ now: Date
    ) throws -> GoogleOperation {
        let instance = try state.ready(path, now)
        if instance.status == "RUNNING" { return state.begin("start", on: path, id: instance.id, call, now) }
        guard instance.status == "TERMINATED" else { throw GoogleError.notReady(path) }
        return state.begin("start", on: path, id: instance.id, call, now) { state, _ in
            state.update(path) { $0.body["status"] = "STAGING" }
        } onEnd: { state, now in
            do {
                try state.checkRoom(path)
            } catch {
                state.update(path) { $0.body["status"] = "TERMINATED" }
                throw error
            }
            state.boot(path, now)
        }
    }

    private func stop(
        _ path: String, _ call: GoogleCall, _ state: inout GoogleState, _ now: Date
    ) throws -> GoogleOperation {
        let instance = try state.ready(path, now)
        return state.begin("stop", on: path, id: instance.id, call, now) { state, _ in
            guard state.resources[path]?.status == "RUNNING" else { return }
            state.update(path) { $0.body["status"] = "STOPPING" }
        } onEnd: { state, now in
            guard state.resources[path]?.status == "STOPPING" else { return }
            state.update(path) { instance in
                instance.body["status"] = "TERMINATED"
                instance.body["lastStopTimestamp"] = .string(ComputeOperationShape.time(now))
            }
        }
    }

    private func setMachineType(
        _ path: String, _ call: GoogleCall, _ state: inout GoogleState, _ now: Date
    ) throws -> GoogleOperation {
        let instance = try state.ready(path, now)
        guard let text = try call.text("machineType") else { throw GoogleError.required("machineType") }
        let machine = try ComputeReference.resolve(text, field: "machineType", scope: call.scope, state)
        guard instance.status == "TERMINATED" else {
            throw GoogleError(
                400, "badRequest",
                "Invalid resource usage: 'Machine type can only be changed while the instance is TERMINATED; it is "
                    + "\(instance.status).'.")
        }
        return state.begin("setMachineType", on: path, id: instance.id, call, now) { state, _ in
            state.update(path) { $0.body["machineType"] = ComputeReference.json(machine) }
        }
    }

    private var serialMethod: GoogleMethod {
        let kind = instanceKind
        return GoogleMethod(
            "compute.instances.getSerialPortOutput", "GET", "\(kind.path)/{instance}/serialPort",
            permissions: { [GooglePermission("compute.instances.getSerialPortOutput", on: kind.path($0))] }
        ) { call in
            let port = call.query("port") ?? "1"
            guard let number = Int(port), (1...4).contains(number) else {
                throw GoogleError.invalid("port", port, "Values must be within the range: [1, 4]")
            }
            return try world.read { state, now in
                let path = kind.path(call)
                _ = try state.ready(path, now)
                let text = number == 1 ? Array((state.serial[path] ?? "").utf8) : []
                let asked = Int(call.query("start") ?? "0") ?? 0
                let first = asked < 0 ? max(text.count + asked, 0) : min(asked, text.count)
                return .json(
                    200,
                    [
                        "kind": "compute#serialPortOutput",
                        "selfLink": .string(ComputeReference.link(path) + "/serialPort?port=\(number)"),
                        "contents": .string(String(decoding: text[first...], as: UTF8.self)),
                        "start": .string(String(first)), "next": .string(String(text.count)),
                    ])
            }
        }
    }
}

extension GoogleState {
    /// Characters of serial output that are kept (Google keeps a mebibyte).
    static let mostSerial = 1_048_576

    /// Throws what an operation ends with when the zone has no machine, or the quota of CPUs is used up.
    func checkRoom(_ instance: String) throws {
        let zone = ComputeReference.scope(of: instance)
        if failures.stockout.contains(GoogleState.last(zone)) {
            throw GoogleOperation.Failure(
                code: "ZONE_RESOURCE_POOL_EXHAUSTED",
                message: "The zone '\(zone)' does not have enough resources available to fulfill the request.  Try a "
                    + "different zone, or try again later.", status: 503, statusText: "SERVICE UNAVAILABLE")
        }
        guard let limit = failures.quotas["CPUS"], used("CPUS", of: instance) > limit else { return }
        let region = ComputeReference.region(of: instance) ?? ""
        throw GoogleOperation.Failure(
            code: "QUOTA_EXCEEDED", message: "Quota 'CPUS' exceeded.  Limit: \(limit).0 in region \(region).",
            details: [
                [
                    "quotaInfo": [
                        "metricName": "compute.googleapis.com/cpus", "limitName": "CPUS-per-project-region",
                        "dimensions": ["region": .string(region)], "limit": .int(Int64(limit)),
                    ]
                ]
            ], status: 403, statusText: "FORBIDDEN")
    }

    /// The machine runs from its beginning: it says so on the serial port, and runs its startup script.
    mutating func boot(_ instance: String, _ now: Date) {
        update(instance) { instance in
            instance.body["status"] = "RUNNING"
            instance.body["lastStartTimestamp"] = .string(ComputeOperationShape.time(now))
        }
        let name = GoogleState.last(instance)
        var lines = ["SeaBIOS (version 1.8.2-google)", "Booting from Hard Disk 0...", "\(name) login: "]
        let metadata = resources[instance]?.body["metadata"]?["items"]?.arrayValue ?? []
        if metadata.contains(where: { $0["key"] == "startup-script" }) {
            lines.append("google_metadata_script_runner[412]: Found startup-script in metadata.")
            lines.append("google_metadata_script_runner[412]: startup-script exit status 0")
        }
        appendSerial(instance, lines.map { $0 + "\r\n" }.joined())
    }

    mutating func appendSerial(_ instance: String, _ text: String) {
        serial[instance] = String(((serial[instance] ?? "") + text).suffix(GoogleState.mostSerial))
    }
}
