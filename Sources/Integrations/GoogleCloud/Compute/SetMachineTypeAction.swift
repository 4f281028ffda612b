import Domain

/// Gives an instance another machine type: stops it, changes the type, starts it. Each step looks first, so that a run
/// that was cut off is taken up where it was.
struct SetMachineTypeAction: RepeatableAction, Plannable {
    /// Changes and looks until it is done.
    static let mostRounds = 30

    private let cloud: CloudConnection
    private let target: InstanceTarget
    private let machineType: String
    private let starts: Bool

    static func type(_ cloud: CloudConnection) -> ActionType {
        ActionType(
            "gcp.instance-set-machine-type",
            "Gives an instance another machine type: stops it, changes the type and starts it", effect: .changes,
            outputs: [
                .init("changed", .flag, "False when it had the type already"),
                .init("status", .text(nil), "RUNNING, TERMINATED, …"),
                .init("summary", .text(nil), "One line for people"),
            ]
        ) { SetMachineTypeAction(&$0, cloud) }
    }

    init(_ input: inout InputReader, _ cloud: CloudConnection) {
        self.cloud = cloud
        target = InstanceTarget(&input)
        machineType = input.text("machine_type", "The type that it is to have", pattern: CloudName.type)
        starts = input.flag("start", "Whether it runs in the end, also when it did not before", default: true)
    }

    private var doing: String { "\(target.title) does not get machine type \(machineType)" }

    func plan(_ context: ActionContext) async throws -> ActionPlan {
        try await cloud.attempt(doing) { client in
            let instance = try await target.owned(client, context)
            let isDown = InstanceStatus.down.contains(status(instance))
            guard type(instance) != machineType else {
                return ActionPlan(changes: starts && isDown ? ["\(target.title): start"] : [])
            }
            try await check(client)
            let steps =
                (isDown ? [] : ["stop"]) + ["machineType \(type(instance)) → \(machineType)"]
                + (starts ? ["start"] : [])
            return ActionPlan(changes: ["\(target.title): " + steps.joined(separator: ", then ")])
        }
    }

    func perform(_ context: ActionContext) async throws -> JSONValue {
        var done: [String] = []
        do {
            return try await cloud.attempt(doing, changes: true) { try await run($0, context, &done) }
        } catch var error as ActionError {
            guard !done.isEmpty else { throw error }
            error.mayHaveTakenEffect = true
            error.details = "done before that: " + done.joined(separator: ", ")
            error.hint = error.hint ?? "run this again: it goes on where it was"
            throw error
        }
    }

    private func run(_ client: GoogleCloudClient, _ context: ActionContext, _ done: inout [String]) async throws
        -> JSONValue
    {
        for _ in 0..<SetMachineTypeAction.mostRounds {
            let instance = try await target.owned(client, context)
            guard let (word, call) = try next(instance, client) else {
                let status = status(instance)
                if InstanceStatus.passing.contains(status), starts || type(instance) != machineType {
                    context.progress("\(target.title) is \(status)")
                    try await context.time.sleep(for: .seconds(2))
                    continue
                }
                let words = done.isEmpty ? "has machine type \(machineType)" : done.joined(separator: ", ")
                return [
                    "changed": .bool(!done.isEmpty), "status": .string(status),
                    "summary": .string("\(target.title): \(words); it is \(status)"),
                ]
            }
            // Before it is stopped, it is known that the type exists: else the machine would stay down.
            if done.isEmpty, type(instance) != machineType { try await check(client) }
            context.progress("\(target.title): \(word)")
            do {
                try await carryOut(word, call, client, context)
            } catch let failure as GoogleFailure where failure.isBusy {
                // What an earlier try has begun is still under way.
                try await context.time.sleep(for: .seconds(2))
                continue
            }
            if !done.contains(word) { done.append(word) }
        }
        throw ActionError("\(doing): Google has taken the changes and does not show them", mayHaveTakenEffect: true)
    }

    private func carryOut(
        _ word: String, _ call: GoogleCall, _ client: GoogleCloudClient, _ context: ActionContext
    ) async throws {
        let operation = try await client.startAnew(
            call, key: "\(context.idempotencyKey) \(context.attempt)", parent: try target.scope(client))
        _ = try await client.finish(operation, time: context.time) { progress in
            context.progress("\(target.title): \(word)" + (progress.map { " (\($0) %)" } ?? ""))
        }
    }

    /// What has to be done next; nil: nothing, or only to wait.
    private func next(_ instance: JSONValue, _ client: GoogleCloudClient) throws -> (String, GoogleCall)? {
        let path = try target.path(client)
        let isDown = InstanceStatus.down.contains(status(instance))
        if type(instance) != machineType {
            if isDown {
                let link = try target.home(client).type("machineTypes", machineType)
                return (
                    "machineType \(machineType)",
                    GoogleCall(.compute, "POST", "\(path)/setMachineType", body: ["machineType": .string(link)])
                )
            }
            return status(instance) == "RUNNING" ? ("stop", GoogleCall(.compute, "POST", "\(path)/stop")) : nil
        }
        return starts && isDown ? ("start", GoogleCall(.compute, "POST", "\(path)/start")) : nil
    }

    private func check(_ client: GoogleCloudClient) async throws {
        let path = try target.home(client).type("machineTypes", machineType)
        guard try await client.find(GoogleCall(.compute, "GET", path)) != nil else {
            throw ActionError(
                "there is no machine type \(machineType) in the zone", hint: "gcloud compute machine-types list")
        }
    }

    private func type(_ instance: JSONValue) -> String {
        instance["machineType"]?.stringValue.map(ResourcePath.name) ?? ""
    }

    private func status(_ instance: JSONValue) -> String { instance["status"]?.stringValue ?? "unknown" }
}
