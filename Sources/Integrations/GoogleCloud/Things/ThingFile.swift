import Domain
import Foundation
import Outbound
import YAML

/// A file that lists things of a pool at Google Cloud, each by its kind and the inputs of its ensure action:
///
///     things:
///       - {kind: network, name: "{{values.network}}"}
///       - {kind: firewall, name: p2p, network: "{{values.network}}", allow: ["tcp:30303"], source_ranges: [0.0.0.0/0]}
///
/// Templates name `settings.x` and `images.x` of `settings.yaml` in the same folder, and `values.x` of the step. `{file:
/// PATH}` in the place of a text is what that file holds; the path counts from the folder above.
struct ThingFile: Sendable {
    /// The largest file, in bytes; of those that it names too.
    static let largest = 256 * 1024

    private let folder: DefinitionsFolder
    private let path: String
    let scope: JSONValue

    /// Reads the settings. Throws `ActionError`.
    init(_ path: String, in folder: DefinitionsFolder, values: [String: JSONValue]) throws(ActionError) {
        self.folder = folder
        self.path = path
        let settings = ThingFile.parent(of: path) + "/settings.yaml"
        let document = try ThingFile.document(settings, folder).json
        scope = [
            "settings": document["settings"] ?? .object([:]), "images": document["images"] ?? .object([:]),
            "values": .object(values),
        ]
    }

    /// The things in the order of the file. Throws `ActionError` with all problems.
    func things() throws(ActionError) -> [Thing] {
        var things: [Thing] = []
        var problems: [String] = []
        for item in try items() {
            do throws(ActionError) {
                let filled = try filled(item.json)
                do throws(Thing.Unfit) { things.append(try Thing(filled)) } catch {
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

    /// As the file has them. Throws `ActionError`.
    func items() throws(ActionError) -> [LocatedValue] {
        guard let items = try ThingFile.document(path, folder)["things"]?.items else {
            throw ActionError("\(path) has no list 'things'", hint: "write - {kind: network, name: …} below it")
        }
        return items
    }

    // MARK: Templates and files

    private func filled(_ value: JSONValue) throws(ActionError) -> JSONValue {
        switch value {
        case .string(let text): return try rendered(text)
        case .array(let items):
            var all: [JSONValue] = []
            for item in items { all.append(try filled(item)) }
            return .array(all)
        case .object(let members):
            if members.count == 1, let file = members["file"]?.stringValue { return .string(try contents(file)) }
            var all: [String: JSONValue] = [:]
            for (name, member) in members { all[name] = try filled(member) }
            return .object(all)
        default: return value
        }
    }

    private func rendered(_ text: String) throws(ActionError) -> JSONValue {
        guard text.contains("{{") else { return .string(text) }
        let template: Template
        do { template = try Template(parsing: text) } catch { throw ActionError(error.reason) }
        do { return try template.render(scope) } catch {
            throw ActionError("nothing provides {{\(error.path)}}; settings.x, images.x and values.x can be named")
        }
    }

    func contents(_ file: String) throws(ActionError) -> String {
        let above = ThingFile.parent(of: ThingFile.parent(of: path))
        let bytes = try folder.contents(above.isEmpty ? file : "\(above)/\(file)", atMost: ThingFile.largest)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw ActionError("\(file) is no text") }
        return text
    }

    private static func document(_ path: String, _ folder: DefinitionsFolder) throws(ActionError) -> LocatedValue {
        let text = String(decoding: try folder.contents(path, atMost: largest), as: UTF8.self)
        do throws(Problem) {
            let documents = try YAMLReader.documents(text, file: path)
            guard documents.count == 1 else {
                throw Problem("one document is wanted", at: .none)
            }
            return documents[0]
        } catch {
            throw ActionError("\(path) cannot be read: \(error)", hint: "correct the file")
        }
    }

    private static func parent(of path: String) -> String {
        path.split(separator: "/").dropLast().joined(separator: "/")
    }
}
