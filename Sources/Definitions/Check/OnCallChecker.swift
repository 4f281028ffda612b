import Domain

/// Checks the lists of people on call.
struct OnCallChecker {
    /// Channels in which a person can be told by their own id.
    static let channels = ["slack", "email"]

    let people: CheckedSettings
    /// The channels that are set up.
    let available: Set<String>
    private(set) var problems: [Problem] = []

    init(people: CheckedSettings) {
        self.people = people
        available = Set(people.settings.sections.keys)
    }

    mutating func lists(_ files: [OnCallFile]) -> [String: OnCallList] {
        var lists: [String: OnCallList] = [:]
        for file in files {
            if !TextForm.command.matches(file.name.value) {
                problems.append(
                    Problem(
                        "the name of a list of people on call must be \(TextForm.command.help)", at: file.name.location)
                )
            }
            lists[file.name.value] = OnCallList(
                name: file.name.value, levels: levels(file), repeatMilliseconds: file.repeatEvery?.value.milliseconds)
        }
        return lists
    }

    private mutating func levels(_ file: OnCallFile) -> [OnCallList.Level] {
        var levels: [OnCallList.Level] = []
        var before: Duration?
        for level in file.levels {
            let after = level.after?.value ?? .zero
            let place = level.after?.location ?? level.location
            if before == nil, after != .zero {
                problems.append(
                    Problem("the first level is called at once", at: place, fix: "write after: 0s, or leave it out"))
            } else if let before, after <= before {
                problems.append(
                    Problem(
                        "a level must be called later than the one before it, after more than \(DurationText.human(before))",
                        at: place, fix: "write for example after: \(DurationText.canonical(before + .seconds(900)))"))
            }
            before = max(after, before ?? .zero)
            levels.append(self.level(level, after))
        }
        return levels
    }

    private mutating func level(_ file: OnCallLevelFile, _ after: Duration) -> OnCallList.Level {
        var places = file.places.map(\.value)
        var names: [String] = []
        for id in file.people {
            if let problem = people.problem(person: id.value, at: id.location) {
                problems.append(problem)
                continue
            }
            guard let person = people.people.first(where: { $0.id == id.value }) else { continue }
            names.append(person.name)
            let own = self.places(of: person)
            if own.isEmpty, file.places.isEmpty {
                problems.append(
                    Problem(
                        "nobody can tell '\(id.value)': they have no id in a channel that is set up (Slack, mail)",
                        at: id.location, fix: "add people.\(id.value).slack or .email, or places to the level"))
            }
            places += own.filter { !places.contains($0) }
        }
        if file.people.isEmpty, file.places.isEmpty {
            problems.append(Problem("the level calls nobody", at: file.location, fix: "add people, or places"))
        }
        return OnCallList.Level(places: places, people: names, afterMilliseconds: after.milliseconds)
    }

    /// Where a person reads what is for them alone. A mail goes to the person's address of the time it is sent.
    private func places(of person: Person) -> [Place] {
        OnCallChecker.channels.filter(available.contains).compactMap { channel in
            person.identities[channel].map { Place(channel: channel, address: channel == "email" ? person.id : $0) }
        }
    }
}
