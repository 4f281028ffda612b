/// What keeps a rule, a schedule or a command from making things worse. They hold for jobs that nobody typed; `atMost`
/// holds for every job.
package struct Guards: Sendable, Hashable, Codable {
    /// The alert must have fired that long, in milliseconds; a resolve before that ends it.
    package var firingForMilliseconds: Int64?
    /// No second start for the same key before that long after the last one's end, in milliseconds.
    package var cooldownMilliseconds: Int64?
    /// A template for the key that `cooldown` and `limit` count by; the job's command line when there is none.
    package var per: String?
    /// A resolve cancels the job before its first step that changes something.
    package var cancelOnResolve = false
    /// How long the job may wait in the queue, in milliseconds.
    package var startWithinMilliseconds: Int64?
    /// What to do when nobody can say whether the alert still fires; `ask` unless given.
    package var ifUnknown: IfUnknown?
    /// How often it may start by itself.
    package var limit: StartLimit?
    /// What becomes of it while people have one of its pools in maintenance; `queue` unless given.
    package var maintenance: Deferral?
    /// Times that come again, in which it is not to run as usual.
    package var windows: [GuardWindow]?
    /// Commands, jobs of which hold it back while they work on one of its pools.
    package var holdWhile: [String]?
    /// How many of a group may be under way at once.
    package var atMost: AtMost?

    package init() {}

    /// These, and for what they leave open the others': a rule's own word comes before its command's.
    package func over(_ others: Guards) -> Guards {
        var all = self
        all.firingForMilliseconds = firingForMilliseconds ?? others.firingForMilliseconds
        all.cooldownMilliseconds = cooldownMilliseconds ?? others.cooldownMilliseconds
        all.per = per ?? others.per
        all.cancelOnResolve = cancelOnResolve || others.cancelOnResolve
        all.startWithinMilliseconds = startWithinMilliseconds ?? others.startWithinMilliseconds
        all.ifUnknown = ifUnknown ?? others.ifUnknown
        all.limit = limit ?? others.limit
        all.maintenance = maintenance ?? others.maintenance
        // All of them hold.
        let times = (windows ?? []) + (others.windows ?? [])
        all.windows = times.isEmpty ? nil : times
        all.holdWhile = holdWhile ?? others.holdWhile
        all.atMost = atMost ?? others.atMost
        return all
    }

    /// What of them holds for what a person typed.
    package var forPeople: Guards {
        var some = Guards()
        some.atMost = atMost
        return some
    }
}

/// What to do about an alert when its source cannot be asked whether it still fires.
package enum IfUnknown: String, Sendable, Hashable, Codable, CaseIterable {
    /// A person decides.
    case ask
    /// As if it still fired.
    case go
    /// Nothing is done.
    case stop
}

/// A circuit breaker: so many starts in a time, counted by command and key over all rules; at one more it opens.
package struct StartLimit: Sendable, Hashable, Codable {
    package var count: Int
    /// The time that is looked back, in milliseconds.
    package var perMilliseconds: Int64
    /// At this many starts people are warned.
    package var warnAt: Int?
    /// How long after it opened one more start is tried, in milliseconds; nil: a person closes it.
    package var resetAfterMilliseconds: Int64?

    package init(count: Int, perMilliseconds: Int64, warnAt: Int? = nil, resetAfterMilliseconds: Int64? = nil) {
        self.count = count
        self.perMilliseconds = perMilliseconds
        self.warnAt = warnAt
        self.resetAfterMilliseconds = resetAfterMilliseconds
    }
}

/// What becomes of a job whose time is not now.
package enum Deferral: String, Sendable, Hashable, Codable, CaseIterable {
    /// There is none.
    case suppress
    /// It is held until the time is over, and then looked at again.
    case queue
    /// A person decides.
    case ask
}

/// How many of a group may be under way at once: a number, or a share of how many there are.
package struct AtMost: Sendable, Hashable, Codable {
    package var count: Int?
    /// In percent; never less than one.
    package var sharePercent: Int?
    /// A template for the group's name.
    package var of: String
    /// A template for how many there are in the group, with a share.
    package var among: String?

    package init(count: Int? = nil, sharePercent: Int? = nil, of: String, among: String? = nil) {
        self.count = count
        self.sharePercent = sharePercent
        self.of = of
        self.among = among
    }
}
