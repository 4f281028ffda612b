import Domain

/// Makes a cluster or a node pool what it is wanted to be. Kubernetes Engine knows no request ids: what was begun is
/// found again by its name and by the operation that is under way, and one thing is done after the other.
struct ContainerRun: Sendable {
    /// Looks and changes, each after the operation before it is over.
    static let mostRounds = 60
    /// Between two looks at a thing that is not settled, and no operation of it is to be seen.
    static let pause = Duration.seconds(5)
    /// States in which a thing works in part: nothing is under way, and it may be changed.
    private static let partly: Set<String> = ["DEGRADED", "RUNNING_WITH_ERROR"]
    private static let settled = partly.union(["RUNNING"])

    var client: GoogleCloudClient
    var wish: ContainerWish
    var context: ActionContext
    /// What is looked up besides, and added to what was read.
    var enrich: @Sendable (GoogleCloudClient, JSONValue) async throws -> JSONValue = { $1 }

    func plan() async throws -> ActionPlan { try await look().plan }

    /// Reads the thing once. Throws `ActionError` for what is to be refused, or `CancellationError`.
    func look() async throws -> ThingLook {
        let what = wish.title
        let there = try await read()
        if let there { try refuseBroken(there) }
        switch try await verdict(there) {
        case .asWanted(let resource, let isOurs):
            let plan = ActionPlan(
                changes: [], notes: (isOurs ? [] : [EnsureRefusal.onlyRead(what)]) + degraded(resource))
            // What is still being made is waited for.
            let isSettled = ContainerRun.settled.contains(resource["status"]?.stringValue ?? "RUNNING")
            return ThingLook(
                plan: plan, asWanted: isSettled ? EnsuredThing(resource: resource, isOurs: isOurs) : nil)
        case .create:
            // An earlier step may make it.
            guard wish.body != nil else {
                return ThingLook(
                    plan: ActionPlan(changes: [], knownLater: ["\(what), which is not there yet"]))
            }
            return ThingLook(plan: ActionPlan(changes: ["\(what): create" + created]))
        case .change(_, let steps):
            return ThingLook(
                plan: ActionPlan(
                    changes: steps.flatMap(\.lines).map { "\(what): \($0)" }, notes: there.map(degraded) ?? []))
        case .foreign(let pool, let lines): throw EnsureRun.foreign(what, pool, lines)
        case .replacement(let lines, let hint): throw EnsureRefusal.replacement(what, lines, hint)
        }
    }

    func perform() async throws -> EnsuredThing {
        var result = EnsuredThing(resource: .null)
        do {
            try await run(&result)
            return result
        } catch let failure as GoogleFailure {
            throw failure.actionError("\(wish.title) is not as wanted", changes: true).after(result.changes)
        } catch let error as ActionError {
            throw error.after(result.changes)
        }
    }

    private func run(_ result: inout EnsuredThing) async throws {
        for _ in 0..<ContainerRun.mostRounds {
            let there = try await read()
            if let there, try await isUnsettled(there) { continue }
            let call: GoogleCall
            let lines: [String]
            switch try await verdict(there) {
            case .asWanted(let resource, let isOurs):
                result.resource = resource
                result.isOurs = isOurs
                return
            case .foreign(let pool, let lines): throw EnsureRun.foreign(wish.title, pool, lines)
            case .replacement(let lines, let hint): throw EnsureRefusal.replacement(wish.title, lines, hint)
            case .create:
                try missing()
                guard let creation = wish.creation else { return }
                (call, lines) = (creation, ["created" + created])
            case .change(_, let steps):
                guard let first = steps.first else { return }
                (call, lines) = (first.call, first.lines)
            }
            try await carryOut(call, lines, &result)
        }
        throw ActionError(
            "\(wish.title) does not become as wanted", retry: .later(afterMilliseconds: 60_000),
            mayHaveTakenEffect: true)
    }

    private func carryOut(_ call: GoogleCall, _ lines: [String], _ result: inout EnsuredThing) async throws {
        let words = "\(wish.title): \(lines.joined(separator: ", "))"
        context.progress(words)
        do {
            let operation = try CloudOperation(try await client.send(call), .container, parent: wish.parent)
            try await finish(operation, words)
        } catch let failure as GoogleFailure where failure.isAlreadyThere {
            // Begun by an earlier try, or by somebody else: what is there decides.
            return
        } catch let failure as GoogleFailure where failure.isClusterBusy {
            try await waitForOthers()
            return
        }
        result.changes += lines
        if call == wish.creation { result.isCreated = true }
    }

    private func finish(_ operation: CloudOperation, _ words: String) async throws {
        _ = try await client.finish(operation, time: context.time) { progress in
            context.progress(words + (progress.map { " (\($0) %)" } ?? ""))
        }
    }

    /// Waits when something is under way with it; true: look again. Throws when it is broken.
    private func isUnsettled(_ resource: JSONValue) async throws -> Bool {
        switch resource["status"]?.stringValue {
        case "PROVISIONING", "RECONCILING", "STOPPING":
            try await waitForOthers()
            return true
        default:
            try refuseBroken(resource)
            return false
        }
    }

    /// Throws for what Google has given up.
    private func refuseBroken(_ resource: JSONValue) throws(ActionError) {
        guard resource["status"]?.stringValue == "ERROR" else { return }
        throw ActionError(
            "\(wish.title) is in the state ERROR\(why(resource))",
            hint: "look at it in Google's console; when it cannot be repaired, delete it by hand and run this again")
    }

    /// What people should know of a thing that works in part (DEGRADED of a cluster, RUNNING_WITH_ERROR of a node pool).
    private func degraded(_ resource: JSONValue) -> [String] {
        guard let status = resource["status"]?.stringValue, ContainerRun.partly.contains(status) else { return [] }
        return ["\(wish.title) is in the state \(status)\(why(resource)): look at it in Google's console"]
    }

    private func why(_ resource: JSONValue) -> String {
        let conditions = (resource["conditions"]?.arrayValue ?? []).compactMap { $0["message"]?.stringValue }
        let words = (resource["statusMessage"]?.stringValue.map { [$0] } ?? conditions).filter { !$0.isEmpty }
        return words.isEmpty ? "" : ": " + OneLine.of(words.joined(separator: "; "), atMost: 300)
    }

    /// Waits until what is under way in the cluster is over. How it ended is told by what is there then.
    private func waitForOthers() async throws {
        let operations = try await client.send(GoogleCall(.container, "GET", "\(wish.parent)/operations"))
        let open = (operations["operations"]?.arrayValue ?? []).first { operation in
            let target = ResourcePath.relative(operation["targetLink"]?.stringValue ?? "")
            return operation["status"]?.stringValue != "DONE" && isOfCluster(target)
        }
        guard let open else { return try await context.time.sleep(for: ContainerRun.pause) }
        let operation = try CloudOperation(open, .container, parent: wish.parent)
        do {
            try await finish(operation, "\(wish.title): waits for \(ResourcePath.name(operation.path))")
        } catch let failure as GoogleFailure where failure.status == nil && !failure.isTransient {
            return
        }
    }

    /// Google writes the project's number where we write its id.
    private func isOfCluster(_ target: String) -> Bool {
        let own = wish.clusterPath.split(separator: "/").dropFirst(2)
        let parts = target.split(separator: "/").dropFirst(2)
        return parts.starts(with: own) || parts.starts(with: ["zones"] + own.dropFirst())
    }

    private func read() async throws -> JSONValue? {
        do {
            guard let found = try await client.find(wish.reading) else { return nil }
            return try await enrich(client, found)
        } catch let failure as GoogleFailure {
            throw failure.actionError("\(wish.title) cannot be read", changes: false)
        }
    }

    private func verdict(_ resource: JSONValue?) async throws -> ResourceVerdict {
        var adopted: String?
        if let resource, wish.markedPool(resource) == nil {
            adopted = try await context.kept.value(PoolMark.adoptionKey(wish.path))?.value?["pool"]?.stringValue
        }
        return wish.verdict(resource, adopted: adopted)
    }

    private func missing() throws(ActionError) {
        guard wish.body == nil else { return }
        throw ActionError("\(wish.title) is not there", hint: "correct its name or location, or let it be made first")
    }

    private var created: String { FieldText.made(of: wish.fields) }
}

extension GoogleFailure {
    /// Kubernetes Engine does something else with the cluster, and takes one thing after the other.
    var isClusterBusy: Bool { message.contains("is running incompatible operation") }
}
