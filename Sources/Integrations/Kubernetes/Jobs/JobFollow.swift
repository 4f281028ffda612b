import Domain

/// Follows a Job by watches until it has ended, and reads what its pods write meanwhile.
struct JobFollow: Sendable {
    /// How often it looks again without a change, because a trouble that lasts ends the wait.
    static let look = Duration.seconds(5)
    /// How long the last lines of the log are waited for when the Job has ended.
    static let logPatience = Duration.seconds(10)

    var client: KubernetesClient
    var namespace: String
    var name: String
    var uid: String
    var nodePatience: Duration
    var context: ActionContext

    private enum Part: Sendable {
        case verdict(JobBoard.Verdict)
        case logs
        case patience
    }

    /// Throws `KubernetesError`, or `CancellationError`.
    func end() async throws -> JobEnd {
        let (pods, readable) = AsyncStream<ClusterObject>.makeStream()
        let board = JobBoard(uid: uid, nodePatience: nodePatience, context: context, readable: readable)
        let reached = try await withThrowingTaskGroup(of: Part.self) { group in
            group.addTask { .verdict(try await verdict(board)) }
            group.addTask {
                await logs(pods, board)
                return .logs
            }
            defer { group.cancelAll() }
            var found: JobBoard.Verdict?
            while let part = try await group.next() {
                switch part {
                case .verdict(let verdict):
                    found = verdict
                    await lastLook(board)
                    group.addTask {
                        try await context.time.sleep(for: JobFollow.logPatience)
                        return .patience
                    }
                case .logs where found == nil: throw CancellationError()  // the pods are told until the verdict
                case .logs: return found
                case .patience:
                    await board.note("its last lines did not come in time")
                    return found
                }
            }
            return found
        }
        guard let reached else { throw CancellationError() }
        return JobEnd(
            verdict: reached, pods: await Array(board.pods.values), log: await board.log,
            notes: await board.logNotes)
    }

    private func verdict(_ board: JobBoard) async throws -> JobBoard.Verdict {
        try await withThrowingTaskGroup(of: JobBoard.Verdict.self) { group in
            group.addTask {
                try await client.patiently(context.time) {
                    try await feed(.jobs, fields: "metadata.name=\(name)").until { await board.take(job: $0) }
                }
            }
            group.addTask {
                try await client.patiently(context.time) {
                    try await feed(.pods, labels: labels).until { await board.take(pods: $0) }
                }
            }
            group.addTask { try await looks(board) }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    private var labels: String { "\(JobManifest.runLabel)=\(name)" }

    private func feed(_ type: ResourceType, labels: String? = nil, fields: String? = nil) -> ObjectFeed {
        ObjectFeed(
            client: client, type: type, namespace: namespace, labels: labels, fields: fields, time: context.time)
    }

    private func looks(_ board: JobBoard) async throws -> JobBoard.Verdict {
        let wait = RolloutWait(client: client, namespace: namespace, wanted: [], context: context)
        while true {
            try await context.time.sleep(for: JobFollow.look)
            if let verdict = await board.look() { return verdict }
            if let job = await board.withoutPods, let message = await wait.refusal(of: job) {
                return .stuck(.notCreated(job, message))
            }
        }
    }

    /// The pods as they ended: the Job's own end may have been told before theirs.
    private func lastLook(_ board: JobBoard) async {
        do {
            let list = try await client.list(.pods, namespace: namespace, labels: labels)
            _ = await board.take(pods: .all(list.objects))
        } catch {
            await board.note("its pods cannot be read: \((error as? KubernetesError)?.message ?? "\(error)")")
        }
        await board.close()
    }

    // MARK: Logs

    private func logs(_ pods: AsyncStream<ClusterObject>, _ board: JobBoard) async {
        await withDiscardingTaskGroup { group in
            for await pod in pods { group.addTask { await log(of: pod, board) } }
        }
    }

    /// What cannot be read is said and hinders nothing: the Job's end does not depend on it.
    private func log(of pod: ClusterObject, _ board: JobBoard) async {
        do {
            try await client.followLogs(
                namespace: namespace, pod: pod.name, container: JobEnd.container(of: pod), time: context.time
            ) {
                guard let now = try await client.find(.pods, namespace: namespace, name: pod.name) else { return true }
                return now.uid != pod.uid || JobEnd.hasEnded(now)
            } take: {
                await board.add($0)
            }
        } catch is CancellationError {
            return
        } catch {
            await board.note(
                "the log of pod \(pod.name) cannot be read: \((error as? KubernetesError)?.message ?? "\(error)")")
        }
    }
}
