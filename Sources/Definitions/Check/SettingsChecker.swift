import Domain

/// Checks `defimon.yaml`.
struct SettingsChecker {
    let sections: [SettingsSection]
    let environment: [String: String]
    private(set) var problems: [Problem] = []

    init(sections: [SettingsSection], environment: [String: String]) {
        self.sections = sections
        self.environment = environment
    }

    /// The settings; with problems, what could be read of them.
    mutating func check(_ raw: LocatedValue) -> CheckedSettings {
        var defaults: [String: LocatedValue] = [:]
        for member in raw["variables"]?.members ?? [] { defaults[member.name] = member.value }
        var filling = EnvironmentFilling(environment: environment, defaults: defaults)
        var reader = KeyReader(filled(raw, &filling), shape: "settings")
        let file = SettingsFile(&reader, sections: sections)
        reader.finish()
        problems += reader.problems

        let ledger = file.ledger?.value ?? "defimon.sqlite"
        var checked = CheckedSettings(
            settings: Settings(
                listen: file.listen?.value ?? ListenAddress(host: "127.0.0.1", port: 8080),
                adminListen: file.adminListen?.value, ledgerPath: ledger,
                socketPath: file.socket?.value ?? SettingsChecker.socket(beside: ledger), limits: file.limits,
                audit: AuditSettings(
                    key: file.audit?.key?.value, checkpoints: file.audit?.checkpoints?.value,
                    reportTo: file.audit?.reportTo.map(\.value) ?? [], ledger: ledger),
                sections: Dictionary(file.sections.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
            ))
        checked.defaultReport = file.report.map(\.value)
        checked.people = people(file.people)
        checked.peoplesRoles = file.people.flatMap(\.roles)
        checked.roles = file.roles
        for role in file.roles { check(role.name, .name, "a role's name") }
        checked.pools = pools(file.pools)
        var onCall = OnCallChecker(people: checked)
        checked.onCall = onCall.lists(file.onCall)
        problems += onCall.problems
        checked.environment = variables(file.variables, &filling)
        problems += filling.problems
        let before = problems.count
        for section in file.sections { read(section) }
        if problems.count == before {
            problems += sections.flatMap { $0.compare(checked.settings.sections) }
        }
        return checked
    }

    /// Everything filled in but the defaults of variables, which stand for themselves.
    private func filled(_ raw: LocatedValue, _ filling: inout EnvironmentFilling) -> LocatedValue {
        guard let members = raw.members else { return raw }
        var filled: [LocatedValue.Member] = []
        for var member in members {
            if member.name != "variables" { member.value = filling.fill(member.value) }
            filled.append(member)
        }
        return LocatedValue(.object(filled), at: raw.location)
    }

    private static func socket(beside ledger: String) -> String {
        guard let slash = ledger.lastIndex(of: "/") else { return "defimon.sock" }
        return ledger[...slash] + "defimon.sock"
    }

    private mutating func people(_ files: [PersonFile]) -> [Person] {
        var owners: [Identity: String] = [:]
        return files.map { file in
            check(file.id, .name, "a person's id")
            var identities: [String: String] = [:]
            for (channel, userID) in file.identities {
                let identity = Identity(channel: channel, userID: userID.value)
                if let owner = owners[identity] {
                    problems.append(
                        Problem(
                            "\(identity) is \(owner)'s already", at: userID.location,
                            fix: "one account belongs to one person"))
                }
                owners[identity] = owners[identity] ?? file.id.value
                identities[channel] = userID.value
            }
            return Person(
                id: file.id.value, name: file.name?.value ?? file.id.value, roles: Set(file.roles.map(\.value)),
                identities: identities)
        }
    }

    private mutating func pools(_ files: [(name: Located<String>, settings: [LocatedValue.Member])])
        -> [String: [String: JSONValue]]
    {
        var pools: [String: [String: JSONValue]] = [:]
        for (name, settings) in files {
            check(name, .argument, "a pool's name")
            var values: [String: JSONValue] = [:]
            for setting in settings {
                check(Located(value: setting.name, location: setting.location), .argument, "a setting's name")
                switch setting.value.content {
                case .string, .int: values[setting.name] = setting.value.json
                default:
                    problems.append(
                        Problem(
                            "the setting '\(setting.name)' must be text or a whole number, and it is "
                                + setting.value.kindName, at: setting.value.location, fix: "put it in quotes"))
                }
            }
            pools[name.value] = values
        }
        return pools
    }

    private mutating func variables(_ members: [LocatedValue.Member], _ filling: inout EnvironmentFilling) -> [String:
        JSONValue]
    {
        var variables: [String: JSONValue] = [:]
        for member in members {
            check(Located(value: member.name, location: member.location), .variable, "a variable's name")
            if let problem = EnvironmentFilling.secretProblem(member.name, at: member.location) {
                problems.append(problem)
            }
            switch member.value.content {
            case .string(let text) where text.contains("{{"):
                problems.append(Problem("a default is plain text", at: member.value.location, fix: "write the value"))
            case .string, .int, .bool: variables[member.name] = filling.variable(member.name)
            case .null, .double, .array, .object:
                problems.append(
                    Problem(
                        "a default must be text, a whole number, true or false, and it is \(member.value.kindName)",
                        at: member.value.location))
            }
        }
        return variables
    }

    private mutating func read(_ member: LocatedValue.Member) {
        guard let section = sections.first(where: { $0.name == member.name }) else { return }
        var reader = InputReader.checking(member.value, typeOf: { _ in nil })
        section.read(&reader)
        reader.finish()
        problems += reader.problems
    }

    private mutating func check(_ name: Located<String>, _ form: TextForm, _ what: String) {
        if form.matches(name.value) { return }
        problems.append(
            Problem("\(what) must be \(form.help), and it is '\(name.value.prefix(80))'", at: name.location))
    }
}
