/// A file that lists things of a pool, each by its kind and the inputs of its ensure action:
///
///     things:
///       - {kind: network, name: "{{values.network}}"}
///       - {kind: firewall, name: p2p, network: "{{values.network}}", allow: ["tcp:30303"], source_ranges: [0.0.0.0/0]}
///
/// Templates name `settings.x` and `images.x` of `settings.yaml` in the same folder, and `values.x` of the step. `{file:
/// PATH}` in the place of a text is what that file holds; the path counts from the folder above. `{yaml: PATH}` is the
/// document that a file is, with its own templates and files filled in.
package struct ThingFile: Sendable {
    /// The largest file, in bytes; of those that it names too.
    package static let largest = 256 * 1024
    /// What begins a path that the provider's integration fills in, where a member is a template.
    static let secrets = "secrets."

    private let folder: ThingFolder
    private let path: String
    private let templates: Set<String>
    private let scope: JSONValue

    /// Reads the settings. The files of the members that `templates` names are filled in too, and there `secrets.x` stays
    /// as it is. Throws `ActionError`.
    package init(
        _ path: String, in folder: ThingFolder, values: [String: JSONValue], templates: Set<String> = []
    ) throws(ActionError) {
        self.folder = folder
        self.path = path
        self.templates = templates
        let document = try folder.document(ThingFile.parent(of: path) + "/settings.yaml").json
        scope = [
            "settings": document["settings"] ?? .object([:]), "images": document["images"] ?? .object([:]),
            "values": .object(values),
        ]
    }

    /// The things in the order of the file. Throws `ActionError` with all problems.
    package func things<Thing: ListedThing>(_ type: Thing.Type = Thing.self) throws(ActionError) -> [Thing] {
        let document = try folder.document(path)
        guard let items = document["things"]?.items else {
            throw ActionError("\(path) has no list 'things'", hint: "write - {kind: network, name: …} below it")
        }
        var things: [Thing] = []
        var problems: [String] = []
        for item in items {
            do throws(ActionError) {
                let filled = try filled(item.json, isTemplate: false)
                do throws(UnfitThing) { things.append(try Thing(filled)) } catch {
                    let title = error.kind ?? "the thing"
                    problems += error.problems.map { problem in
                        "\(item.location): \(title): \(problem.message)" + (problem.fix.map { "; \($0)" } ?? "")
                    }
                }
            } catch {
                problems.append("\(item.location): \(error.message)")
            }
        }
        guard problems.isEmpty else {
            throw ActionError(
                "\(path) cannot be used: \(problems[0])",
                details: problems.count == 1 ? nil : problems.prefix(50).joined(separator: "\n"))
        }
        return things
    }

    // MARK: Templates and files

    /// `document` is the file that the value stands in, when that is not the list itself. There files are taken as they
    /// are, and no further document is.
    private func filled(_ value: JSONValue, isTemplate: Bool, in document: String? = nil) throws(ActionError)
        -> JSONValue
    {
        switch value {
        case .string(let text): return try rendered(text, keepsSecrets: isTemplate, in: document)
        case .array(let items):
            var all: [JSONValue] = []
            for item in items { all.append(try filled(item, isTemplate: isTemplate, in: document)) }
            return .array(all)
        case .object(let members):
            if members.count == 1, let file = members["file"]?.stringValue {
                let text = try contents(file)
                guard isTemplate, document == nil else { return .string(text) }
                return try rendered(text, keepsSecrets: true, in: file)
            }
            if members.count == 1, document == nil, let file = members["yaml"]?.stringValue {
                let document = try folder.document(place(of: file))
                guard document.members != nil else { throw ActionError("\(place(of: file)) holds no map") }
                return try filled(document.json, isTemplate: isTemplate, in: file)
            }
            var all: [String: JSONValue] = [:]
            for (name, member) in members {
                all[name] = try filled(member, isTemplate: isTemplate || templates.contains(name), in: document)
            }
            return .object(all)
        default: return value
        }
    }

    private func rendered(_ text: String, keepsSecrets: Bool, in file: String? = nil) throws(ActionError) -> JSONValue {
        guard text.contains("{{") else { return .string(text) }
        let place = file.map { "\($0): " } ?? ""
        let template: Template
        do { template = try Template(parsing: text) } catch { throw ActionError(place + error.reason) }
        do { return try template.render(keepsSecrets ? keeping(template) : scope) } catch {
            throw ActionError(
                "\(place)nothing provides {{\(error.path)}}; settings.x, images.x and values.x can be named")
        }
    }

    /// The scope in which the secrets that a template names stand for themselves.
    private func keeping(_ template: Template) -> JSONValue {
        var secrets: [String: JSONValue] = [:]
        for path in template.paths where path.hasPrefix(ThingFile.secrets) {
            secrets[String(path.dropFirst(ThingFile.secrets.count))] = .string("{{\(path)}}")
        }
        return .object((scope.objectValue ?? [:]).merging(["secrets": .object(secrets)]) { $1 })
    }

    private func contents(_ file: String) throws(ActionError) -> String {
        let bytes = try folder.contents(place(of: file), ThingFile.largest)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw ActionError("\(file) is no text") }
        return text
    }

    /// Counted from the folder above that of the list.
    private func place(of file: String) -> String {
        let above = ThingFile.parent(of: ThingFile.parent(of: path))
        return above.isEmpty ? file : "\(above)/\(file)"
    }

    private static func parent(of path: String) -> String {
        path.split(separator: "/").dropLast().joined(separator: "/")
    }
}
