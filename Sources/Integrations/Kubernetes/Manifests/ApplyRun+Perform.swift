import Domain
import Outbound

extension ApplyRun {
    /// How long new kinds may take until objects of them can be applied.
    static let longestDefinition = Duration.seconds(60)

    private enum Outcome: String {
        case made, changed, unchanged
    }

    /// What has been done so far, for whoever must say where it stopped.
    private struct Done {
        var applied = 0
        var changed = 0
        var lines: [String] = []
    }

    /// Applies all, turn by turn and within a turn in parallel, then deletes what may be pruned. The first failure ends
    /// it and says how far it came.
    func perform(_ manifests: [Manifest], _ context: ActionContext) async throws -> JSONValue {
        let survey = try await survey(manifests)
        let members = try await pruning?.keeper.members(survey.placed, pruning?.rule.includes ?? { _ in false })
        if let refusal = pruning?.rule.refusal(members?.extras.map(\.object) ?? [], of: members?.count ?? 0) {
            throw refusal
        }
        var done = Done()
        var parent = members?.parent
        var isRecorded = pruning == nil
        do {
            for turn in ApplyOrder.turns(survey.entries.map(\.manifest)) {
                // Namespaces come before the record, which is in one of them.
                if !isRecorded, survey.entries[turn.lowerBound].object.kind != "Namespace" {
                    parent = try await record(survey, over: parent, keeping: true)
                    isRecorded = true
                }
                try await apply(Array(survey.entries[turn]), of: survey.entries.count, &done, context)
            }
            if !isRecorded { parent = try await record(survey, over: parent, keeping: true) }
        } catch var error as ActionError {
            error.mayHaveTakenEffect = error.mayHaveTakenEffect || done.changed > 0
            let sofar =
                "\(done.applied) of \(manifests.count) objects were applied before, \(done.changed) of them changed"
            error.details = [error.details, sofar].compactMap { $0 }.joined(separator: "\n")
            throw error
        }
        let deleted = try await prune(members, survey, parent, done, context)
        return result(done, deleted: deleted, foreign: members?.foreign ?? [])
    }

    private func result(_ done: Done, deleted: [String], foreign: [ClusterObject]) -> JSONValue {
        let objects = done.applied == 1 ? "1 object" : "\(done.applied) objects"
        let gone = deleted.isEmpty ? "" : ", \(deleted.count) deleted"
        let left = foreign.map { "\($0.title): not in the folder, and left since the bot does not manage it" }
        return [
            "applied": .int(Int64(done.applied)), "changed": .int(Int64(done.changed)),
            "deleted": .int(Int64(deleted.count)), "summary": .string("\(objects), \(done.changed) changed\(gone)"),
            "details": .string((done.lines + deleted + left).joined(separator: "\n")),
        ]
    }

    // MARK: The set

    /// Before anything is applied the record names all kinds and namespaces of before and of now, and only when all is
    /// pruned those of now alone: whatever happens in between, no member is out of its sight.
    private func record(_ survey: FolderSurvey, over parent: ClusterObject?, keeping: Bool) async throws
        -> ClusterObject?
    {
        guard let pruning else { return nil }
        var contents = ApplySet.Contents()
        for entry in survey.entries where pruning.rule.includes(entry.groupKind) {
            contents.kinds.insert(entry.groupKind)
            guard entry.type?.isNamespaced != false, let namespace = entry.object.namespace else { continue }
            if namespace != pruning.keeper.set.namespace { contents.namespaces.insert(namespace) }
        }
        if keeping, let parent { contents = contents.union(ApplySet.contents(of: parent)) }
        return try await pruning.keeper.write(contents, over: parent)
    }

    private func prune(
        _ members: SetKeeper.Members?, _ survey: FolderSurvey, _ parent: ClusterObject?, _ done: Done,
        _ context: ActionContext
    ) async throws -> [String] {
        guard pruning != nil, let members else { return [] }
        do {
            let deleted = try await SetKeeper.delete(members.extras, target, context.progress)
            // What stays although the folder lacks it must not get out of sight.
            _ = try await record(survey, over: parent, keeping: !members.foreign.isEmpty)
            return deleted
        } catch var error as ActionError {
            error.mayHaveTakenEffect = true
            error.details = [error.details, "all \(done.applied) objects of the folder were applied before"]
                .compactMap { $0 }.joined(separator: "\n")
            throw error
        }
    }

    // MARK: One turn

    private func apply(
        _ entries: [FolderSurvey.Entry], of total: Int, _ done: inout Done, _ context: ActionContext
    ) async throws {
        let before = done.applied
        let counter = ProgressCounter()
        context.progress("\(before) of \(total) objects")
        let outcomes = await Parallel.run(entries, atOnce: ApplyRun.atOnce) { entry in
            let (outcome, object) = try await apply(entry, context)
            context.progress("\(before + counter.next()) of \(total) objects")
            return (outcome, object)
        }
        var failures: [any Error] = []
        var made: [ClusterObject] = []
        for (entry, outcome) in zip(entries, outcomes) {
            switch outcome {
            case .success(let (outcome, object)):
                done.applied += 1
                if outcome != .unchanged { done.changed += 1 }
                done.lines.append("\(entry.object.title): \(outcome.rawValue)")
                made.append(object)
            case .failure(let error): failures.append(error)
            case nil: break
            }
        }
        if let error = ApplyRun.worst(failures) { throw error }
        try await untilDefined(made.filter { $0.kind == "CustomResourceDefinition" }, context)
    }

    /// What is to be said of several failures: one that will not pass by itself, if there is one; the others are in its
    /// details.
    private static func worst(_ failures: [any Error]) -> (any Error)? {
        if let cancelled = failures.first(where: { $0 is CancellationError }) { return cancelled }
        let errors = failures.compactMap { $0 as? ActionError }
        guard let index = errors.firstIndex(where: { $0.retry == .never }) ?? errors.indices.first else {
            return failures.first
        }
        var error = errors[index]
        let others = errors.enumerated().filter { $0.offset != index }.map(\.element)
        error.mayHaveTakenEffect = errors.contains(where: \.mayHaveTakenEffect)
        if !others.isEmpty {
            error.details = ([error.details].compactMap { $0 } + others.map(\.message)).joined(separator: "\n")
        }
        return error
    }

    private func apply(_ entry: FolderSurvey.Entry, _ context: ActionContext) async throws -> (Outcome, ClusterObject) {
        var entry = entry
        let result: ClusterObject
        if let type = entry.type {
            result = try await applied(entry, type, isDryRun: false)
        } else {
            result = try await appliedWhenServed(&entry, context)
        }
        guard let live = entry.live else { return (.made, result) }
        // Controllers write too, so that another version alone does not say that this changed it.
        let isSame =
            live.resourceVersion == result.resourceVersion || FieldDifference.lines(from: live, to: result).isEmpty
        return (isSame ? .unchanged : .changed, result)
    }

    // MARK: New kinds

    /// Waits until definitions are established: before that the server does not take objects of their kinds.
    private func untilDefined(_ definitions: [ClusterObject], _ context: ActionContext) async throws {
        let until = context.time.now.advanced(by: ApplyRun.longestDefinition)
        for definition in definitions {
            var state = Readiness(definition)
            var pause = Duration.milliseconds(50)
            let type = ResourceType(
                definition.apiVersion, definition.kind, "customresourcedefinitions", isNamespaced: false)
            while case .waiting(let what) = state {
                guard context.time.now < until else {
                    throw ActionError(
                        "\(definition.title) was applied, but after \(DurationText.canonical(ApplyRun.longestDefinition)) "
                            + what,
                        mayHaveTakenEffect: true,
                        hint: "look at its conditions: kubectl describe crd \(definition.name)")
                }
                context.progress("\(definition.title): \(what)")
                try await context.time.sleep(for: pause)
                pause = min(pause * 2, .seconds(1))
                state = try await target.attempt("\(definition.title) cannot be looked up") {
                    Readiness(try await $0.get(type, name: definition.name))
                }
            }
            if case .never(let why, let hint) = state {
                throw ActionError("\(definition.title): \(why)", mayHaveTakenEffect: true, hint: hint)
            }
        }
    }

    /// Applies an object whose kind the folder itself has defined: the server serves a kind a moment after it calls it
    /// established, and its discovery tells of it at about the same time.
    private func appliedWhenServed(_ entry: inout FolderSurvey.Entry, _ context: ActionContext) async throws
        -> ClusterObject
    {
        let until = context.time.now.advanced(by: ApplyRun.longestDefinition)
        var pause = Duration.milliseconds(50)
        while true {
            let object = entry.object
            if let type = try await FolderSurvey.type(object.apiVersion, object.kind, target) {
                if type.isNamespaced, object.namespace == nil {
                    throw ActionError(
                        "\(entry.manifest.place): \(object.title) has no namespace", hint: "give it metadata.namespace")
                }
                if !type.isNamespaced, let namespace {
                    throw ActionError(
                        "\(entry.manifest.place): \(object.title) is cluster-wide, so it cannot go into namespace "
                            + namespace)
                }
                entry.type = type
                let placed = PlacedManifest(manifest: entry.manifest, type: type)
                entry.live = try await LiveObjects.of([placed], target)[placed]
                try refuse(entry)
                if try await isServed(type, placed.namespace) { return try await applied(entry, type, isDryRun: false) }
            }
            guard context.time.now < until else { throw FolderSurvey.unknownKind(entry.manifest, target) }
            context.progress("\(object.title): waits until its kind is served")
            try await context.time.sleep(for: pause)
            pause = min(pause * 2, .seconds(1))
        }
    }

    /// Whether the server answers for a kind, not only tells of it.
    private func isServed(_ type: ResourceType, _ namespace: String?) async throws -> Bool {
        try await target.attempt("the \(type.plural) cannot be listed") { client in
            do {
                _ = try await client.json("GET", type.path(namespace: namespace), query: [("limit", "1")])
                return true
            } catch let error as KubernetesError where error.isNotFound {
                return false
            } catch let error as KubernetesError where error.status == 403 {
                return true  // it is there, and may not be listed
            }
        }
    }
}
