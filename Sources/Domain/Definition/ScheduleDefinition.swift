package import Foundation

/// When the bot asks for a command by itself: `schedules/<name>.yaml`, or `schedule` in the command's file.
package struct ScheduleDefinition: Sendable, Hashable {
    /// The name of who asks for scheduled jobs; no rule may have it.
    package static let requester = "schedule"
    /// The shortest and the longest interval.
    package static let bounds = Duration.seconds(60)...Duration.seconds(7 * 86_400)
    /// The longest jitter.
    package static let jitters = Duration.seconds(1)...Duration.seconds(86_400)
    /// Missed runs that `missed: all` makes up for; of more the latest.
    package static let mostMadeUp = 24

    /// Its planned times.
    package enum Timing: Sendable, Hashable, CustomStringConvertible {
        /// The multiples of it since 1970-01-01T00:00:00Z.
        case every(Duration)
        case cron(ZonedCron)

        /// `every 15m`, `30 2 * * * in Europe/Berlin`.
        package var description: String {
            switch self {
            case .every(let every): "every \(DurationText.canonical(every))"
            case .cron(let cron): "\(cron.cron) in \(cron.zone.defimonName)"
            }
        }
    }

    /// What becomes of planned times at which the bot was down, or that it came to late.
    package enum Missed: String, Sendable, Hashable, CaseIterable {
        /// The latest is made up for.
        case once
        /// None is.
        case skip
        /// Each is, one after the other, `mostMadeUp` at most.
        case all
    }

    /// What becomes of a planned time while a job of the schedule is under way.
    package enum Overlap: String, Sendable, Hashable, CaseIterable {
        case refuse, allow
    }

    /// For a command's own schedule the command's name.
    package var name: String
    package var summary: String?
    /// False: it is read and checked, and asks for nothing.
    package var isEnabled: Bool
    /// The command.
    package var run: String
    package var timing: Timing
    /// Each run begins up to that much later than planned.
    package var jitter: Duration?
    package var missed: Missed
    package var overlap: Overlap
    /// The command's arguments.
    package var with: [LocatedValue.Member]
    package var guards: Guards
    /// Where its jobs are told; as the command says when there are none.
    package var report: [PlaceTemplate]
    /// Places that are told when its job fails.
    package var escalate: [PlaceTemplate]
    package var location: SourceLocation

    package init(
        name: String = "", summary: String? = nil, isEnabled: Bool = true, run: String = "", timing: Timing,
        jitter: Duration? = nil, missed: Missed = .once, overlap: Overlap = .refuse, with: [LocatedValue.Member],
        guards: Guards = Guards(), report: [PlaceTemplate] = [], escalate: [PlaceTemplate] = [],
        location: SourceLocation = .none
    ) {
        self.name = name
        self.summary = summary
        self.isEnabled = isEnabled
        self.run = run
        self.timing = timing
        self.jitter = jitter
        self.missed = missed
        self.overlap = overlap
        self.with = with
        self.guards = guards
        self.report = report
        self.escalate = escalate
        self.location = location
    }

    /// A schedule by an interval.
    package init(every: Duration, with: [LocatedValue.Member]) { self.init(timing: .every(every), with: with) }

    // MARK: Planned times

    /// The latest planned time that is not after `now`; nil when a cron time has none.
    package func planned(at now: Date) -> Date? {
        switch timing {
        case .every(let every):
            let step = max(every.milliseconds, 1) * 1000
            return Date(microseconds: now.microseconds.floorDivided(by: step) * step)
        case .cron(let cron): return cron.latest(notAfter: now)
        }
    }

    /// The first planned time after `now`.
    package func next(after now: Date) -> Date? {
        switch timing {
        case .every(let every): planned(at: now)?.advanced(by: every)
        case .cron(let cron): cron.next(after: now)
        }
    }

    /// When the run of a planned time begins: the same at each asking, also after a restart.
    package func begin(of planned: Date) -> Date {
        guard let jitter, jitter > .zero else { return planned }
        let bytes = SHA256Digest.of(Array("\(name)\0\(planned.microseconds)".utf8))
        let number = bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let seconds = UInt64(jitter.milliseconds / 1000) + 1
        return planned.advanced(by: .seconds(Int64(number % seconds)))
    }

    /// The latest planned time whose run should have begun at `now`. A jitter is shorter than the time between two runs.
    package func due(at now: Date) -> Date? {
        guard let latest = planned(at: now) else { return nil }
        if begin(of: latest) <= now { return latest }
        return planned(at: Date(microseconds: latest.microseconds - 1))
    }

    /// When the first run begins after `now`.
    package func nextBegin(after now: Date) -> Date? {
        if let latest = planned(at: now), begin(of: latest) > now { return begin(of: latest) }
        return next(after: now).map(begin)
    }

    /// Planned times after `earlier` up to and with `latest`, oldest first, and whether there were more than `most`
    /// before them.
    package func planned(after earlier: Date, through latest: Date, most: Int) -> (times: [Date], areMore: Bool) {
        var times: [Date] = []
        var next: Date? = latest
        while let time = next, time > earlier {
            if times.count == most { return (times.reversed(), true) }
            times.append(time)
            next = planned(at: Date(microseconds: time.microseconds - 1))
        }
        return (times.reversed(), false)
    }
}

extension TimeZone {
    /// Its IANA name; Foundation calls UTC by another.
    package var defimonName: String { identifier == "GMT" ? "UTC" : identifier }
}
