package import Domain
import Yams

/// Reads definitions: YAML 1.2 (yaml.org/spec/1.2.2, core schema) narrowed to what cannot be misread. `true` and
/// `false` alone are booleans, whole and decimal numbers are numbers, `null`, `~` and nothing are nothing; all else is
/// text. Anchors, aliases and tags are refused, so is a key that is written twice.
package enum YAMLReader {
    /// The documents of a text. Throws the first problem.
    package static func documents(_ text: String, file: String) throws(Problem) -> [LocatedValue] {
        var problems: [Problem] = []
        let found = documents(text, file: file, problems: &problems)
        if let first = problems.first { throw first }
        return found
    }

    /// The one document of a file that an action reads. Throws `ActionError`.
    package static func document(_ bytes: [UInt8], file: String) throws(ActionError) -> LocatedValue {
        do throws(Problem) {
            let documents = try documents(String(decoding: bytes, as: UTF8.self), file: file)
            guard documents.count == 1 else { throw Problem("one document is wanted", at: .none) }
            return documents[0]
        } catch {
            throw ActionError("\(file) cannot be read: \(error)", hint: "correct the file")
        }
    }

    /// The documents of a text, and all problems in it.
    package static func documents(_ text: String, file: String, problems: inout [Problem]) -> [LocatedValue] {
        var found: [LocatedValue] = []
        var conversion = Conversion(file: file)
        do throws(Problem) {
            try YAMLStream.forEachDocument(text, file: file) { node throws(Problem) in
                found.append(conversion.value(node, depth: 1))
            }
        } catch {
            conversion.problems.append(error)
        }
        problems += conversion.problems
        return found
    }

    private struct Conversion {
        let file: String
        var problems: [Problem] = []

        mutating func value(_ node: Node, depth: Int) -> LocatedValue {
            let place = YAMLStream.location(of: node, file: file)
            guard node.anchor == nil else {
                // An alias gives the node of its anchor, place and all, so that it cannot be told from the anchor.
                report("anchors (&) and aliases (*) are no part of definitions", at: place, fix: "write the value out")
                return LocatedValue(LocatedValue.Content.null, at: place)
            }
            guard depth <= YAMLStream.deepest else {
                report("maps and lists are nested deeper than \(YAMLStream.deepest)", at: place)
                return LocatedValue(LocatedValue.Content.null, at: place)
            }
            switch node {
            case .scalar(let scalar): return LocatedValue(content(scalar, node.tag, place), at: place)
            case .sequence(let sequence):
                refuseTag(node.tag, other: .seq, at: place)
                return LocatedValue(.array(sequence.map { value($0, depth: depth + 1) }), at: place)
            case .mapping(let mapping):
                refuseTag(node.tag, other: .map, at: place)
                return LocatedValue(.object(members(mapping, depth)), at: place)
            case .alias: return LocatedValue(LocatedValue.Content.null, at: place)
            }
        }

        private mutating func members(_ mapping: Node.Mapping, _ depth: Int) -> [LocatedValue.Member] {
            var members: [LocatedValue.Member] = []
            for (key, item) in mapping {
                let place = YAMLStream.location(of: key, file: file)
                guard case .scalar(let name) = key, key.anchor == nil else {
                    report("a name in a map must be plain text", at: place)
                    continue
                }
                if members.contains(where: { $0.name == name.string }) {
                    report("'\(name.string)' is written twice in one map", at: place, fix: "remove one of them")
                    continue
                }
                members.append(
                    LocatedValue.Member(name: name.string, location: place, value: value(item, depth: depth + 1)))
            }
            return members
        }

        private mutating func content(
            _ scalar: Node.Scalar, _ tag: Tag, _ place: SourceLocation
        ) -> LocatedValue.Content {
            if tag.rawValue == YAMLStream.plain, scalar.style == .plain { return CoreTyping.content(of: scalar.string) }
            refuseTag(tag, other: .str, at: place)
            return .string(scalar.string)
        }

        private mutating func refuseTag(_ tag: Tag, other: Tag.Name, at place: SourceLocation) {
            let name = tag.rawValue
            if name == other.rawValue || name == YAMLStream.plain || name == Tag.Name.nonSpecific.rawValue { return }
            report("tags such as \(name) are no part of definitions", at: place, fix: "put text in quotes")
        }

        private mutating func report(_ message: String, at place: SourceLocation, fix: String? = nil) {
            problems.append(Problem(message, at: place, fix: fix))
        }
    }
}
