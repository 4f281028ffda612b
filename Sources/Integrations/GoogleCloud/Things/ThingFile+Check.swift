import Domain
import Outbound

extension ThingFile {
    /// Every mistake of a file that can be seen before a run, each with its place in the file: templates that nothing
    /// provides, kinds that are not known, inputs that do not fit. `values` are the names of those that the step gives;
    /// nil: not known. Throws `ActionError` when the file or its settings cannot be read.
    static func problems(in path: String, _ folder: DefinitionsFolder, values: [String]?) throws(ActionError)
        -> [Problem]
    {
        // Only what names no value of the step is known here.
        let file = try ThingFile(path, in: folder, values: [:])
        var problems: [Problem] = []
        for item in try file.items() {
            problems += file.templateProblems(in: item, values: values)
            let known = file.known(item, &problems)
            var members = known.members ?? []
            let kind = members.firstIndex { $0.name == "kind" }.map { members.remove(at: $0).value }
            guard let kind, let found = kind.text.flatMap(ThingKind.init) else {
                problems.append(
                    Problem(Thing.unknownKind.message, at: kind?.location ?? item.location, fix: Thing.unknownKind.fix))
                continue
            }
            var reader = InputReader.checking(LocatedValue(.object(members), at: item.location), typeOf: { _ in nil })
            _ = Thing(found, &reader)
            reader.finish()
            problems += reader.problems
        }
        return problems
    }

    private func templateProblems(in item: LocatedValue, values: [String]?) -> [Problem] {
        var problems: [Problem] = []
        for (template, location) in item.templates(&problems) {
            for path in template.paths where !provides(path, values) {
                problems.append(
                    Problem(
                        "nothing provides {{\(path)}}", at: location,
                        fix:
                            "settings.x and images.x of settings.yaml beside the file can be named, and values.x of the step"
                    ))
            }
        }
        return problems
    }

    private func provides(_ path: String, _ values: [String]?) -> Bool {
        let words = path.split(separator: ".").map(String.init)
        guard words.first == "values", words.count > 1 else { return scope.at(path: path) != nil }
        return values?.contains(words[1]) ?? true
    }

    /// With all filled in that is known; what names a value of the step stays a template.
    private func known(_ value: LocatedValue, _ problems: inout [Problem]) -> LocatedValue {
        switch value.content {
        case .string(let text):
            guard let template = try? Template(parsing: text), let filled = try? template.render(scope) else {
                return value  // told above, or not known yet
            }
            return LocatedValue(filled, at: value.location)
        case .array(let items):
            return LocatedValue(.array(items.map { known($0, &problems) }), at: value.location)
        case .object(let members):
            if members.count == 1, let file = value["file"]?.text {
                var text = ""
                do throws(ActionError) { text = try contents(file) } catch {
                    problems.append(Problem(error.message, at: value.location, fix: error.hint))
                }
                return LocatedValue(JSONValue.string(text), at: value.location)
            }
            let all = members.map { member in
                LocatedValue.Member(
                    name: member.name, location: member.location, value: known(member.value, &problems))
            }
            return LocatedValue(.object(all), at: value.location)
        default: return value
        }
    }
}
