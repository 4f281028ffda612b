import Domain

extension JobMessages {
    /// News of an approval. That a job waits for one the first time, its own message says where it was asked; who is on
    /// call is told at once. All else is told everywhere.
    func news(_ news: ApprovalNews) -> [LedgerWrite] {
        let job = report.job
        var places = job.escalateTo
        if news != .asked {
            places += job.reportTo.filter { !places.contains($0) }
            if places.isEmpty, let answerTo = job.answerTo { places = [answerTo] }
        }
        return places.map {
            .enqueue(
                OutboxMessage(
                    place: $0, subject: "job/\(job.id)/approval", slot: .single, report: report.approvalNews(news),
                    createdAt: report.now))
        }
    }
}
