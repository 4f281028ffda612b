import Domain

/// Starts, stops or resets an instance.
struct InstancePowerAction: SingleChange {
    enum Verb: String, Sendable {
        case start, stop, reset

        var summary: String {
            switch self {
            case .start: "Starts an instance that is stopped"
            case .stop: "Stops an instance; it keeps its disks"
            case .reset: "Resets an instance, as if its power had been cut"
            }
        }
    }

    let cloud: CloudConnection
    private let verb: Verb
    private let target: InstanceTarget

    static func type(_ verb: Verb, _ cloud: CloudConnection) -> ActionType {
        ActionType(
            "gcp.instance-\(verb.rawValue)", verb.summary, effect: .changes,
            outputs: [
                .init("status", .text(nil), "RUNNING, TERMINATED, …"),
                .init("changed", .flag, "False when it was so already"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { InstancePowerAction(&$0, verb, cloud) }
    }

    init(_ input: inout InputReader, _ verb: Verb, _ cloud: CloudConnection) {
        self.cloud = cloud
        self.verb = verb
        target = InstanceTarget(&input)
    }

    var doing: String { "\(target.title): \(verb.rawValue)" }
    func scope(_ client: GoogleCloudClient) throws(ActionError) -> String { try target.scope(client) }

    func prepare(_ client: GoogleCloudClient, _ context: ActionContext) async throws -> Preparation {
        let status = try await target.owned(client, context)["status"]?.stringValue ?? "unknown"
        let isDown = InstanceStatus.down.contains(status)
        switch verb {
        case .start where status == "RUNNING": return .nothing("\(target.title) runs already")
        case .stop where isDown: return .nothing("\(target.title) is stopped already")
        case .start where !isDown, .reset where status != "RUNNING":
            throw ActionError(
                "\(target.title) is \(status), so it cannot \(verb.rawValue)",
                retry: InstanceStatus.passing.contains(status) ? .later(afterMilliseconds: 10_000) : .never,
                hint: status == "SUSPENDED" ? "resume it: gcloud compute instances resume \(target.name)" : nil)
        default: break
        }
        let call = GoogleCall(.compute, "POST", "\(try target.path(client))/\(verb.rawValue)")
        return .change(call, keep: [:], line: "\(target.title): \(verb.rawValue) (it is \(status))")
    }

    func outputs(_ client: GoogleCloudClient, _ handle: JSONValue) async throws -> [String: JSONValue] {
        let status = try await target.read(client)["status"]?.stringValue ?? "unknown"
        return [
            "status": .string(status), "summary": .string("\(target.title): \(verb.rawValue) is done, it is \(status)"),
        ]
    }
}

/// Life of an instance (cloud.google.com/compute/docs/instances/instance-lifecycle).
enum InstanceStatus {
    static let down: Set<String> = ["TERMINATED", "STOPPED"]
    /// It becomes another one by itself.
    static let passing: Set<String> = [
        "PROVISIONING", "STAGING", "STOPPING", "PENDING_STOP", "SUSPENDING", "REPAIRING", "PENDING", "DEPROVISIONING",
    ]
}
