import Domain

/// What people may do with a job in its present state. Whoever presses is asked who they are and whether they may, as if
/// they had typed it; what no reader may is not offered. Each names the job and what it is bound to, so that a press on an
/// old message does nothing but say so.
extension JobReport {
    var offers: [Report.Offer] {
        (job.state.isFinal ? endedOffers : openOffers)
            + [.init(label: "Explain", commandLine: "explain \(job.id)")]
    }

    private var openOffers: [Report.Offer] {
        var offers: [Report.Offer] = []
        if let plan = job.approval?.plan, job.approval?.until != nil {
            if job.state == .waitingConfirmation, reader == nil || reader?.id == job.requester.personID {
                offers.append(
                    .init(label: "Confirm", commandLine: "confirm \(job.id) \(plan.shortHash)", style: .primary))
            } else if job.state == .waitingApproval, isForAnApprover {
                offers += [
                    .init(label: "Approve", commandLine: "approve \(job.id) \(plan.shortHash)", style: .primary),
                    .init(label: "Deny", commandLine: "deny \(job.id) \(plan.shortHash)", style: .danger),
                ]
            }
        }
        if job.stopReason == nil, isForReaders {
            offers.append(.init(label: "Cancel", commandLine: "cancel \(job.id)"))
        }
        return offers
    }

    private var endedOffers: [Report.Offer] {
        var offers: [Report.Offer] = []
        if !job.isPlanOnly {
            offers = (command?.offers ?? []).compactMap { offer in
                guard let run = try? Template(parsing: offer.run).render(scope.value(steps)).plainText else {
                    return nil  // an offer whose step did not run has nothing to offer
                }
                return Report.Offer(label: offer.label, commandLine: run)
            }
        }
        guard job.triedAgainAs == nil, command != nil, isForReaders else { return offers }
        switch job.state {
        case .unknown:
            offers += [
                .init(label: "It took effect", commandLine: "job \(job.id) succeeded"),
                .init(label: "It did not", commandLine: "job \(job.id) failed"),
                .init(label: "Retry", commandLine: "job \(job.id) retry"),
            ]
        case .failed, .timedOut, .cancelled, .expired:
            offers.append(.init(label: "Retry", commandLine: "retry \(job.id)"))
        case .succeeded:
            if job.isPlanOnly {
                offers.append(.init(label: "Do it", commandLine: "job \(job.id) do", style: .primary))
            }
        case .denied, .superseded, .held, .waitingConfirmation, .waitingApproval, .queued, .running, .verifying: break
        }
        return offers
    }

    /// Whether one of its readers may stop it or ask for it. A job whose command is gone is anybody's to stop.
    private var isForReaders: Bool {
        guard let command else { return true }
        guard let reader else { return Authorization(definitions).isForAnybody(command, job) }
        if case .allowed = Authorization(definitions).answer(reader, command, job) { return true }
        return false
    }

    private var isForAnApprover: Bool {
        job.approval?.sets.contains { set in
            (reader.map { [$0] } ?? definitions.people).contains { person in
                ApprovalTally.hasRole(person.roles.sorted(), set)
                    && (set.allowsOwn || person.id != job.requester.personID)
            }
        } ?? false
    }
}
