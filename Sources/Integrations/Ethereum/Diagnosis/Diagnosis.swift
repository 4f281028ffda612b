import Domain

/// What looks at a node, some seconds apart, add up to.
struct Diagnosis: Sendable, Hashable {
    var cause: NodeCause
    /// Why, in one line.
    var reason: String

    /// With less of its disk free, in percent, a node counts as full: Geth ends itself when it runs low.
    static let fullBelowPercent = 2

    /// `first` is the earliest look of these, `last` the newest.
    init(
        first: NodeLook, last: NodeLook, standard: NodeReading.Standard, diskFreePercent: Int? = nil
    ) {
        let obstacles = last.reading.obstacles(standard)
        let found =
            Diagnosis.inSync(last, obstacles) ?? Diagnosis.disk(last, diskFreePercent)
            ?? Diagnosis.execution(last) ?? Diagnosis.movement(first, last, standard) ?? Diagnosis.clock(last)
            ?? Diagnosis.secret(last) ?? Diagnosis.consensus(last) ?? Diagnosis.offline(last)
            ?? Diagnosis.standstill(last, standard)
        (cause, reason) = found ?? (.unclear, obstacles.joined(separator: "; "))
    }

    private typealias Finding = (NodeCause, String)

    private static func inSync(_ look: NodeLook, _ obstacles: [String]) -> Finding? {
        obstacles.isEmpty ? (.healthy, "in sync, \(look.reading.facts)") : nil
    }

    /// In Go's and Geth's words, or by what the caller knows of the disk.
    private static func disk(_ look: NodeLook, _ freePercent: Int?) -> Finding? {
        if let freePercent, freePercent < fullBelowPercent {
            return (.diskFull, "\(freePercent) % of its disk is free")
        }
        let words = ["no space left on device", "low disk space", "disk quota exceeded"]
        let failures = look.reading.failures + [look.reading.peersFailure].compactMap { $0 }
        return failures.first { failure in words.contains { failure.message.lowercased().contains($0) } }
            .map { (.diskFull, $0.message) }
    }

    /// Geth does not answer at all. What Lighthouse says of it tells whether that is Geth or only the way to it.
    private static func execution(_ look: NodeLook) -> Finding? {
        guard let failure = look.reading.executionFailure, look.reading.block == nil, look.reading.syncing == nil else {
            return nil
        }
        let words = "Geth: \(failure.message)"
        let isServed = look.reading.beacon.map { !$0.isExecutionOffline && !$0.isOptimistic && !$0.isSyncing }
        if isServed == true, failure.reach != .answered {
            return (.network, "\(words); yet Lighthouse reaches it and is in sync, so it runs")
        }
        switch failure.reach {
        case .closed: return (.gethDown, words)
        case .answered: return nil
        case .elsewhere: return (.network, words)
        case .silent:
            if look.reading.beacon?.isExecutionOffline == true {
                return (.gethStuck, "\(words), and Lighthouse does not reach it either: it hangs")
            }
            if look.isAllSilent { return (.network, "\(words); Lighthouse is silent too") }
            return (.unclear, "\(words), and nothing else tells whether it runs")
        }
    }

    private static func movement(
        _ first: NodeLook, _ last: NodeLook, _ standard: NodeReading.Standard
    ) -> Finding? {
        guard last.reading.isCloser(than: first.reading, standard) else { return nil }
        let behind = last.reading.headAge.map { ", head \(DurationText.human($0)) old" } ?? ""
        let slots = last.reading.beacon.map { ", \($0.distance) slots behind" } ?? ""
        return (.catchingUp, "its distance to the head becomes smaller" + behind + slots)
    }

    private static func clock(_ look: NodeLook) -> Finding? {
        if case .clock(let words)? = look.engine {
            return (.clockOff, "the engine API says '\(words)'" + (look.wrongClock.map { ": \($0)" } ?? ""))
        }
        // Clocks alone are no illness; where the halves do not find each other, they are the cause.
        guard look.reading.beacon?.isExecutionOffline == true, let words = look.wrongClock else { return nil }
        return (.clockOff, "Lighthouse cannot reach Geth, and \(words)")
    }

    private static func secret(_ look: NodeLook) -> Finding? {
        // A secret of ours alone that is wrong does no harm to a node whose halves find each other.
        guard look.reading.beacon?.isExecutionOffline != false, case .refused(let words)? = look.engine else {
            return nil
        }
        return (.jwtMismatch, "the engine API refuses a token of the secret in the settings: \(words)")
    }

    private static func consensus(_ look: NodeLook) -> Finding? {
        guard let failure = look.reading.beaconFailure, look.reading.beacon == nil else { return nil }
        switch failure.reach {
        case .closed: return (.lighthouseDown, "Lighthouse: \(failure.message)")
        case .silent, .elsewhere: return (.network, "Lighthouse: \(failure.message); Geth answers")
        case .answered: return (.unclear, "Lighthouse: \(failure.message)")
        }
    }

    /// Both answer, and Lighthouse says that it does not reach Geth.
    private static func offline(_ look: NodeLook) -> Finding? {
        guard look.reading.beacon?.isExecutionOffline == true else { return nil }
        let words = "Lighthouse cannot reach Geth, which answers"
        switch look.engine {
        case .failed(let failure)? where failure.reach == .closed || failure.reach == .silent:
            return (.gethStuck, "\(words), but not on its engine API: \(failure.message)")
        case .accepted?:
            return (
                .unclear,
                "\(words) and takes a token of the secret in the settings: Lighthouse has another secret, or no way to it"
            )
        case .noSecret?: return (.unclear, "\(words); the secret in the settings is none of 32 bytes")
        default: return (.unclear, "\(words): the JWT secret, a clock, or the way between them")
        }
    }

    /// Both answer and find each other, and nothing moves.
    private static func standstill(_ look: NodeLook, _ standard: NodeReading.Standard) -> Finding? {
        let reading = look.reading
        guard let beacon = reading.beacon, reading.executionFailure == nil else { return nil }
        if beacon.isSyncing {
            let words = "Lighthouse stands still, \(beacon.distance) slots behind"
            if reading.beaconPeers == 0 { return (.noPeers, "\(words), without peers") }
            return (.lighthouseStuck, words)
        }
        let isOld = reading.headAge.map { $0 > standard.maxHeadAge } ?? false
        var isSyncing = false
        if case .yes? = reading.syncing { isSyncing = true }
        guard isOld || isSyncing else {
            if beacon.isOptimistic { return (.unclear, "Lighthouse is optimistic, though Geth's head is young") }
            guard let peers = reading.peers, peers < standard.minPeers else { return nil }
            return (.noPeers, "\(NodeReading.count(peers)), fewer than \(standard.minPeers), though its head is young")
        }
        let words = "Lighthouse is at the head and Geth is not: " + reading.obstacles(standard).joined(separator: "; ")
        if reading.peers == 0 { return (.noPeers, "\(words)") }
        return (.gethStuck, words)
    }
}
