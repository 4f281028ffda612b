extension ThingFile {
    /// Every mistake of the file that can be seen before a run, each with its place: templates that nothing provides, kinds
    /// that are not known, inputs that do not fit. `values` are the names of those that the step gives; nil: not known.
    /// Made without values. Throws `ActionError` when a file that it needs cannot be read.
    func problems<Thing: ListedThing>(_ type: Thing.Type, values: [String]?) throws(ActionError) -> [Problem] {
        var problems: [Problem] = []
        for item in try items() {
            problems += templateProblems(in: item, values)
            let known = known(item, values, isTemplate: false, &problems)
            var members = known.members ?? []
            let kind = members.firstIndex { $0.name == "kind" }.map { members.remove(at: $0).value }
            var reader = InputReader.checking(LocatedValue(.object(members), at: item.location), typeOf: { _ in nil })
            guard let word = kind?.text, Thing(kind: word, &reader) != nil else {
                let unknown = UnfitThing.unknownKind(among: Thing.kinds)
                problems.append(Problem(unknown.message, at: kind?.location ?? item.location, fix: unknown.fix))
                continue
            }
            reader.finish()
            problems += reader.problems
        }
        return problems
    }

    private func templateProblems(in value: LocatedValue, _ values: [String]?) -> [Problem] {
        var problems: [Problem] = []
        for (template, location) in value.templates(&problems) {
            problems += self.problems(of: template, at: location, values)
        }
        return problems
    }

    private func problems(of template: Template, at location: SourceLocation, _ values: [String]?) -> [Problem] {
        template.paths.filter { !provides($0, values) }.map { path in
            Problem(
                "nothing provides {{\(path)}}", at: location,
                fix: "settings.x and images.x of settings.yaml beside the file can be named, and values.x of the step")
        }
    }

    private func provides(_ path: String, _ values: [String]?) -> Bool {
        if path.hasPrefix(ThingFile.secrets) { return !templates.isEmpty }  // its thing tells which it has
        let words = path.split(separator: ".").map(String.init)
        guard words.first == "values", words.count > 1 else { return scope.at(path: path) != nil }
        return values?.contains(words[1]) ?? true
    }

    /// With all filled in that is known; what names a value of the step, or a secret, stays a template. `isTemplate`: files
    /// are filled in too.
    private func known(
        _ value: LocatedValue, _ values: [String]?, isTemplate: Bool, isDocument: Bool = false,
        _ problems: inout [Problem]
    ) -> LocatedValue {
        switch value.content {
        case .string(let text):
            guard let template = try? Template(parsing: text), let filled = try? template.render(scope) else {
                return value  // told already, or not known yet
            }
            return LocatedValue(filled, at: value.location)
        case .array(let items):
            let all = items.map { known($0, values, isTemplate: isTemplate, isDocument: isDocument, &problems) }
            return LocatedValue(.array(all), at: value.location)
        case .object(let members):
            do throws(ActionError) {
                if members.count == 1, let file = value["file"]?.text {
                    let text = try contents(file)
                    if isTemplate, !isDocument {
                        problems += templateProblems(
                            in: LocatedValue(JSONValue.string(text), at: value.location), values)
                    }
                    return LocatedValue(JSONValue.string(text), at: value.location)
                }
                if members.count == 1, !isDocument, let file = value["yaml"]?.text {
                    let document = try document(file)
                    problems += templateProblems(in: document, values)
                    return known(document, values, isTemplate: isTemplate, isDocument: true, &problems)
                }
            } catch {
                problems.append(Problem(error.message, at: value.location, fix: error.hint))
                return LocatedValue(JSONValue.string(""), at: value.location)
            }
            let all = members.map { member in
                LocatedValue.Member(
                    name: member.name, location: member.location,
                    value: known(
                        member.value, values, isTemplate: isTemplate || templates.contains(member.name),
                        isDocument: isDocument, &problems))
            }
            return LocatedValue(.object(all), at: value.location)
        default: return value
        }
    }
}
