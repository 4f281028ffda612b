import Domain

/// Whom the places of `escalate` call, and when.
struct EscalationTargets {
    var levels: [Escalation.Level] = []
    var repeatMilliseconds: Int64?

    /// Lists of people on call are looked up now; in the place of one that is not defined any more the team is told.
    init(_ places: [Place], _ definitions: DefinitionSet) {
        var levels: [Int64: Escalation.Level] = [:]
        func add(_ level: OnCallList.Level) {
            var all =
                levels[level.afterMilliseconds]
                ?? Escalation.Level(places: [], people: [], afterMilliseconds: level.afterMilliseconds)
            all.places += level.places.filter { !all.places.contains($0) }
            all.people += level.people.filter { !all.people.contains($0) }
            levels[level.afterMilliseconds] = all
        }
        for place in places {
            guard place.channel == OnCallList.channel else {
                add(.init(places: [place], people: [], afterMilliseconds: 0))
                continue
            }
            guard let list = definitions.onCall[place.address] else {
                add(.init(places: definitions.defaultReport, people: [], afterMilliseconds: 0))
                continue
            }
            list.levels.forEach(add)
            repeatMilliseconds = [repeatMilliseconds, list.repeatMilliseconds].compactMap(\.self).min()
        }
        self.levels = levels.values.sorted { $0.afterMilliseconds < $1.afterMilliseconds }
    }

    /// Everybody at once.
    var together: EscalationTargets {
        var all = self
        var level = Escalation.Level(places: [], people: [], afterMilliseconds: 0)
        for one in levels {
            level.places += one.places.filter { !level.places.contains($0) }
            level.people += one.people.filter { !level.people.contains($0) }
        }
        all.levels = [level]
        all.repeatMilliseconds = nil
        return all
    }
}
