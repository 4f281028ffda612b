import Domain

extension Guards {
    /// Each that is set, for people.
    var words: [String] {
        func words(_ name: String, _ milliseconds: Int64?) -> String? {
            milliseconds.map { "\(name) \(DurationText.human(.milliseconds($0)))" }
        }
        return [
            words("firing for", firingForMilliseconds), words("cooldown", cooldownMilliseconds),
            words("start within", startWithinMilliseconds),
            limit.map { "at most \($0.count) in \(DurationText.human(.milliseconds($0.perMilliseconds)))" },
            windows.map { all in "not in " + all.map { "'\($0.cron)' (\($0.timeZone))" }.joined(separator: ", ") },
            holdWhile.map { "not while \($0.joined(separator: ", ")) works there" },
            atMost.map { $0.count.map { "at most \($0) at once" } ?? "at most \($0.sharePercent ?? 0) % at once" },
            cancelOnResolve ? "cancelled by a resolve before the first change" : nil,
        ].compactMap { $0 }
    }
}

extension Job {
    /// Whether it waits for nothing but that its alert fires long enough, or was cancelled while it did.
    var isPerhapsForAFlap: Bool {
        guard startedAt == nil, state == .held || state == .cancelled else { return false }
        return verdicts?.filter { $0.outcome != .passes }.map(\.guardName) == [GuardCheck.Name.firingFor.rawValue]
    }

    /// As it is when its alert has fired long enough.
    var firesLongEnough: Job {
        var job = self
        let name = GuardCheck.Name.firingFor.rawValue
        job.verdicts = verdicts?.map {
            $0.guardName == name && $0.outcome == .holds ? GuardVerdict(name, .passes, "it fired long enough") : $0
        }
        return job
    }
}
