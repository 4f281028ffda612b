import Domain

/// One look at a node that may be ill.
struct NodeLook: Sendable {
    var reading: NodeReading
    /// What the engine API says to our token; nil when the settings give no way to try it.
    var engine: EngineClient.Answer?
    /// How far the clocks of the two halves are ahead of ours, by their `Date` headers; nil when they do not say.
    var executionClock: Duration?
    var beaconClock: Duration?

    /// Nearer than this a clock counts as right: the header has whole seconds, and answers take time. Tokens of the engine
    /// API fail when two clocks are a minute apart.
    static let clockTolerance = Duration.seconds(45)

    /// The clock that is off, with words; nil when none is.
    var wrongClock: String? {
        func isOff(_ clock: Duration?) -> Bool {
            clock.map { max($0, .zero - $0) > NodeLook.clockTolerance } ?? false
        }
        func words(_ clock: Duration?) -> String {
            guard let clock else { return "unknown" }
            return DurationText.human(max(clock, .zero - clock)) + (clock < .zero ? " behind" : " ahead")
        }
        switch (isOff(executionClock), isOff(beaconClock)) {
        case (false, false): return nil
        case (true, false): return "the clock at the execution client is \(words(executionClock))"
        case (false, true): return "the clock at the beacon node is \(words(beaconClock))"
        case (true, true):
            return "by the bot's clock the execution client's is \(words(executionClock)) and the beacon node's "
                + "\(words(beaconClock)): it may be the bot's own that is off"
        }
    }

    /// Whether both halves say so little that the machine or the way to it must be the cause.
    var isAllSilent: Bool {
        func isAway(_ failure: NodeFailure?) -> Bool { failure?.reach == .silent || failure?.reach == .elsewhere }
        return isAway(reading.executionFailure) && isAway(reading.beaconFailure)
    }
}
