import Domain
import Foundation
import Logging
import Synchronization

/// Runs one try of one step against its limits: the step's time, the job's time, a stop, whichever comes first.
struct StepRunner: Sendable {
    enum End: Sendable {
        case output(JSONValue)
        /// What an awaiting action looks for is not there yet.
        case notYet(String, lookAgainAfter: Duration, topic: String?)
        case error(ActionError)
        case stopped(StopReason)
        case timedOut(Duration)
        case jobTimedOut
        /// The provider cannot tell whether an earlier start took effect.
        case cannotTell
    }

    var time: any TimeSource
    var stop: StopSignal
    /// How long the job may still run.
    var jobRemaining: Duration
    var stepTimeout: Duration?
    /// The job is held: an awaiting action must not change anything.
    var onlyPeeks = false
    /// What the action sees of what is kept beyond jobs.
    var kept: any KeptValues
    /// Writes what is new of the step; returns when it is committed.
    var save: @Sendable (_ handle: JSONValue?, _ progress: String?) async throws -> Void

    func run(_ action: any Action, _ step: Step, isResumed: Bool) async -> End {
        let progress = ProgressBox()
        let context = context(of: step) { progress.put($0) }
        let end = await withTaskGroup(of: End?.self) { group in
            group.addTask { await perform(action, step, context, isResumed) }
            group.addTask {
                guard let reason = await stop.wait() else { return nil }
                return .stopped(reason)
            }
            if let stepTimeout {
                group.addTask { await after(stepTimeout) { .timedOut(stepTimeout) } }
            }
            group.addTask { await after(jobRemaining) { .jobTimedOut } }
            group.addTask { await tell(progress) }
            while let end = await group.next() {
                guard let end else { continue }
                group.cancelAll()
                // The action ends with its task: what it was doing is cut off before anything else begins.
                for await _ in group {}
                return end
            }
            return End.stopped(.shutdown)
        }
        switch end {
        case .stopped(let reason) where reason != .shutdown: await endWork(of: action, step)
        case .timedOut, .jobTimedOut: await endWork(of: action, step)
        default: break
        }
        return end
    }

    private func context(of step: Step, _ progress: @escaping @Sendable (String) -> Void) -> ActionContext {
        ActionContext(
            jobID: step.jobID, idempotencyKey: step.idempotencyKey, attempt: step.attempt, time: time,
            timeLimit: min(stepTimeout ?? jobRemaining, jobRemaining), kept: kept, progress: progress)
    }

    /// How long an action may take to end its work at the provider.
    static let stopLimit = Duration.seconds(30)
    /// How the progress of a step begins whose work goes on at the provider.
    static let notEnded = "what it began could not be ended: "

    /// Lets a step that was cut off end what goes on at the provider. What hinders it is kept as the step's progress.
    func endWork(of action: any Action, _ step: Step) async {
        guard let action = action as? any StoppableAction else { return }
        let context = context(of: step) { _ in }
        let hindrance = await withTaskGroup(of: String?.self) { group in
            group.addTask {
                do {
                    try await action.stop(context)
                    return nil
                } catch {
                    return (error as? ActionError)?.message ?? "\(error)"
                }
            }
            group.addTask {
                do { try await time.sleep(for: StepRunner.stopLimit) } catch { return nil }
                return "no answer within \(DurationText.human(StepRunner.stopLimit))"
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        guard let hindrance else { return }
        // A ledger that closes cannot keep it; the step's end is told there no more either.
        try? await save(nil, String((StepRunner.notEnded + hindrance).prefix(ProgressBox.longest)))
    }

    private func after(_ duration: Duration, _ end: @Sendable () -> End) async -> End? {
        do { try await time.sleep(for: max(duration, .zero)) } catch { return nil }
        return end()
    }

    /// Writes new progress at most once a second.
    private func tell(_ progress: ProgressBox) async -> End? {
        while !Task.isCancelled {
            do {
                try await time.sleep(for: .seconds(1))
                if let text = progress.takeNew() { try await save(nil, text) }
            } catch is CancellationError {
                return nil
            } catch {
                return nil  // the ledger closes; the step itself will find out
            }
        }
        return nil
    }

    private func perform(_ action: any Action, _ step: Step, _ context: ActionContext, _ isResumed: Bool) async -> End?
    {
        do {
            switch action {
            case let action as any RepeatableAction: return .output(try await action.perform(context))
            case let action as any RemoteOperation: return try await operate(action, step, context, isResumed)
            case let action as any AwaitingAction: return try await look(action, context)
            default: return .error(ActionError("the action \(step.action) cannot be run"))
            }
        } catch let error as ActionError {
            return .error(error)
        } catch is CancellationError where Task.isCancelled {
            return nil
        } catch {
            return .error(ActionError("an error inside the bot: \(error)", mayHaveTakenEffect: true))
        }
    }

    private func look(_ action: any AwaitingAction, _ context: ActionContext) async throws -> End {
        do {
            switch try await (onlyPeeks ? action.peek(context) : action.look(context)) {
            case .ready(let output): return .output(output)
            case .notYet(let what, let pause, let topic): return .notYet(what, lookAgainAfter: pause, topic: topic)
            }
        } catch let error as ActionError {
            // What passes by itself is waited for too: the step's time bounds both.
            guard case .later(let after) = error.retry else { throw error }
            let pause = after.map { Duration.milliseconds($0) } ?? .seconds(30)
            return .notYet("\(error.message); looks again", lookAgainAfter: pause, topic: nil)
        }
    }

    private func operate(
        _ action: any RemoteOperation, _ step: Step, _ context: ActionContext, _ isResumed: Bool
    ) async throws -> End {
        var handle = step.handle
        if handle == nil, isResumed || step.attempt > 1 {
            switch try await action.find(context) {
            case .found(let found): handle = found
            case .notStarted: break
            case .cannotTell: return .cannotTell
            }
        }
        let known: JSONValue
        if let handle { known = handle } else { known = try await action.start(context) }
        if step.handle == nil { try await save(known, nil) }
        while true {
            switch try await action.observe(known, context) {
            case .running(let progress, let pause):
                if let progress { context.progress(progress) }
                try await time.sleep(for: pause)
            case .done(let output): return .output(output)
            case .failed(let error): return .error(error)
            case .gone:
                return .error(
                    ActionError("the provider does not know the operation any more", mayHaveTakenEffect: true))
            }
        }
    }
}

/// The latest progress of a step, which it may tell at any rate.
private final class ProgressBox: Sendable {
    static let longest = 300
    private let state = Mutex<(latest: String?, isNew: Bool)>((nil, false))

    func put(_ text: String) {
        let cut = String(text.prefix(ProgressBox.longest))
        state.withLock { state in
            guard state.latest != cut else { return }
            state = (cut, true)
        }
    }

    func takeNew() -> String? {
        state.withLock { state in
            guard state.isNew else { return nil }
            state.isNew = false
            return state.latest
        }
    }
}
