import Domain

/// The settings after their check.
struct CheckedSettings: Sendable {
    var settings: Settings
    var people: [Person] = []
    /// The roles that people have, where they stand.
    var peoplesRoles: [Located<String>] = []
    /// They are checked when the commands are known.
    var roles: [RoleFile] = []
    /// Pool → setting → value.
    var pools: [String: [String: JSONValue]] = [:]
    /// The declared environment variables that templates may read.
    var environment: [String: JSONValue] = [:]
    var defaultReport: [Place] = []
    /// Who is called, by the names of their lists.
    var onCall: [String: OnCallList] = [:]

    /// What templates see everywhere, as the engine gives it to them.
    var variables: [String: JSONValue] {
        ["pools": .object(pools.mapValues(JSONValue.object)), "env": .object(environment), "settings": [:]]
    }

    /// The same as paths with types.
    var scope: PathScope {
        var scope = PathScope()
        for (pool, settings) in pools {
            for (name, value) in settings { scope.add("pools.\(pool).\(name)", CheckedSettings.type(of: [value])) }
        }
        for (name, value) in environment { scope.add("env.\(name)", CheckedSettings.type(of: [value])) }
        return scope
    }

    /// What is wrong with naming a person; nil when the settings know them.
    func problem(person id: String, at location: SourceLocation) -> Problem? {
        let ids = people.map(\.id)
        if ids.contains(id) { return nil }
        return Problem(
            "there is no person '\(id)' in the settings", at: location,
            fix: NearestName.of(id, in: ids).map { "did you mean '\($0)'?" })
    }

    /// What is wrong with naming a list of people on call.
    func problems(onCall place: Located<PlaceTemplate>) -> [Problem] {
        guard place.value.channel == OnCallList.channel else { return [] }
        let name = String(place.value.description.dropFirst(OnCallList.channel.count + 1))
        if onCall[name] != nil { return [] }
        let names = onCall.keys.sorted()
        return [
            Problem(
                "there is no list of people on call '\(name)' in the settings", at: place.location,
                fix: NearestName.of(name, in: names).map { "did you mean 'on_call:\($0)'?" }
                    ?? (names.isEmpty
                        ? "add it under on_call in the settings" : "lists: \(names.joined(separator: ", "))"))
        ]
    }

    /// The narrowest type that holds all of these values, which are known now.
    static func type(of values: [JSONValue]) -> ValueType {
        let texts = values.compactMap(\.stringValue)
        if texts.count == values.count { return .choice(texts) }
        let numbers = values.compactMap(\.intValue)
        if numbers.count == values.count { return .integer((numbers.min() ?? 0)...(numbers.max() ?? 0)) }
        return .any
    }
}
