import Domain

/// What templates and conditions at one place of a definition may name, with types as far as they are known.
struct PathScope: Sendable {
    private var types: [String: ValueType] = [:]
    /// Paths below which any name may stand.
    private var open: Set<String> = []
    /// Paths that exist, though not here, with the reason.
    private var elsewhere: [String: String] = [:]
    private var elsewhereBelow: [String: String] = [:]

    mutating func add(_ path: String, _ type: ValueType) { types[path] = type }

    mutating func addOpen(_ path: String) { open.insert(path) }

    /// Remembers that a path will be there later, or is there elsewhere, for the fix of a problem.
    /// `alsoBelow`: the same is said of all paths below it.
    mutating func addElsewhere(_ path: String, _ reason: String, alsoBelow: Bool = false) {
        elsewhere[path] = reason
        if alsoBelow { elsewhereBelow[path] = reason }
    }

    private var names: [String] { Array(types.keys) + Array(open) }

    func provides(_ path: String) -> Bool {
        if types[path] != nil || open.contains(path) { return true }
        return open.contains { path.hasPrefix($0 + ".") }
    }

    /// The type of what a path names; nil when the path is not there or anything may be.
    func type(of path: String) -> ValueType? { types[path] }

    /// What is wrong with naming `path` at a place; nil when it is there.
    func problem(naming path: String, at location: SourceLocation, as shown: String? = nil) -> Problem? {
        if provides(path) { return nil }
        return Problem("nothing provides \(shown ?? "{{\(path)}}")", at: location, fix: fix(for: path))
    }

    private func fix(for path: String) -> String {
        if let reason = elsewhere[path] { return reason }
        if let above = elsewhereBelow.keys.filter({ path.hasPrefix($0 + ".") }).max(by: { $0.count < $1.count }) {
            return elsewhereBelow[above] ?? ""
        }
        if let nearest = nearestBelowOpen(path) ?? NearestName.of(path, in: names) {
            return "did you mean '\(nearest)'?"
        }
        let below = children(of: path)
        if !below.isEmpty { return "it holds \(list(below)); name one of them" }
        var parent = path.split(separator: ".").dropLast()
        while !parent.isEmpty {
            let siblings = children(of: parent.joined(separator: "."))
            if !siblings.isEmpty { return "'\(parent.joined(separator: "."))' has \(list(siblings))" }
            parent = parent.dropLast()
        }
        let roots = Set(names.compactMap { $0.split(separator: ".").first.map(String.init) })
        return roots.isEmpty ? "there is nothing to name here" : "there is \(list(roots.sorted()))"
    }

    /// `labels.severity` for `lables.severity`: the part that has a known name is compared, the rest is kept.
    private func nearestBelowOpen(_ path: String) -> String? {
        let parts = path.split(separator: ".").map(String.init)
        let candidates = open.sorted().compactMap { known -> String? in
            let count = known.split(separator: ".").count
            guard parts.count > count else { return nil }
            let given = parts.prefix(count).joined(separator: ".")
            guard NearestName.of(given, in: [known]) != nil else { return nil }
            return ([known] + parts.dropFirst(count)).joined(separator: ".")
        }
        return NearestName.of(path, in: candidates)
    }

    private func children(of path: String) -> [String] {
        let prefix = path + "."
        let below = names.filter { $0.hasPrefix(prefix) }
            .compactMap { $0.dropFirst(prefix.count).split(separator: ".").first.map(String.init) }
        return Set(below).sorted()
    }

    private func list(_ names: [String]) -> String {
        names.count <= 12 ? names.joined(separator: ", ") : names.prefix(12).joined(separator: ", ") + " and more"
    }
}

extension PathScope {
    /// Every problem of the templates in a value.
    func problems(in value: LocatedValue) -> [Problem] {
        var problems: [Problem] = []
        for (template, location) in value.templates(&problems) {
            for path in template.paths {
                if let problem = problem(naming: path, at: location) { problems.append(problem) }
            }
        }
        return problems
    }

    /// Every problem of the paths in a template.
    func problems(in text: Located<String>?) -> [Problem] {
        guard let text else { return [] }
        return problems(in: LocatedValue(LocatedValue.Content.string(text.value), at: text.location))
    }

    /// Every problem of the paths in the addresses of places.
    func problems(in places: [Located<PlaceTemplate>]) -> [Problem] {
        places.flatMap { place in
            place.value.address.paths.compactMap { problem(naming: $0, at: place.location) }
        }
    }

    /// Every problem of the paths that conditions look at.
    func problems(in matchers: [Located<Matcher>]) -> [Problem] {
        matchers.compactMap {
            problem(naming: $0.value.path, at: $0.location, as: "'\($0.value.path)', which this condition looks at")
        }
    }
}
