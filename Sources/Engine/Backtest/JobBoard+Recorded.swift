import Domain
import Foundation

/// Jobs that really were, on a backtest's board: others see them there, and nobody runs them.
extension JobBoard {
    /// It was asked for.
    func putRecorded(_ job: Job) {
        var job = job
        job.state = .running
        job.startedAt = nil
        job.endedAt = nil
        put(Entry(job: job, steps: []))
    }

    /// It began, and took its locks.
    func beginRecorded(_ id: JobID, at date: Date) {
        guard let job = entries[id]?.job else { return }
        entries[id]?.job.startedAt = date
        locks.take(job.locks, jobID: id, fencing: 1)
    }

    /// Its steps ended; its effect may still be looked for.
    func unlockRecorded(_ id: JobID) { locks.release(jobID: id) }

    func endRecorded(_ id: JobID) {
        guard let job = entries[id]?.job else { return }
        locks.release(jobID: id)
        remove(job)
    }

    /// Nobody is called in a backtest.
    func forgetEscalations() {
        escalations = [:]
        undecided = [:]
    }
}
