import Domain
import Foundation
import Synchronization

/// The messages under which jobs of one group of alerts are told, as all parts of the engine see them at once. The
/// ledger's notes are what outlives a restart.
final class ReportHeads: Sendable {
    /// Channels with threads; elsewhere each job has its own message.
    let channels: Set<String>
    private let heads = Mutex<[String: ReportHead]>([:])

    init(channels: Set<String>) { self.channels = channels }

    /// Takes what the ledger holds for the truth.
    func replace(with notes: [(name: String, note: JSONValue)]) {
        // One that cannot be read is one of another version: its jobs go on without it.
        let all = notes.compactMap { try? JSONDecoder().decode(ReportHead.self, from: Data($0.note.canonicalBytes)) }
        heads.withLock { heads in
            heads = Dictionary(all.map { ($0.subject, $0) }, uniquingKeysWith: { _, last in last })
        }
    }

    /// Gives those of the jobs a common message that are told in the same places: that of earlier jobs of the group,
    /// else a new one where there are at least two. `about`: the names of the alerts.
    func gather(_ made: inout [JobFactory.Made], groupKey: String, about: String) {
        let told = made.indices.filter { index in
            made[index].job.reportTo.contains { channels.contains($0.channel) }
        }
        for places in Set(told.map { made[$0].job.reportTo }) {
            var indices = told.filter { made[$0].job.reportTo == places }[...]
            heads.withLock { heads in
                let open = heads.values.filter { $0.groupKey == groupKey && $0.places == places }
                    .max { ($0.lines.first?.id ?? 0) < ($1.lines.first?.id ?? 0) }
                var head = groupKey.isEmpty ? nil : open
                while !indices.isEmpty {
                    var room = ReportHead.mostJobs - (head?.lines.count ?? 0)
                    if head == nil || room <= 0 {
                        guard indices.count > 1, let first = indices.first else { return }
                        head = ReportHead(
                            subject: "group/\(made[first].job.id)", groupKey: groupKey, about: about, places: places)
                        room = ReportHead.mostJobs
                    }
                    for index in indices.prefix(room) {
                        made[index].job.headSubject = head?.subject
                        _ = head?.take(made[index].job)
                    }
                    indices = indices.dropFirst(room)
                    if let head { heads[head.subject] = head }
                }
            }
        }
    }

    /// What is written with a job that has one: the message, if it says something new, before those in its thread.
    /// `isFirst`: the job is new, and the message says so even if it was counted already.
    func writes(for job: Job, isFirst: Bool, now: Date) -> [LedgerWrite] {
        guard let subject = job.headSubject else { return [] }
        return heads.withLock { heads in
            guard var head = heads[subject] else { return [] }
            guard head.take(job) || isFirst else { return [] }
            head.isPosted = head.isPosted || !job.isPerhapsForAFlap
            heads[subject] = head.isSettled ? nil : head
            let messages =
                !head.isPosted
                ? []
                : head.places.filter { channels.contains($0.channel) }.map {
                    LedgerWrite.enqueue(
                        OutboxMessage(place: $0, subject: subject, slot: .main, report: head.report, createdAt: now))
                }
            return messages + [.saveNote(head.noteName, head.isSettled ? .null : head.json)]
        }
    }
}

extension ReportHead {
    /// As the ledger keeps it.
    fileprivate var json: JSONValue {
        // It holds nothing that could not be encoded; without its note it is forgotten at the next start.
        (try? JSONValue(parsing: Array(JSONEncoder().encode(self)))) ?? .null
    }
}
