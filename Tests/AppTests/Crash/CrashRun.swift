import Domain
import Foundation
import Ledger
import Outbound
import Sandbox
import Synchronization
import TestSupport
import Testing

@testable import App

/// A bot that is killed again and again while work comes in, in a world that outlives it and remembers everything.
struct CrashRun {
    static let workloads = ["w0", "w1", "w2"]

    let seed: UInt64
    let rounds: Int

    func run() async throws -> CrashTally {
        var tally = CrashTally()
        try await BotFromOutside.run { world in
            let number = try await world.open("crash")
            let files = CrashFiles(number: number, commit: try world.head(number))
            let root = world.folder.path("root")
            try files.write(into: root)
            try world.changeSettings(
                "ledger: defimon.sqlite\n",
                to:
                    "ledger: defimon.sqlite\nlimits: {shutdown_grace: 2s, requests_per_person: {count: 1000, per: 1s}}\n"
            )
            // The alerts are this test's own: an Alertmanager that was asked would not know them.
            let api = try await world.standIns.alerts.url()
            try world.changeSettings("api_url: \"\(api)\"\n", to: "# nobody to ask\n")
            let course = CrashCourse(
                world: world, root: root, number: number, seed: seed, clock: try await CrashClock(in: world.folder))
            try await course.makeWorkloads()
            do {
                try await course.play(rounds)
                tally = try await course.count()
                tally.rounds = rounds
            } catch {
                course.keepLedger()
                throw error
            }
            if !tally.lost.isEmpty || !tally.doubled.isEmpty { course.keepLedger() }
        }
        return tally
    }
}

/// The rounds of one run.
struct CrashCourse: Sendable {
    let world: BotFromOutside
    let root: String
    let number: Int
    let seed: UInt64
    let clock: CrashClock
    let log = Log()

    /// What the senders remember.
    final class Log: Sendable {
        private let state = Mutex<(acknowledged: [CrashDelivery], sentAgain: Int)>(([], 0))
        var acknowledged: [CrashDelivery] { state.withLock { $0.acknowledged } }
        var sentAgain: Int { state.withLock { $0.sentAgain } }
        func acknowledge(_ delivery: CrashDelivery) { state.withLock { $0.acknowledged.append(delivery) } }
        func sendAgain() { state.withLock { $0.sentAgain += 1 } }
    }

    private var ledger: String { world.folder.path("defimon.sqlite") }

    // MARK: Playing

    func play(_ rounds: Int) async throws {
        var dice = Dice(seed: seed)
        var next = 0
        try await withThrowingTaskGroup(of: Void.self) { senders in
            do {
                for round in 1...rounds {
                    let plan = CrashPlan(&dice, next: &next, world.secrets)
                    try await play(plan, round) { delivery in senders.addTask { try await self.send(delivery) } }
                }
                try clock.set(0)
                try makeTrouble(nil)
                let bot = try await world.start(root: root)
                try await senders.waitForAll()
                try await settle(bot)
                let code = await bot.end()
                try #require(code == 0, "the last stop ended with \(code): \(bot.text.suffix(3000))")
            } catch {
                senders.cancelAll()
                throw error
            }
        }
    }

    private func play(_ plan: CrashPlan, _ round: Int, _ send: (CrashDelivery) -> Void) async throws {
        try makeTrouble(plan)
        try clock.set(plan.clock?.start ?? 0)
        let environment = clock.environment
        var bot = try await world.launch(root: root, environment: environment)
        let (acknowledged, effects) = (log.acknowledged.count, effectCount)
        plan.deliveries.forEach(send)
        if let jump = plan.clock { try clock.set(jump.later) }
        switch plan.moment {
        case .startUp(let wait): try await pause(wait)
        case .twice(let first, let second):
            try await pause(first)
            await bot.end(SIGKILL)
            bot = try await world.launch(root: root, environment: environment)
            try await pause(second)
        case .afterReady(let wait):
            try await world.ready(bot)
            try await pause(wait)
        case .acknowledged(let wait):
            _ = await eventually(within: .seconds(3)) { log.acknowledged.count > acknowledged ? true : nil }
            try await pause(wait)
        case .effect(let wait):
            _ = await eventually(within: .seconds(3)) { effectCount > effects ? true : nil }
            try await pause(wait)
        case .inGrace(let wait):
            try await world.ready(bot)
            kill(bot.id, SIGTERM)
            try await pause(wait)
        case .stop:
            try await world.ready(bot)
            let code = await bot.end(SIGTERM)
            try #require(code == 0, "round \(round): a stop ended with \(code): \(bot.text.suffix(3000))")
        }
        let hadEnded = !bot.isRunning
        let code = await bot.end(SIGKILL)
        // It may have ended by itself after SIGTERM; everything else is a crash of its own.
        try #require(
            !hadEnded || code == 0, "round \(round): the bot ended by itself with \(code): \(bot.text.suffix(3000))")
    }

    /// As the real senders do: until it is acknowledged, with the same bytes.
    private func send(_ delivery: CrashDelivery) async throws {
        var attempts = 0
        while true {
            attempts += 1
            if attempts > 1 { log.sendAgain() }
            if await isAcknowledged(delivery) { break }
            try await pause(delivery.pause)
        }
        log.acknowledge(delivery)
        if delivery.comesAgain {
            log.sendAgain()
            _ = await isAcknowledged(delivery)
        }
    }

    private func isAcknowledged(_ delivery: CrashDelivery) async -> Bool {
        let request = HTTPRequest(
            method: "POST", url: world.address + delivery.path, headers: delivery.headers, body: delivery.body)
        // No answer is no acknowledgement.
        guard let answer = try? await world.session.send(request, timeout: .seconds(1)) else { return false }
        return (200..<300).contains(answer.status)
    }

    private func pause(_ milliseconds: Int) async throws { try await Task.sleep(for: .milliseconds(milliseconds)) }

    /// Waits until everything that came in is done and told.
    private func settle(_ bot: RunningProgram) async throws {
        let reader = try SQLiteLedger.readOnly(path: ledger)
        let isSettled = try await eventually(within: .seconds(300)) { () -> Bool? in
            try await Task.sleep(for: .milliseconds(100))
            guard try await reader.undecodedDeliveries(limit: 1).isEmpty, try await reader.openJobs().isEmpty,
                try await reader.nextOutboxDue() == nil
            else { return nil }
            return true
        }
        if isSettled == nil {
            let open = try await reader.openJobs().map { "\($0.id) \($0.commandLine) \($0.state) \($0.reason ?? "")" }
            let due = try await reader.nextOutboxDue()
            try #require(
                isSettled == true,
                "not settled; open: \(open); next report: \(String(describing: due)): \(bot.text.suffix(3000))")
        }
    }

    // MARK: Trouble

    private func makeTrouble(_ plan: CrashPlan?) throws {
        world.standIns.kubernetes.setFailures {
            $0.slow = plan?.slow ?? 0
            $0.reset = plan?.cut ?? 0
            $0.internalErrors = plan?.errors ?? 0
        }
        world.github.failures.clear()
        if let plan { world.github.failures.set(.resetAfterwards, plan.cutAtGitHub) }
    }

    // MARK: Counting

    func makeWorkloads() async throws {
        let labels: JSONValue = ["app.kubernetes.io/managed-by": "defimon"]
        try await apply(
            "/api/v1/namespaces/crash",
            ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "crash", "labels": labels]])
        for name in CrashRun.workloads {
            let app: JSONValue = ["app": .string(name)]
            let containers: JSONValue = [["name": "main", "image": "example.com/main:1"]]
            try await apply(
                "/apis/apps/v1/namespaces/crash/deployments/\(name)",
                [
                    "apiVersion": "apps/v1", "kind": "Deployment",
                    "metadata": ["name": .string(name), "namespace": "crash", "labels": labels],
                    "spec": [
                        "replicas": 0, "selector": ["matchLabels": app],
                        "template": ["metadata": ["labels": app], "spec": ["containers": containers]],
                    ],
                ])
        }
    }

    private func apply(_ path: String, _ object: JSONValue) async throws {
        let base = try await world.standIns.kubernetes.url()
        let answer = try await world.session.send(
            HTTPRequest(
                method: "PATCH", url: "\(base)\(path)?fieldManager=test",
                headers: [("Content-Type", "application/apply-patch+yaml")], body: object.canonicalBytes))
        try #require((200..<300).contains(answer.status), "\(answer.text)")
    }

    /// How often a workload was restarted: its specification changes with each.
    private func restarts(_ workload: String) -> Int {
        let object = world.standIns.kubernetes.object(
            apiVersion: "apps/v1", kind: "Deployment", namespace: "crash", name: workload)
        return (object?.at(path: "metadata.generation")?.intValue ?? 1) - 1
    }

    private var comments: [String] {
        world.github.comments(on: number, repository: world.repository).map(\.body)
    }

    private var effectCount: Int {
        CrashRun.workloads.map(restarts).reduce(0, +) + comments.count
            + world.github.deployments(in: world.repository).count
    }

    /// Compares what was acknowledged with what is to be seen.
    func count() async throws -> CrashTally {
        var tally = CrashTally()
        let acknowledged = log.acknowledged
        tally.acknowledged = acknowledged.count
        tally.sentAgain = log.sentAgain
        let reader = try SQLiteLedger.readOnly(path: ledger)
        let jobs = try await jobs(reader)
        let byEffect = Dictionary(grouping: jobs) { $0.arguments["id"]?.stringValue ?? "" }
        let effects = Set(acknowledged.flatMap(\.effects))
        // Also in threads: jobs of one group of alerts are told below its message.
        let messages = ["C0OPS", "C0ONCALL"].flatMap { world.standIns.slack.messages(in: $0) }.filter {
            $0.onlyFor == nil
        }.map(\.allText)
        let comments = comments
        for effect in effects.sorted(by: { $0.id < $1.id }) {
            let found = byEffect[effect.id] ?? []
            tally.check(found.count, "job for \(effect.id)")
            guard let job = found.first else { continue }
            let told = messages.filter { $0.contains("· job \(job.id) ·") }
            if told.isEmpty || !told.contains(where: { $0.contains(job.state.words) }) {
                tally.lost.append("the report that job \(job.id) (\(effect.id)) is \(job.state.words)")
            }
            tally.messagesTwice += max(told.count - 1, 0)
            if job.state == .unknown {
                tally.unknown += 1
                continue
            }
            if job.state != .succeeded {
                tally.lost.append("job \(job.id) (\(effect.id)) \(job.state.words): \(job.reason ?? "")")
            }
            guard effect.isWide else { continue }
            tally.check(comments.count { $0.contains("Effect of \(effect.id).") }, "comment of \(effect.id)")
            tally.check(
                world.github.deployments(in: world.repository, environment: "crash-\(effect.id)").count,
                "deployment of \(effect.id)")
        }
        for workload in CrashRun.workloads {
            let wanted = jobs.count { $0.arguments["workload"] == .string(workload) && $0.state == .succeeded }
            let seen = restarts(workload)
            tally.effects += seen
            for _ in seen..<max(wanted, seen) { tally.lost.append("a restart of \(workload)") }
            for _ in wanted..<max(wanted, seen) { tally.doubled.append("a restart of \(workload)") }
        }
        let strangers = jobs.filter { job in !effects.contains { $0.id == job.arguments["id"]?.stringValue } }
        for job in strangers { tally.doubled.append("job \(job.id), which nobody asked for") }
        if case .broken(let sequence, let what) = try await reader.verifyAudit() {
            tally.lost.append("the audit is broken at \(sequence): \(what)")
        }
        if try await !reader.heldLocks().filter({ lock in jobs.contains { $0.id == lock.jobID && $0.state != .unknown }
        })
        .isEmpty {
            tally.lost.append("a lock is held by a job that has ended")
        }
        return tally
    }

    private func jobs(_ reader: any LedgerReader) async throws -> [Job] {
        var jobs: [Job] = []
        while true {
            let page = try await reader.jobs(JobFilter(before: jobs.last?.id, limit: 1000))
            jobs += page
            if page.isEmpty { return jobs }
        }
    }

    /// For who looks what went wrong.
    func keepLedger() {
        let folder = "\(Project.root)/.build/crash/\(seed)"
        let manager = FileManager.default
        try? manager.removeItem(atPath: folder)  // nothing is there yet
        do {
            try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
            for name in try manager.contentsOfDirectory(atPath: world.folder.url.path)
            where name.hasPrefix("defimon.sqlite") && !name.hasSuffix("sock") || name.hasPrefix("errors-") {
                try manager.copyItem(atPath: world.folder.path(name), toPath: "\(folder)/\(name)")
            }
            CrashTally.say("crash: the ledger of seed \(seed) is kept in \(folder)")
        } catch {
            CrashTally.say("crash: the ledger of seed \(seed) could not be kept: \(error)")
        }
    }
}

extension CrashTally {
    /// One is right.
    fileprivate mutating func check(_ count: Int, _ what: String) {
        if count > 0 { effects += 1 }
        if count == 0 { lost.append("no \(what)") }
        if count > 1 { doubled.append("\(count) times the \(what)") }
    }
}
